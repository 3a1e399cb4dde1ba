package cli

import (
	"fmt"

	"github.com/spf13/pflag"

	"weir/internal/plan"
)

// registerSLO adds the flag that sets targets.
func registerSLO(s *pflag.FlagSet, settings *[]string) {
	s.StringSliceVar(settings, "slo", nil, "targets in place of weir's own: iterator_age=5s, lambda_duration=80% (of the timeout),\nlambda_errors=1%, throttles=100, throughput_match=1%, record_latency=5s (a list, or repeated)")
}

// withSLO is what --slo makes of targets, and of weir's own where there are none.
func withSLO(t plan.Targets, settings []string) (plan.Targets, error) {
	if t == (plan.Targets{}) && len(settings) > 0 {
		t = plan.DefaultTargets
	}
	t, err := t.With(settings)
	if err != nil {
		return t, usage(fmt.Errorf("--slo: %w", err), "")
	}
	return t, nil
}
