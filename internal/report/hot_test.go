package report

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/record"
)

// Seconds of the same shard and key are one row; a gap or another name begins
// the next.
func TestHotRows(t *testing.T) {
	point := func(at int64, shard, key string, share, throttled float64) record.Point {
		p := record.Point{
			T: at, N: map[string]string{metrics.HotShard: shard},
			V: map[string]float64{metrics.HotShardShare: share, metrics.HotShardThrottled: throttled},
		}
		if key != "" {
			p.N[metrics.HotKey], p.V[metrics.HotKeyShare] = key, share/2
		}
		return p
	}
	d := &record.Data{Series: []record.Point{
		point(100, "a", "k", 60, 10), point(101, "a", "k", 70, 1500), point(102, "a", "j", 60, 0),
		{T: 103},
		point(104, "a", "j", 60, 0), point(105, "b", "", 40, 0),
	}}
	v := judge.Verdict{Steps: []judge.Step{{HotShard: &judge.HotShard{Shard: "a"}}}}
	rows, more := hotRows(d, v)
	want := []hotRow{
		{"00:01:40–00:01:42", "a", "65 %", "1 510", "k", "32 %"}, // 30 and 35: 32.5, to even
		{"00:01:42–00:01:43", "a", "60 %", "0", "j", "30 %"},
		{"00:01:44–00:01:45", "a", "60 %", "0", "j", "30 %"},
		{"00:01:45–00:01:46", "b", "40 %", "0", "–", "–"},
	}
	if diff := cmp.Diff(want, rows); diff != "" || more != 0 {
		t.Errorf("%d more (-want +got):\n%s", more, diff)
	}
	if rows, _ := hotRows(d, judge.Verdict{Steps: []judge.Step{{}}}); rows != nil {
		t.Errorf("rows of a run without a hot shard: %v", rows)
	}
}
