package campaign

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/plan"
)

// MinScaledStep is the shortest step that a time scale makes: shorter ones
// leave no judged window that shows whether a backlog grows.
const MinScaledStep = 8 * time.Second

// Unit is a piece of a campaign that is carried out whole: one step of a
// baseline test, or another test or shape. A campaign that was cut short begins the unit
// it stopped in anew and repeats none that was finished.
type Unit struct {
	ID     string // stable: w1/baseline-500b@2000#1
	Week   int
	Entry  string  // the plan's id of the test
	Test   string  // of the catalogue
	Rate   float64 // of a baseline's step; 0: the test's own
	Repeat int     // from 1
	// Load is how long records are put. A search for the knee ends when it has
	// found it: Load is then one trial's.
	Load time.Duration
	Args []string // of weir run
}

// Options narrow a campaign down.
type Options struct {
	Week      int      // 0: all
	Only      []string // ids of tests; none: all
	Repeat    int      // 0: as the plan says
	TimeScale float64  // of the steps' lengths, in (0, 1]; 0 is 1
}

// Scaled is a step's length under a time scale: never below MinScaledStep, and
// never longer than it was. A scale of 0 is 1.
func Scaled(length time.Duration, scale float64) time.Duration {
	if scale <= 0 || scale >= 1 {
		return length
	}
	return min(length, max(MinScaledStep, time.Duration(scale*float64(length)).Round(time.Second)))
}

func (o Options) scaled(length time.Duration) time.Duration { return Scaled(length, o.TimeScale) }

// Rehearsal reports that the steps are shorter than the plan's, so that
// nothing it says is a result.
func (o Options) Rehearsal() bool { return o.TimeScale > 0 && o.TimeScale < 1 }

// Units are the plan's pieces in the order they run, at least one. A week or an
// id of Only that the plan does not have is an error.
func (f File) Units(o Options) ([]Unit, error) {
	var units []Unit
	found := map[string]bool{}
	for _, w := range f.Weeks {
		for _, t := range w.Tests {
			found[t.id()] = true
			if o.Week != 0 && w.Week != o.Week || len(o.Only) > 0 && !slices.Contains(o.Only, t.id()) {
				continue
			}
			repeat := max(t.Repeat, 1)
			if o.Repeat > 0 {
				repeat = o.Repeat
			}
			for n := range repeat {
				units = append(units, f.unitsOf(w.Week, t, n+1, o)...)
			}
		}
	}
	for _, id := range o.Only {
		if !found[id] {
			return nil, fmt.Errorf("the plan has no test %q", id)
		}
	}
	switch {
	case len(units) > 0:
		return units, nil
	case !slices.ContainsFunc(f.Weeks, func(w Week) bool { return w.Week == o.Week }):
		return nil, fmt.Errorf("the plan has no week %d", o.Week)
	}
	return nil, fmt.Errorf("week %d has no test %s", o.Week, strings.Join(o.Only, ", "))
}

func (f File) unitsOf(week int, t Test, repeat int, o Options) []Unit {
	known, err := plan.Named(t.Test)
	if err != nil {
		return nil // Parse has refused it
	}
	unit := Unit{
		ID: fmt.Sprintf("w%d/%s#%d", week, t.id(), repeat), Week: week, Entry: t.id(), Test: t.Test, Repeat: repeat,
		Args: f.args(t, o),
	}
	if t.Shape != "" {
		unit.Load = time.Duration(1+strings.Count(t.Shape, ",")) * o.scaled(f.step(t)) // a list makes steps
		unit.Args = append(unit.Args, "--step", f.step(t).String())
		return []Unit{unit}
	}
	if known.Kind != plan.Baseline {
		for _, s := range known.Steps {
			unit.Load += o.scaled(s.Duration)
		}
		return []Unit{unit}
	}
	rates := t.Rates
	if len(rates) == 0 {
		for _, s := range known.Steps {
			rates = append(rates, s.Rate)
		}
	}
	var units []Unit
	for _, rate := range rates {
		step := unit
		text := strconv.FormatFloat(rate, 'f', -1, 64)
		step.ID = fmt.Sprintf("w%d/%s@%s#%d", week, t.id(), text, repeat)
		step.Rate, step.Load = rate, o.scaled(f.step(t))
		step.Args = append(slices.Clone(unit.Args), "--rate", text, "--step", f.step(t).String())
		units = append(units, step)
	}
	return units
}

// step is the length of a baseline's step.
func (f File) step(t Test) time.Duration {
	switch {
	case t.Step > 0:
		return time.Duration(t.Step)
	case f.Target == "aws":
		return plan.AWSStep
	}
	return plan.EmbeddedStep
}

// args are what weir run is to be given for a test.
func (f File) args(t Test, o Options) []string {
	args := []string{t.Test, "--target", f.Target}
	text := func(flag, value string) {
		if value != "" {
			args = append(args, "--"+flag, value)
		}
	}
	text("payload", t.Payload)
	text("keys", t.Keys)
	text("shape", t.Shape)
	if t.Judge == "capacity" {
		text("judge", t.Judge)
	} else {
		text("slo", strings.Join(slices.Concat(f.SLO, t.SLO), ","))
	}
	if f.Target == "aws" {
		text("stream", f.Stream)
		text("region", f.Region)
	} else {
		p := f.Pipeline.With(t.Pipeline)
		args = append(args, p.args()...)
	}
	text("function", f.Function)
	if o.Rehearsal() {
		text("time-scale", strconv.FormatFloat(o.TimeScale, 'g', -1, 64))
	}
	return args
}

// With is p with what other gives in its place.
func (p Pipeline) With(other *Pipeline) Pipeline {
	if other == nil {
		return p
	}
	p.Shards = first(other.Shards, p.Shards)
	p.BatchSize = first(other.BatchSize, p.BatchSize)
	p.Parallelization = first(other.Parallelization, p.Parallelization)
	p.Window = first(other.Window, p.Window)
	p.Timeout = first(other.Timeout, p.Timeout)
	p.Concurrency = first(other.Concurrency, p.Concurrency)
	p.Work = first(other.Work, p.Work)
	p.WorkPerRecord = first(other.WorkPerRecord, p.WorkPerRecord)
	p.ErrorRate = first(other.ErrorRate, p.ErrorRate)
	return p
}

func first[T comparable](a, b T) T {
	var none T
	if a != none {
		return a
	}
	return b
}

// args are p as flags of weir run.
func (p Pipeline) args() []string {
	var args []string
	for _, flag := range []struct {
		name  string
		value any
	}{
		{"shards", p.Shards},
		{"batch-size", p.BatchSize},
		{"parallelization-factor", p.Parallelization},
		{"batching-window", p.Window},
		{"timeout", p.Timeout},
		{"reserved-concurrency", p.Concurrency},
		{"work", p.Work},
		{"work-per-record", p.WorkPerRecord},
		{"error-rate", p.ErrorRate},
	} {
		if !reflect.ValueOf(flag.value).IsZero() {
			args = append(args, "--"+flag.name, fmt.Sprint(flag.value))
		}
	}
	return args
}
