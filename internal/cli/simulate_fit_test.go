package cli

import (
	"slices"
	"testing"
)

// A run that is simulated again has the faults that it was ordered, as far as
// they happen in virtual time.
func TestNotedFaults(t *testing.T) {
	var got []string
	for _, f := range notedFaults([]string{
		"the probe's lines were read twice",
		faultNote + "split-shard:0@10s",
		faultNote + "late-points=0s..20s@0s",
		faultNote + "something=new@0s",
		faultNote + "drop-answer:PutRecords=0.3@5s+10s",
		"fault split-shard:0@10s struck 1 times",
	}) {
		got = append(got, f.String())
	}
	if want := []string{"split-shard:0@10s", "drop-answer:PutRecords=0.3@5s+10s"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
