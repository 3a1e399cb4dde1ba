package judge

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
)

func TestHotShard(t *testing.T) {
	shards := func(put ...int64) map[string]record.ShardLoad {
		loads := map[string]record.ShardLoad{}
		for i, n := range put {
			loads["shardId-00000000000"+string(rune('0'+i))] = record.ShardLoad{Accepted: n}
		}
		return loads
	}
	for _, c := range []struct {
		name   string
		shards map[string]record.ShardLoad
		keys   stats.Frequent
		want   string // empty: none is hot
	}{
		{"even", shards(500, 500, 500, 500), nil, ""},
		{"within chance", shards(12, 8, 7, 5), nil, ""}, // 37.5 %; σ = √(.25·.75/32) = 7.7 %: 1.6 of them
		{"less than a quarter above", shards(620, 460, 460, 460), stats.Frequent{"k": 9}, ""},
		{
			"a key", shards(300, 1300, 200, 200),
			stats.Frequent{"k-00000": 1000, "k-00001": 10},
			"hot shard shardId-000000000001 took 65 % of the records (even: 25 %); hottest key k-00000: 50 % of the records",
		},
		{
			"a shard that nothing was put to counts", shards(600, 400, 400), nil, // of four: 42.9 %
			"hot shard shardId-000000000000 took 42.9 % of the records (even: 25 %)",
		},
		{
			"throttled",
			map[string]record.ShardLoad{"a": {Accepted: 800, Throttled: 1200}, "b": {Accepted: 1000}},
			nil,
			"hot shard a took 66.7 % of the records (even: 25 %) and refused 1 200 of them",
		},
		{"split while there was load", shards(1000, 500, 500, 500, 500), nil, ""},
		{"no shard named", nil, stats.Frequent{"k": 9}, ""},
	} {
		d := healthy()
		d.Run.Pipeline.Shards = 4
		d.Steps[1].Shards, d.Steps[1].Keys = c.shards, c.keys
		v := Judge(d, Options{})
		got := ""
		if h := v.Steps[1].HotShard; h != nil {
			got = h.String()
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if warned := strings.Contains(strings.Join(v.Warnings, "\n"), "step 200 records/s: hot shard"); warned != (c.want != "") {
			t.Errorf("%s: warnings %q", c.name, v.Warnings)
		}
	}
}

// What gave out is the hot shard, not the stream.
func TestHotShardGivesOut(t *testing.T) {
	d := healthy()
	d.Run.Pipeline.Shards = 4
	set(d, t0+13, metrics.WriteThrottled, 50)
	d.Steps[1].Shards = map[string]record.ShardLoad{"a": {Accepted: 1500, Throttled: 50}, "b": {Accepted: 1050}}
	want := "the write limit of one shard: hot shard a took 59.6 % of the records (even: 25 %) and refused 50 of them" // 1 550 of 2 600
	if got := Judge(d, Options{}).Knee.GaveOut; got != want {
		t.Errorf("gave out: %s\nwant %s", got, want)
	}
}

// A ramp's backlog moves with its rate; what counts is what is left beyond the
// records of the last two seconds.
func TestShapedBacklog(t *testing.T) {
	for _, c := range []struct {
		name    string
		backlog func(s int64) float64
		want    Outcome
	}{
		// 100, 120, … 280 records a second; two seconds of it are always open.
		{"rises with the rate", func(s int64) float64 { return float64(100+20*s) + float64(100+20*(s-1)) }, Pass},
		{"a spike that is drained", func(s int64) float64 { return map[bool]float64{true: 5000, false: 100}[s > 2 && s < 6] }, Pass},
		{"falls behind at the end", func(s int64) float64 { return float64(max(s-6, 0)) * 700 }, Fail}, // 700, 1 400, 2 100 less 400 to 540
	} {
		d := healthy()
		d.Run.Steps[1].Shape = "ramp:100..300"
		for s := range int64(10) {
			set(d, t0+10+s, metrics.Offered, float64(100+20*s))
			set(d, t0+10+s, metrics.Backlog, c.backlog(s))
		}
		v := Judge(d, Options{})
		if got := v.Steps[1].Sustained; (c.want == Pass) != (got != nil && *got) {
			t.Errorf("%s: %s", c.name, v.Steps[1].Reason)
		}
		if v.Knee.Unsustained != nil || *v.Knee.Sustained != 100 {
			t.Errorf("%s: the knee holds a moving rate: %+v", c.name, v.Knee)
		}
	}
}
