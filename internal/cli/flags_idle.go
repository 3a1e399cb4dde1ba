package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"weir/internal/plan"
)

// refuseIdle refuses flags of a group that the user gave and that would change
// nothing: who gives --require-rate and reads "pass" takes it for met. Those
// named in but are of use all the same.
func refuseIdle(given *pflag.FlagSet, group func(*pflag.FlagSet), why, hint string, but ...string) error {
	var names []string
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	group(all)
	all.VisitAll(func(f *pflag.Flag) {
		if given.Changed(f.Name) && !slices.Contains(but, f.Name) {
			names = append(names, "--"+f.Name)
		}
	})
	if len(names) == 0 {
		return nil
	}
	return usage(fmt.Errorf("%s would change nothing: %s", strings.Join(names, ", "), why), hint)
}

// idleOn refuses flags that say nothing to a target.
func idleOn(target string, given *pflag.FlagSet) error {
	if target == "aws" {
		return refuseIdle(given, new(embeddedFlags).register, "a pipeline on AWS is tested as it is found",
			"leave out what shapes the embedded pipeline", onAWSToo...)
	}
	for _, idle := range []struct{ flag, why string }{
		{"region", "the embedded pipeline is on this machine"}, {"budget", "the embedded pipeline costs nothing"},
	} {
		if given.Changed(idle.flag) {
			return usage(fmt.Errorf("--%s would change nothing: %s", idle.flag, idle.why), "add --target aws for an account")
		}
	}
	return nil
}

// onAWSToo are the flags of the embedded pipeline that say something of the load
// or name what is there.
var onAWSToo = []string{"function", "batch", "seed"}

// idleFor refuses flags that say nothing to a test.
func idleFor(test plan.Test, l *loadFlags, given *pflag.FlagSet) error {
	if !seeks(test, l) {
		err := refuseIdle(given, new(searchFlags).register, "this is no search for the knee", "the test stress, without --rate and --shape, is one: weir run stress")
		if err != nil {
			return err
		}
	}
	if test.Kind != plan.Script {
		return nil
	}
	return refuseIdle(given, func(s *pflag.FlagSet) { new(loadFlags).register(s, "", 0) }, "a script has a load of its own",
		"say it in the script", "retry", "encoding", "runs", "out", "tag", "judge", "json", "plain", "ui", "drain")
}
