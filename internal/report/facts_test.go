package report

import (
	"testing"

	"weir/internal/record"
)

// Ten records: one of 50 bytes, six of 100, three of 900. By nearest rank the
// median is the fifth (100), p75 the eighth (900).
func TestSizesLine(t *testing.T) {
	sizes := []record.Size{{Bytes: 50, Records: 1}, {Bytes: 100, Records: 6}, {Bytes: 900, Records: 3}}
	want := "record bytes min 50, p25 100, median 100, p75 900, p99 900, max 900"
	if got := sizesLine(sizes); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := sizesLine(sizes[:1]); got != "50 bytes each" {
		t.Errorf("one size: %q", got)
	}
	if got := sizesLine(nil); got != "" {
		t.Errorf("no size: %q", got)
	}
}
