package cli

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"weir/internal/judge"
)

// Each unit of a plan gets the flags as the user gave them, those that may be
// repeated one by one.
func TestGivenFlags(t *testing.T) {
	var e embeddedFlags
	cmd := &cobra.Command{}
	var f searchFlags
	e.register(cmd.Flags())
	f.register(cmd.Flags())
	cmd.Flags().String("plan", "", "")
	if err := cmd.ParseFlags([]string{"--plan", "p.yaml", "--shards=2", "--most=3000", "--fault", "stall=3s@10s", "--fault", "throttle=0.3@1s+2s"}); err != nil {
		t.Fatal(err)
	}
	want := []string{"--fault=stall=3s@10s", "--fault=throttle=0.3@1s+2s", "--shards=2"}
	if diff := cmp.Diff(want, given(cmd.Flags(), false)); diff != "" {
		t.Error(diff)
	}
	want = []string{"--fault=stall=3s@10s", "--fault=throttle=0.3@1s+2s", "--most=3000", "--shards=2"}
	if diff := cmp.Diff(want, given(cmd.Flags(), true)); diff != "" {
		t.Errorf("a search: %s", diff)
	}
}

func TestWorstP99(t *testing.T) {
	steps := []judge.Step{{E2E: &judge.Latency{P99: 850}}, {}, {E2E: &judge.Latency{P99: 1200}}}
	if got := worstP99(steps); got != "1 200 ms" {
		t.Errorf("%q", got)
	}
	if got := worstP99(steps[1:2]); got != "–" {
		t.Errorf("nothing was seen processed, and it says %q", got)
	}
}
