package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"weir/internal/capacity"
	"weir/internal/judge"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/report"
	"weir/internal/stats"
)

// searchFlags are the flags of a search for the knee.
type searchFlags struct {
	from, most, require float64
	resume              string
}

func (f *searchFlags) register(s *pflag.FlagSet) {
	s.Float64Var(&f.from, "from", 0, "stress: the first rate; default 45 % of what the configuration predicts")
	s.Float64Var(&f.most, "most", 0, "stress: no rate above this is tried; default four times the prediction")
	s.Float64Var(&f.require, "require-rate", 0, "stress: fail where this rate is not sustained")
	s.StringVar(&f.resume, "resume", "", "stress: go on with the search in this directory; it is made where there is none")
	refuseZero(s, "from", "most", "require-rate")
}

// startShare of the predicted knee is the first rate: doubled it still holds
// where the prediction is right, and no trial falls on the prediction itself.
const startShare = 0.45

// bracketRatio of a finished search: its ends lie ±5 % about their middle.
const bracketRatio = 1.1

// search looks for the knee by runs of one step, and keeps its own directory.
type search struct {
	process *Process
	flags   *loadFlags
	asked   *searchFlags
	dir     string
	state   *record.Search
	// simulated trials are carried out in virtual time.
	simulated bool
	// trial is one run at a rate; nil: it was interrupted and does not count.
	trial func(ctx context.Context, rate float64) (*trial, error)
}

// trial is a run of a search and the verdict on it.
type trial struct {
	run     record.Run
	verdict judge.Verdict
}

// begin opens the search's directory and takes up what is there of it.
func (s *search) begin(test plan.Test, config capacity.Config) error {
	now := time.Now()
	if s.dir = s.asked.resume; s.dir == "" {
		var err error
		name := test.Name
		if s.simulated {
			name += "-simulated"
		}
		if s.dir, err = record.MakeDir(s.flags.runs, name, now); err != nil {
			return usage(fmt.Errorf("create the search's directory: %w", err), "--runs names a folder that can be written to")
		}
	}
	s.state = &record.Search{
		Format: record.Format, ID: filepath.Base(s.dir), Test: test, Status: record.Running, Started: now, Simulated: s.simulated,
		Capacity: test.Capacity, Step: test.Steps[0].Duration, TimeScale: s.flags.rehearsal(),
	}
	for _, l := range capacity.Limits(config) {
		s.state.Predicted = append(s.state.Predicted, record.PredictedLimit{Resource: string(l.Resource), Rate: l.Rate, Why: l.Why})
	}
	found, err := record.ReadSearch(s.dir)
	switch {
	case err == nil:
		return s.takeUp(found)
	case !errors.Is(err, fs.ErrNotExist):
		return usage(err, "--resume with another directory begins anew")
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return fmt.Errorf("create the search's directory: %w", err)
	}
	if test.Keys.Pool > 0 {
		s.state.Spread = capacity.SpreadKnee(config, s.state.Step)
	}
	s.state.Search = s.asked.bounds(config)
	return s.save()
}

// takeUp goes on with a search that was begun, where it is this one: trials of
// another test or pipeline would bracket nothing. Of its bounds the user may ask
// for others.
func (s *search) takeUp(found *record.Search) error {
	for _, is := range []struct {
		same bool
		not  string
	}{
		{reflect.DeepEqual(found.Test, s.state.Test), "another test"},
		{found.Simulated == s.state.Simulated, map[bool]string{true: "simulated trials", false: "live trials"}[found.Simulated]},
		{found.TimeScale == s.state.TimeScale, "another time scale"},
		{reflect.DeepEqual(found.Predicted, s.state.Predicted), "another pipeline"},
	} {
		if !is.same {
			return usage(fmt.Errorf("the search in %s is of %s", s.dir, is.not), "give the flags that it was begun with, or another directory")
		}
	}
	s.state = found
	s.state.Status, s.state.Reason = record.Running, ""
	s.state.Search.From, s.state.Search.Most = first(s.asked.from, found.Search.From), first(s.asked.most, found.Search.Most)
	return nil
}

// bounds are between which rates the knee is sought.
func (f *searchFlags) bounds(config capacity.Config) stats.KneeSearch {
	predicted := capacity.Limits(config)[0].Rate
	k := stats.KneeSearch{From: f.from, Least: 1, Most: f.most, Factor: 2, Ratio: bracketRatio}
	if f.from <= 0 {
		k.From = max(1, float64(int(startShare*predicted)))
	}
	if f.most <= 0 {
		k.Most = max(4*predicted, k.From)
	}
	return k
}

func (s *search) save() error { return record.WriteSearch(s.dir, s.state) }

