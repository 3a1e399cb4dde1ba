package price

import (
	"errors"
	"math"
	"slices"
	"testing"
)

func TestListKnowsItsCells(t *testing.T) {
	list := List()
	if !slices.Contains(list.Regions(), "us-east-1") {
		t.Fatalf("regions %v", list.Regions())
	}
	for _, d := range []Dimension{
		ShardHour, PutUnit, ExtendedRetention, LongTermRetention, LongTermRead, FanOutShardHour, FanOutRead,
		OnDemandStreamHour, OnDemandIn, OnDemandOut, OnDemandFanOut, OnDemandRetention, AdvantageIn, AdvantageOut,
		ShardLevelMetric, LambdaRequest, LambdaX86, LambdaARM, LambdaStorage, LambdaProvisioned, LambdaProvisionedUse,
		CustomMetric, GetMetricData, CloudWatchRequest, LogIngest, LogIngestInfrequent, LogStorage, LogInsights,
		Alarm, AlarmHighResolution, AlarmComposite, Dashboard, GeneratorC7gLarge, GeneratorC6iLarge, GeneratorC8gLarge,
		FargateX86CPU, FargateX86Memory, FargateARMCPU, FargateARMMemory, CrossZone, InternetOut, NATHour, NATData,
		InterfaceEndpointHour, InterfaceEndpointBytes,
	} {
		if c, err := list.Cell("us-east-1", d); err != nil || c.Source == "" || c.Tiers[0].USD <= 0 {
			t.Errorf("%s: %+v, %v", d, c, err)
		}
	}
	if n := len(list.regions["us-east-1"]); n != 45 {
		t.Errorf("us-east-1 has %d prices, the constants name 45", n)
	}
}

func TestMissingPriceIsAnError(t *testing.T) {
	_, err := List().Bill("eu-west-1", Quantity{LambdaRequest, 1}, Quantity{ShardHour, 1})
	missing, ok := errors.AsType[*MissingError](err)
	if !ok || missing.Region != "eu-west-1" || missing.Dimension != ShardHour {
		t.Fatalf("%v", err)
	}
	if _, err := List().Cell("mars-1", ShardHour); err == nil {
		t.Error("a region that isn't there has a price")
	}
}

func TestTiers(t *testing.T) {
	// 0.30 to 10 000 metrics, 0.10 to 250 000: 3 000 + 2 000 × 0.10
	c, err := List().Cell("us-east-1", CustomMetric)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []struct{ metrics, usd float64 }{
		{0, 0}, {1, 0.30}, {10_000, 3_000}, {12_000, 3_200}, {250_000, 27_000}, {250_001, 27_000.05},
	} {
		if got := c.Cost(at.metrics); math.Abs(got-at.usd) > 1e-6 {
			t.Errorf("%v metrics: %v USD, want %v", at.metrics, got, at.usd)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		`{`,
		`{"regions":{"r":{"kinesis/shard-hour":{"unit":"h","usd":1,"source":"nobody"}}}}`,
		`{"sources":{"A":{}},"regions":{"r":{"kinesis/shard-hour":{"unit":"h","source":"A"}}}}`,
		`{"sources":{"A":{}},"regions":{"r":{"kinesis/shard-hour":{"unit":"h","tiers":[{"from":5,"usd":1}],"source":"A"}}}}`,
	} {
		if _, err := parse([]byte(text)); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}

// cents compares to the cent.
func cents(t *testing.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 0.005001 {
		t.Errorf("%s: %.4f USD, want %.2f", what, got, want)
	}
}

func TestTrueMonth(t *testing.T) {
	// 100 records/s: 262.8 M records a month. Provisioned: 730 × 0.015 + 262.8 ×
	// 0.014 = 14.63; on demand: 730 × 0.04 + 501.25 GiB × (0.08 + 0.04) = 89.35;
	// Lambda at batch 1: 262.8 × 0.20 + 13.14 M GB-s × 16.6667 µUSD = 271.56.
	for _, m := range []struct {
		rate, shards, provisioned, onDemand float64
		x86, arm                            [3]float64 // at batches of 1, 10, 100
	}{
		{100, 1, 14.63, 89.35, [3]float64{271.56, 27.16, 2.72}, [3]float64{227.76, 22.78, 2.28}},
		{500, 1, 29.35, 329.95, [3]float64{1357.80, 135.78, 13.58}, [3]float64{1138.80, 113.88, 11.39}},
		{1000, 2, 58.69, 630.70, [3]float64{2715.60, 271.56, 27.16}, [3]float64{2277.61, 227.76, 22.78}},
	} {
		for i, batch := range []float64{1, 10, 100} {
			provisioned, onDemand := month(t, m.rate, Provisioned, m.shards, batch, false), month(t, m.rate, OnDemand, 0, batch, true)
			cents(t, "provisioned", provisioned.Group("kinesis"), m.provisioned)
			cents(t, "on demand", onDemand.Group("kinesis"), m.onDemand)
			cents(t, "x86", provisioned.Group("lambda"), m.x86[i])
			cents(t, "arm", onDemand.Group("lambda"), m.arm[i])
			cents(t, "sum", provisioned.USD(), provisioned.Group("kinesis")+provisioned.Group("lambda"))
		}
	}
}

func TestPayloadUnits(t *testing.T) {
	for _, p := range []struct{ bytes, units float64 }{{0, 1}, {500, 1}, {5 << 10, 1}, {25 << 10, 1}, {25<<10 + 1, 2}, {45 << 10, 2}} {
		q := Stream{Mode: Provisioned, Records: 1, RecordBytes: p.bytes}.Quantities()[1]
		if q.Item != PutUnit || q.Amount != p.units {
			t.Errorf("%v bytes: %+v, want %v units", p.bytes, q, p.units)
		}
	}
	// on demand each record is rounded up to whole KB: 4.5 KB bills as 5
	q := Stream{Mode: OnDemand, Records: 1 << 20, RecordBytes: 4608, Readers: 2}.Quantities()
	if q[1].Amount != 5 || q[2].Amount != 10 {
		t.Errorf("1 Mi records of 4.5 KB: %+v, want 5 GB in and 10 out", q)
	}
}

func TestUnconfirmedPricesAreNamed(t *testing.T) {
	b, err := List().Bill("us-east-1", Quantity{ShardHour, 1}, Quantity{ShardLevelMetric, 7}, Quantity{AdvantageIn, 1}, Quantity{PutUnit, 0})
	if err != nil {
		t.Fatal(err)
	}
	if got := b.Unconfirmed(); !slices.Equal(got, []Dimension{ShardLevelMetric, AdvantageIn}) || len(b.Lines) != 3 {
		t.Errorf("unconfirmed %v of %d lines", got, len(b.Lines))
	}
}
