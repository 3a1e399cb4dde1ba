package capacity

import (
	"math"

	"weir/internal/record"
)

// Measured is what a step of a run showed of the figures that decide a bill.
type Measured struct {
	Rate                 float64 `json:"rate"` // of the step, records a second
	RecordsPerInvocation float64 `json:"records_per_invocation"`
	BilledMillis         float64 `json:"billed_ms"`    // as record.Usage has it
	RecordBytes          float64 `json:"record_bytes"` // data and key, the mean
}

// Measure reads each step's figures from a run's series: records of the
// mapping's InvokedEventCount, invocations weighted by their Duration's average,
// bytes and records as the stream counted them. A step in which one of these is
// missing is left out.
func Measure(d *record.Data) []Measured {
	var all []Measured
	for _, s := range d.Run.Steps {
		if m, ok := measureStep(d.Series, s); ok {
			all = append(all, m)
		}
	}
	return all
}

func measureStep(series []record.Point, s record.Step) (Measured, bool) {
	var during []record.Point
	for _, p := range series {
		if p.T >= s.Start.Unix() && p.T < s.End.Unix() {
			during = append(during, p)
		}
	}
	u := record.UsageOf(during)
	if u.Delivered == 0 || u.Invocations == 0 || u.BilledMillis == 0 || u.Records == 0 {
		return Measured{}, false
	}
	return Measured{
		Rate: s.Rate, RecordsPerInvocation: u.Delivered / u.Invocations,
		BilledMillis: u.BilledMillis, RecordBytes: u.Bytes / u.Records,
	}, true
}

// Nearest is the figures measured at the rate nearest by ratio. There must be
// some.
func Nearest(all []Measured, rate float64) Measured {
	nearest := all[0]
	for _, m := range all[1:] {
		if math.Abs(math.Log(m.Rate/rate)) < math.Abs(math.Log(nearest.Rate/rate)) {
			nearest = m
		}
	}
	return nearest
}
