package cli

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"weir/internal/observe"
	"weir/internal/record"
)

// view shows a run while it is under way. Its methods are called by the run's
// owner, and read the run only then.
type view interface {
	update(now time.Time, live observe.Live)
	draining()
	say(text string)
	close()
}

func newView(p *Process, plain bool, run *record.Run) view {
	if p.Terminal && !plain {
		return newScreen(p, run)
	}
	v := &lines{w: p.Stderr, run: run, every: 2 * time.Second}
	for _, l := range opening(run) {
		fmt.Fprintln(p.Stderr, l)
	}
	return v
}

// opening says what is about to run, and on what.
func opening(run *record.Run) []string {
	p := run.Pipeline
	where := fmt.Sprintf("the embedded pipeline, profile %s: its timing is a model", p.Profile)
	if p.Kind != "embedded" {
		where = "AWS, region " + p.Region
	}
	load := "the script's own load"
	if steps := run.Test.Steps; len(steps) > 0 {
		load = fmt.Sprintf("%s at %s records/s, %v each", run.Test.Payload, joinedRates(steps, " → "), steps[0].Duration)
	}
	road := fmt.Sprintf("stream of %d shards", p.Shards)
	if p.Function != "" {
		road += fmt.Sprintf(" → batches of %d → function with timeout %v", p.BatchSize, p.FunctionTimeout)
	}
	return []string{
		fmt.Sprintf("%s on %s", run.Test.Name, where),
		road + "; " + load,
	}
}

// lines is the view where no terminal draws: one line every so often.
type lines struct {
	w      io.Writer
	run    *record.Run
	every  time.Duration
	last   time.Time
	drains bool
}

func (v *lines) update(now time.Time, live observe.Live) {
	if now.Sub(v.last) < v.every {
		return
	}
	v.last = now
	fmt.Fprintln(v.w, strings.Join(append([]string{position(v.run, now, v.drains)}, figures(live)...), "  "))
}

func (v *lines) draining()       { v.drains = true }
func (v *lines) say(text string) { fmt.Fprintln(v.w, text) }
func (v *lines) close()          {}

// position says where in the test the moment is.
func position(run *record.Run, now time.Time, draining bool) string {
	if draining {
		return "draining"
	}
	if run.LoadStart.IsZero() {
		return "starting"
	}
	if now.Before(run.LoadStart) { // a fleet's common start
		return fmt.Sprintf("the load begins in %v", run.LoadStart.Sub(now).Round(time.Second))
	}
	for i, s := range run.Steps {
		if s.End.IsZero() {
			return fmt.Sprintf("%v", now.Sub(run.LoadStart).Round(time.Second))
		}
		if now.Before(s.End) {
			left := run.Steps[len(run.Steps)-1].End.Sub(now)
			return fmt.Sprintf("step %d/%d: %s records/s, %v of load left", i+1, len(run.Steps), cmp.Or(s.Shape, fmt.Sprintf("%g", s.Rate)), left.Round(time.Second))
		}
	}
	return "load ended"
}

// elapsed is the share of the load's time that has passed, 0 to 1; 0 where it
// is not known.
func elapsed(run *record.Run, now time.Time) float64 {
	if len(run.Steps) == 0 || run.LoadStart.IsZero() {
		return 0
	}
	whole := run.Steps[len(run.Steps)-1].End.Sub(run.LoadStart)
	if whole <= 0 {
		return 0
	}
	return min(max(float64(now.Sub(run.LoadStart))/float64(whole), 0), 1)
}

// figures are the numbers of a moment, each with its name and unit; what is
// not known yet is a dash.
func figures(l observe.Live) []string {
	put, latency, age := "–", "–", "–"
	if l.PutP99 > 0 {
		put = short(l.PutP99)
	}
	if l.HasE2E {
		latency = short(l.E2EP50) + "/" + short(l.E2EP99)
	}
	if l.HasIteratorAge {
		age = fmt.Sprintf("%.0f ms", l.IteratorAge)
	}
	out := []string{
		fmt.Sprintf("offered %.0f/s", l.Offered), fmt.Sprintf("accepted %.0f/s", l.Accepted),
		"put p99 " + put, "e2e p50/p99 " + latency, "iterator age " + age,
		fmt.Sprintf("throttled %d", l.Throttled), fmt.Sprintf("processed %d of %d", l.Processed, l.AcceptedN),
	}
	if l.NotSent > 0 {
		out = append(out, fmt.Sprintf("not sent %d", l.NotSent))
	}
	return out
}

// short is a duration in three digits or so.
func short(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%.0f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
