package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"weir/internal/values"
)

// The table fits a terminal of 100 columns: long names and sources go on below,
// notes stand under their metric, and no word is lost.
func TestMetricsFitATerminal(t *testing.T) {
	all := values.Of(realisticRun())
	var b bytes.Buffer
	if err := Metrics(&b, all); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 100 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	said := strings.Fields(b.String())
	for _, row := range metricRows(all) {
		for word := range strings.FieldsSeq(strings.Join(row, " ")) {
			if !strings.Contains(strings.Join(said, " "), word) {
				t.Errorf("%s: %q is missing", row[0], word)
			}
		}
	}
}
