package cli

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"

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

// noteException says what the first iteration threw, for a script's author who
// does not look into k6.log.
func (e *execution) noteException() {
	if e.record.K6Exceptions == 0 {
		return
	}
	log, err := os.ReadFile(e.writer.Path("k6.log"))
	if err != nil {
		return // it is k6's own words, and the exceptions are counted
	}
	if text := firstException(string(log)); text != "" {
		e.note("the first exception: %s; see k6.log", clip(text, 300))
	}
}

// logMessage is the message of a line of k6's log, in quotes.
var logMessage = regexp.MustCompile(` msg=("(?:[^"\\]|\\.)*")`)

// firstException is the message of the first exception in k6's log, on one line;
// empty where there is none. k6 logs each with its executor and scenario (k6
// v2.2.0, lib/executor/helpers.go).
func firstException(log string) string {
	for line := range strings.Lines(log) {
		found := logMessage.FindStringSubmatch(line)
		if found == nil || !strings.Contains(line, " level=error ") || !strings.Contains(line, " executor=") || !strings.Contains(line, " scenario=") {
			continue
		}
		if text, err := strconv.Unquote(found[1]); err == nil {
			return strings.Join(strings.Fields(text), " ")
		}
	}
	return ""
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
