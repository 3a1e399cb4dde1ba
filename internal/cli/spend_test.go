package cli

import (
	"strings"
	"testing"
	"time"

	"weir/internal/plan"
	"weir/internal/record"
)

// provisioned is a stream of 4 shards with a function of 512 MB behind it:
// TypicalSetup's, in us-east-1.
var provisioned = record.Pipeline{
	Kind: "aws", Region: "us-east-1", StreamMode: "PROVISIONED", Shards: 4, Function: "f", FunctionMemoryMB: 512, BatchSize: 100,
}

// An hour at 1000/s: 4 shard-hours of 0.015 and 3.6 M payload units of 0.014 a
// million are 0.11; 2400 metrics 0.024. An invocation is 0.2 + 0.05 × 16.6667 of
// compute + 500 B × 0.50/GB = 1.2833 µUSD: 36 000 of them 0.046, 3.6 M 4.62.
func TestCostLine(t *testing.T) {
	hour := plan.Test{Kind: plan.Baseline, Payload: plan.Payload{Bytes: 500}, Steps: plan.StepsAt([]float64{1000}, time.Hour)}
	for _, tt := range []struct {
		name   string
		change func(*plan.Test, *record.Pipeline)
		runs   int
		want   string
	}{
		{"with a function", func(*plan.Test, *record.Pipeline) {}, 1, "cost: 0.18 USD at 100 records an invocation to 4.75 at 1; list prices of "},
		{"ten of them", func(*plan.Test, *record.Pipeline) {}, 10, "cost: 1.81 USD at 100 records an invocation to 47.54 at 1, for 10 of these; list prices of "},
		{"the stream's side only", func(_ *plan.Test, p *record.Pipeline) { p.Function = "" }, 1, "cost: 0.13 USD; list prices of "},
		{"a script", func(t *plan.Test, _ *record.Pipeline) { t.Kind = plan.Script }, 1, "cost: not known before, for the load is the script's own"},
		{"no price", func(_ *plan.Test, p *record.Pipeline) { p.Region = "mars-1" }, 1, "cost: not known: no price of kinesis/shard-hour for region mars-1"},
	} {
		test, found := hour, provisioned
		tt.change(&test, &found)
		if got := costLine(test, found, 0, tt.runs); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s: %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
