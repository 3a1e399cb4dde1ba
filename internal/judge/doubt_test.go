package judge

import (
	"strings"
	"testing"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// oneStepWithoutAge makes one step of the healthy run's two, with no age from
// its eighth second on.
func oneStepWithoutAge(d *record.Data) {
	d.Run.Steps = d.Run.Steps[:1]
	d.Run.Steps[0].End = time.Unix(t0+20, 0)
	without(d, metrics.IteratorAge, t0+7)
}

// Points that are missing or count twice never turn a verdict round: where a
// second source contradicts them it is unknown, where none does it stays. Of the
// healthy run CloudWatch counts 120 invocations (10 s × 4 + 10 s × 8), the
// longest 40 ms.
func TestDoubt(t *testing.T) {
	reports := func(d *record.Data, lines, failed int64, longest time.Duration) {
		h := times(30*time.Millisecond, lines-1)
		h.Record(longest)
		d.Run.Reports = &record.Reports{Lines: lines, Failed: failed, Duration: h}
	}
	for _, tt := range []struct {
		name   string
		change func(*record.Data)
		id     string
		want   Outcome
		reason string
	}{
		{
			"lines that agree", func(d *record.Data) { reports(d, 120, 0, 40*time.Millisecond) },
			LambdaErrors, Pass, "0 of 120",
		},
		{
			"half the points of Invocations are missing, no error", func(d *record.Data) { reports(d, 240, 0, 40*time.Millisecond) },
			LambdaErrors, Pass, "0 of 120", // 0 of 240 as well
		},
		{
			// 1 of 80 in the second step is 1.25 %; of the run's 120 it is 0.83 %, of
			// 100 000 lines 0.001 %: below 0.1 %.
			"an error, and nearly all invocations missing", func(d *record.Data) {
				set(d, t0+13, metrics.Errors, 1)
				reports(d, 100_000, 1, 40*time.Millisecond)
			},
			LambdaErrors, Unknown, "the REPORT lines 100 000 and 1",
		},
		{
			"failures that no point counts", func(d *record.Data) { reports(d, 120, 3, 40*time.Millisecond) },
			LambdaErrors, Unknown, "CloudWatch counted 120 invocations and 0 errors in the run, the REPORT lines 120 and 3",
		},
		{
			// The function returned these errors itself: the lines have no status.
			"errors that no line tells of", func(d *record.Data) {
				set(d, t0+13, metrics.Errors, 3)
				reports(d, 120, 0, 40*time.Millisecond)
			},
			LambdaErrors, Fail, "3 of 120",
		},
		{
			"lines that were not all read say nothing", func(d *record.Data) {
				reports(d, 100, 3, 2*time.Second)
				d.Run.Reports.CutShort = "the first 100 lines only"
			},
			LambdaErrors, Pass, "0 of 120",
		},
		{
			"a longer invocation in the log, and too long", func(d *record.Data) { reports(d, 120, 0, 1600*time.Millisecond) },
			LambdaDuration, Unknown, "but a REPORT line tells of 1 60",
		},
		{
			"a longer invocation in the log, in time all the same", func(d *record.Data) { reports(d, 120, 0, 900*time.Millisecond) },
			LambdaDuration, Pass, "longest invocation 40 ms",
		},
		{
			"polled fewer than were processed", func(d *record.Data) { without(d, metrics.Polled, t0+15) },
			ThroughputMatch, Unknown, "but the ledger saw 3 000 records delivered: points of PolledEventCount are missing",
		},
		{
			// 2 000 were polled of 3 000, and 1 900 seen delivered.
			"polled more than were seen processed, with log lines missing", func(d *record.Data) {
				without(d, metrics.Polled, t0+15)
				d.Ledger.Processed, d.Ledger.Unexplained = 1900, 1100
			},
			ThroughputMatch, Unknown, "but the ledger saw 1 900 records delivered and can't explain 1 100",
		},
		{
			// The account is whole: 1 000 records lie where nobody read them.
			"polled as many as were processed", func(d *record.Data) {
				without(d, metrics.Polled, t0+15)
				d.Ledger.Processed, d.Ledger.InFlight = 2000, 1000
			},
			ThroughputMatch, Fail, "polled 2 000 of 3 000",
		},
		{
			"points of what came in are missing", func(d *record.Data) { without(d, metrics.IncomingRecords, t0+15) },
			ThroughputMatch, Unknown, "points of IncomingRecords may be missing",
		},
		{
			// Allowed are 5 s and the timeout of 3 s; from second 1012 to 1019 no point.
			"no age for the rest of a step", func(d *record.Data) {
				for _, p := range d.Series {
					if p.T >= t0+12 && p.T < t0+20 {
						delete(p.V, metrics.IteratorAge)
					}
				}
			},
			IteratorAge, Pass, "at most 0 ms",
		},
		{
			// Its last point is of second 1006; the drain ends with 1022.
			"no age for the rest of a run", oneStepWithoutAge,
			IteratorAge, Unknown, "no point of it for 16 s from 00:16:47 on",
		},
		{
			"an age over the limit fails, whatever is missing", func(d *record.Data) {
				oneStepWithoutAge(d)
				set(d, t0+6, metrics.IteratorAge, 1500)
			},
			IteratorAge, Fail, "at most 1 500 ms",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := healthy()
			tt.change(d)
			got := find(t, Judge(d, Options{}), tt.id)
			if got.Verdict != tt.want || !strings.Contains(got.Reason, tt.reason) {
				t.Errorf("%s, %s; want %s, …%s", got.Verdict, got.Reason, tt.want, tt.reason)
			}
		})
	}
}
