package cli

import (
	"fmt"
	"math"

	"weir/internal/plan"
)

// trendValueBytes is what a value of a trend takes in k6 at the worst moment,
// when its slice grows: 34 bytes of the process's memory each, measured on 20
// million values in a metrics.TrendSink of k6 v2.2.0 (2026-11-22). k6 keeps them
// to the end where thresholds or its summary are on.
const trendValueBytes = 34

// warnOfTrends says before a script's load what k6's thresholds and summary
// will take.
func (e *execution) warnOfTrends() {
	if e.test.Kind != plan.Script || e.flags.bounded {
		return
	}
	// An iteration with one put has three: its own duration, the put's, its lateness.
	const values = 3 * 1e6
	fmt.Fprintf(e.process.Stderr, "k6 keeps every value of a trend for thresholds and summary: a million iterations with one put each take about %d MB; --bounded takes none\n",
		int64(values*trendValueBytes/1e6))
}

// endOfScript gives a script's one step what only its end tells.
func (e *execution) endOfScript() {
	s := &e.record.Steps[0]
	offered, _, _ := e.observer.Book().Totals()
	s.End = e.record.LoadEnd
	s.Rate = math.Round(float64(offered) / max(s.End.Sub(s.Start).Seconds(), 1))
	e.note("the script has a load of its own: its rate is the mean of what it offered, and a record is due at the start of the iteration that puts it")
	if kept := e.observer.TrendValues(); kept > 0 && !e.flags.bounded {
		e.note("k6 kept %d values of trends, about %.1f MB, for the script's thresholds and summary: --bounded keeps none", kept, float64(kept*trendValueBytes)/1e6)
	}
}

// printSummary prints k6's summary of a script's own metrics.
func (e *execution) printSummary() {
	if e.summary.Len() == 0 {
		return
	}
	w := e.process.Stdout
	if e.flags.json { // verdict.json is all there is on standard output
		w = e.process.Stderr
	}
	fmt.Fprintf(w, "%s\n", e.summary.Bytes())
}
