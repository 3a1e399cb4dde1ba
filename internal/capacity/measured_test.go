package capacity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/metrics"
	"weir/internal/record"
)

func TestMeasure(t *testing.T) {
	at := func(second int64) time.Time { return time.Unix(second, 0) }
	point := func(second int64, delivered, invocations, average float64) record.Point {
		return record.Point{T: second, V: map[string]float64{
			metrics.Invoked: delivered, metrics.Invocations: invocations, metrics.DurationAvg: average,
			metrics.IncomingRecords: delivered, metrics.IncomingBytes: delivered * 507,
		}}
	}
	d := &record.Data{
		Run: record.Run{Steps: []record.Step{
			{Rate: 100, Start: at(10), End: at(12)}, {Rate: 1000, Start: at(12), End: at(14)}, {Rate: 2000, Start: at(14), End: at(16)},
		}},
		Series: []record.Point{
			point(9, 1000, 1, 900), // before the load
			point(10, 90, 4, 5), point(11, 110, 6, 10),
			point(12, 2000, 20, 12),
			{T: 14, V: map[string]float64{metrics.IncomingRecords: 4000, metrics.IncomingBytes: 4000}}, // nothing of the function
		},
	}
	want := []Measured{
		// 200 records ÷ 10 invocations; (4 × 5 + 6 × 10) ÷ 10 = 8 ms
		{Rate: 100, RecordsPerInvocation: 20, BilledMillis: 8, RecordBytes: 507},
		{Rate: 1000, RecordsPerInvocation: 100, BilledMillis: 12, RecordBytes: 507},
	}
	got := Measure(d)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// 300 is 3 × 100 and 1000 ÷ 3.3; 330 is nearer to 1000 by ratio
	for rate, nearest := range map[float64]float64{1: 100, 300: 100, 330: 1000, 9000: 1000} {
		if m := Nearest(got, rate); m.Rate != nearest {
			t.Errorf("%v/s: measured at %v, want %v", rate, m.Rate, nearest)
		}
	}
}