// run tries rates until the bracket is narrow enough, and reports.
func (s *search) run(ctx context.Context) error {
	fmt.Fprintf(s.process.Stderr, "looking for the knee of %s; predicted: %s at %.0f records/s (%s)\n",
		s.state.Test.Payload, s.state.Predicted[0].Resource, s.state.Predicted[0].Rate, s.state.Predicted[0].Why)
	for {
		rate, done := s.state.Search.Next(s.state.Tried())
		if done {
			break
		}
		if err := s.try(ctx, rate); err != nil {
			return err
		}
		if ctx.Err() != nil {
			s.state.Status, s.state.Reason = record.Interrupted, "interrupted by the user"
			if err := s.save(); err != nil {
				return err
			}
			fmt.Fprintf(s.process.Stderr, "interrupted; --resume %s goes on\n", s.dir)
			return exitError(ExitInterrupted)
		}
	}
	s.state.Status, s.state.Ended = record.Complete, time.Now()
	s.state.Bracket = s.state.Search.Bracket(s.state.Tried())
	s.conclude()
	if err := s.save(); err != nil {
		return err
	}
	return s.tell()
}

// try is one trial. A run that could not be carried out ends the search with
// its error; what was tried before is kept.
func (s *search) try(ctx context.Context, rate float64) error {
	number := len(s.state.Trials) + 1
	fmt.Fprintf(s.process.Stderr, "trial %d: %g records/s for %v\n", number, rate, s.state.Step)
	trial, err := s.trial(ctx, rate)
	if err != nil || trial == nil {
		return err
	}
	if err := s.samePipeline(trial.run); err != nil {
		return err
	}
	step, knee := trial.verdict.Steps[0], trial.verdict.Knee
	s.state.Trials = append(s.state.Trials, record.Trial{
		Trial: stats.Trial{Rate: rate, Sustained: step.Sustained}, Run: trial.verdict.Run, Reason: step.Reason,
		Resource: string(knee.Resource), GaveOut: knee.GaveOut,
	})
	fmt.Fprintf(s.process.Stderr, "trial %d: %g records/s %s\n", number, rate, sustainedWord(step))
	return s.save()
}

// samePipeline refuses a trial on a pipeline that is not that of the trials
// before. The shards of an on-demand stream are AWS's to change.
func (s *search) samePipeline(run record.Run) error {
	found := judge.Configuration(&record.Data{Run: run})
	if s.state.Pipeline == nil {
		s.state.Pipeline = found
	}
	was := maps.Clone(s.state.Pipeline)
	if found["stream mode"] == "ON_DEMAND" {
		was["shards"] = found["shards"]
	}
	if changed := judge.Differing(was, found); len(changed) > 0 {
		return usage(fmt.Errorf("the pipeline is not that of the trials before: %s", strings.Join(changed, "; ")), "--resume with another directory begins anew")
	}
	return nil
}

func sustainedWord(s judge.Step) string {
	switch {
	case s.Sustained == nil:
		return "could not be judged: " + s.Reason
	case *s.Sustained:
		return "sustained"
	}
	return "not sustained: " + s.Reason
}

// conclude names what gave out at the bracket's upper end.
func (s *search) conclude() {
	for _, t := range s.state.Trials {
		if t.Rate == s.state.Bracket.High && t.Sustained != nil && !*t.Sustained {
			s.state.Resource, s.state.GaveOut = t.Resource, t.GaveOut
		}
	}
}

// tell writes the search's documents and prints what was found. Its error is
// the exit code.
func (s *search) tell() error {
	outcome, reason := searchOutcome(s.state, s.asked.require)
	s.state.Reason = reason
	doc := report.SearchDocument(s.state, outcome, time.Now())
	if err := writeDocument(s.dir, "report", doc); err != nil {
		return err
	}
	if s.flags.json {
		if err := writeJSON(s.process.Stdout, s.state); err != nil {
			return err
		}
	} else {
		found := report.KneeSentence(s.state)
		if s.simulated {
			found += "\n" + report.SimulatedSearch
		}
		fmt.Fprintf(s.process.Stdout, "%s  %s: %s\n%s\nreport: %s\n", outcome, s.state.Test.Name, reason, found, filepath.Join(s.dir, "report.html"))
	}
	switch outcome {
	case judge.Fail:
		return exitError(ExitFail)
	case judge.Unknown:
		return exitError(ExitUnknown)
	}
	return nil
}

// searchOutcome is the verdict on a finished search: pass where a knee was
// bracketed, and above the rate that was required.
func searchOutcome(s *record.Search, require float64) (judge.Outcome, string) {
	b := s.Bracket
	switch {
	case require > 0 && b.Low >= require:
		return judge.Pass, fmt.Sprintf("%g records/s are sustained, %g were required", b.Low, require)
	case require > 0 && b.High > 0:
		return judge.Fail, fmt.Sprintf("%g records/s were required; %g are sustained, and %g are not", require, b.Low, b.High)
	case b.Low > 0 && b.High > 0:
		return judge.Pass, "the knee was bracketed"
	case b.High > 0:
		return judge.Fail, "no rate is sustained"
	case b.Unjudged > 0:
		return judge.Unknown, "the generator gave out before the pipeline did"
	}
	return judge.Unknown, "no rate broke the pipeline, up to the highest that was tried: --most tries higher ones"
}
