package report

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/metrics"
	"weir/internal/record"
)

func costRun() *record.Data {
	start := time.Unix(1000, 0)
	return &record.Data{
		Run: record.Run{
			LoadStart: start, Ended: start.Add(61 * time.Minute),
			Pipeline: record.Pipeline{Kind: "aws", Region: "us-east-1", StreamMode: "PROVISIONED", Shards: 4, FunctionMemoryMB: 512},
		},
		Series: []record.Point{
			{T: 1000, V: map[string]float64{metrics.IncomingRecords: 1e6, metrics.IncomingBytes: 1e9, metrics.Invocations: 9000, metrics.DurationAvg: 90}},
			{T: 1060, V: map[string]float64{metrics.IncomingRecords: 1e6, metrics.IncomingBytes: 1e9, metrics.Invocations: 11000, metrics.DurationAvg: 110}},
		},
	}
}

func TestCost(t *testing.T) {
	d := costRun()
	// 2 started hours × 4 shards × 0.015; 2 M × 0.014; 20 000 × 0.20 per million;
	// (9 000 × 90 + 11 000 × 110) ÷ 20 000 = 101 ms, × 20 000 × 0.5 GB = 1 010 GB-s
	want := []fact{
		{"kinesis/shard-hour", "0.12 USD: 8 × shard-hour"},
		{"kinesis/put-unit", "0.028 USD: 2 000 000 × payload unit"},
		{"lambda/request", "0.0040 USD: 20 000 × request"},
		{"lambda/x86-gb-second", "0.017 USD: 1 010 × GB-second"},
		{"Together", "0.17 USD"}, // 0.12 + 0.028 + 0.004 + 0.016833
		{"Per million records", "0.084 USD, of which the stream's hours are 0.060"},
	}
	got := cost(d)
	if diff := cmp.Diff(want, got[:len(got)-1]); diff != "" {
		t.Error(diff)
	}
	if basis := got[len(got)-1].Value; !strings.Contains(basis, "20 000 invocations of 101 ms") || !strings.Contains(basis, "2 h begun") {
		t.Error(basis)
	}
	if costTitle(d) != "Cost" {
		t.Error(costTitle(d))
	}
}

func TestCostSaysWhatIsNotKnown(t *testing.T) {
	d := costRun()
	for _, p := range d.Series {
		delete(p.V, metrics.Invocations)
	}
	if got := cost(d); len(got) != 5 || !strings.Contains(got[4].Value, "Lambda is not in it") {
		t.Errorf("without invocations: %v", got)
	}
	d.Run.Pipeline.Region = "eu-west-1"
	if got := cost(d); len(got) != 1 || !strings.Contains(got[0].Value, "no price of kinesis/shard-hour for region eu-west-1") {
		t.Errorf("without prices: %v", got)
	}
	for _, p := range d.Series {
		delete(p.V, metrics.IncomingBytes)
	}
	if got := cost(d); got != nil {
		t.Errorf("without bytes: %v", got)
	}
}
