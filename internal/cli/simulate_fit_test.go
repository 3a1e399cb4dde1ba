package cli

import (
	"slices"
	"testing"
)

// A run that is simulated again has the faults that it was ordered, as far as
// they happen in virtual time.
func TestSimulatedFaults(t *testing.T) {
	var got []string
	for _, f := range simulatedFaults([]string{
		"split-shard:0@10s",
		"late-points=0s..20s@0s",
		"something=new@0s",
		"drop-answer:PutRecords=0.3@5s+10s",
	}) {
		got = append(got, f.String())
	}
	if want := []string{"split-shard:0@10s", "drop-answer:PutRecords=0.3@5s+10s"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
