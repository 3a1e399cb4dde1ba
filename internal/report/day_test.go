package report

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/metrics"
	"weir/internal/record"
)

// dayRun is a day at 100 records a second with a point of every series of the
// pictures in each of its 86 400 seconds, and one stall at noon.
func dayRun() *record.Data {
	const seconds = 86400
	d := emptyRun()
	d.Run.Test.Name = "endurance"
	addStep(d, 100, seconds, ledger.Account{Offered: 100 * seconds, Accepted: 100 * seconds, Processed: 100 * seconds, Attempted: 100 * seconds}, 600*time.Millisecond)
	d.Ledger.Closed, d.Ledger.Reordered = true, new(int64(0))
	for s := range int64(seconds) {
		wave := 1 + 0.3*math.Sin(float64(s)/3000) + 0.1*math.Sin(float64(s))
		latency := 700 * wave
		if s == seconds/2 {
			latency = 1900
		}
		d.Series = append(d.Series, record.Point{T: loadStart.Unix() + s, V: map[string]float64{
			metrics.Offered: 100, metrics.Accepted: 100, metrics.Rejected: 0, metrics.NotSent: 0, metrics.IncomingRecords: 100, metrics.GetRecordsCount: 100,
			metrics.IncomingBytes: 50700, metrics.IteratorAge: 40 * wave, metrics.LambdaAgeMax: 600 * wave, metrics.WriteThrottled: 0, metrics.ReadThrottled: 0,
			metrics.Invocations: math.Round(5 * wave), metrics.Errors: 0, metrics.Throttles: 0, metrics.DurationMax: 40 * wave, metrics.DurationAvg: 20 * wave,
			metrics.Polled: 100, metrics.BatchMean: 20 / wave, metrics.Backlog: math.Round(50 * wave),
			metrics.E2EP50: latency / 2, metrics.E2EP95: latency * 0.9, metrics.E2EP99: latency, metrics.E2EMax: latency * 1.1,
		}})
	}
	return d
}

// A day's report stays a file that can be sent, and hides no peak.
// `go test -run TestReportOfADay -artifacts` keeps it.
func TestReportOfADay(t *testing.T) {
	d := dayRun()
	text := render(t, "report.html", d)
	if most := 2 << 20; len(text) > most {
		t.Errorf("%d bytes, want %d at most", len(text), most)
	}
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), "day.html"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var noon float64
	for _, s := range samplesOf(d, metrics.E2EP99, origin(d), 1, peak) {
		if s.at <= 43200 {
			noon = s.v // of the stretch that noon lies in
		}
	}
	if noon != 1900 {
		t.Errorf("the stall at noon shows as %g ms, want 1900", noon)
	}
}

func BenchmarkReportOfADay(b *testing.B) {
	d := dayRun()
	v := judge.Judge(d, judge.Options{})
	runtime.GC()
	for b.Loop() {
		if err := HTML(io.Discard, d, v); err != nil {
			b.Fatal(err)
		}
	}
}
