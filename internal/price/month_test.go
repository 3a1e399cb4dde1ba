package price

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// month bills a month at a rate: 2 KB records, one mapping, 512 MB, 100 ms an
// invocation, no logs.
func month(t *testing.T, rate float64, mode Mode, shards, batch float64, arm bool) Bill {
	t.Helper()
	p := Production{Rate: rate, RecordBytes: 2048, Shards: shards, ARM: arm, MemoryMB: 512, BilledMillis: 100}
	b, err := List().Month("us-east-1", p, mode, batch)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBreakEven(t *testing.T) {
	for _, c := range []struct{ rate, bytes, shards, wantRate, wantShards float64 }{
		// A shard-month is 10.95 USD, an on-demand stream's 29.20. A record a second
		// for a month is 2.628 M: 0.036792 USD of payload units, and of 2 KB
		// 2.628 M × 2 KB ÷ 1 GiB × 0.12 = 0.601501 on demand, 0.564709 more.
		// 4 shards: (43.80 − 29.20) ÷ 0.564709 = 25.85/s.
		// 1000/s: (29.20 + 601.501 − 36.792) ÷ 10.95 = 54.238 shards.
		{1000, 2048, 4, 25.854, 54.238},
		{1000, 2048, 2, 0, 54.238}, // 21.90 is less than the empty stream's 29.20
	} {
		got, err := List().BreakEven("us-east-1", Production{Rate: c.rate, RecordBytes: c.bytes, Shards: c.shards})
		if err != nil || math.Abs(got.Rate-c.wantRate) > 0.001 || math.Abs(got.Shards-c.wantShards) > 0.001 {
			t.Errorf("%+v: %+v, %v", c, got, err)
		}
	}
	_, err := List().BreakEven("us-east-2", Production{Rate: 1, Shards: 1})
	if missing, ok := errors.AsType[*MissingError](err); !ok || missing.Region != "us-east-2" || missing.Dimension != OnDemandStreamHour {
		t.Errorf("us-east-2: %v", err)
	}
}

// At a break-even the two modes cost the same.
func TestBreakEvenIsEven(t *testing.T) {
	p := Production{Rate: 700, RecordBytes: 5000, Shards: 9}
	even, err := List().BreakEven("us-east-1", p)
	if err != nil {
		t.Fatal(err)
	}
	for what, at := range map[string]Production{
		"rate":   {Rate: even.Rate, RecordBytes: p.RecordBytes, Shards: p.Shards},
		"shards": {Rate: p.Rate, RecordBytes: p.RecordBytes, Shards: even.Shards},
	} {
		provisioned, err := List().Month("us-east-1", at, Provisioned, 1)
		if err != nil {
			t.Fatal(err)
		}
		onDemand, err := List().Month("us-east-1", at, OnDemand, 1)
		if err != nil {
			t.Fatal(err)
		}
		cents(t, what, provisioned.Group("kinesis"), onDemand.Group("kinesis"))
	}
}

func TestAdvantage(t *testing.T) {
	// 25 MiB/s are 2.628 M s × 25 ÷ 1 024 = 64 160.156 GiB a month; in at 0.032 and
	// out at 0.016 USD they are 3 079.6875. A record of 2 KB a second is 5.012512 GiB.
	for _, c := range []struct {
		rate, bytes float64
		usd, even   float64
	}{
		// (3 079.6875 − 29.20) ÷ (5.012512 × 0.12) = 5 071.455/s: 9.9 MiB/s.
		{1000, 2048, 3079.6875, 5071.455},
		// 20 000 × 5.012512 × 0.048 = 4 812.01.
		{20000, 2048, 4812.01, 5071.455},
		// 1 500 bytes are billed as 2 KB, 500 as one.
		{1000, 1500, 3079.6875, 5071.455},
		{1000, 500, 3079.6875, 10142.91},
	} {
		a, ok, err := List().Advantage("us-east-1", Production{Rate: c.rate, RecordBytes: c.bytes})
		if err != nil || !ok || math.Abs(a.USD-c.usd) > 0.01 || math.Abs(a.Floor-3079.6875) > 0.0001 || math.Abs(a.Rate-c.even) > 0.01 || len(a.Items) != 2 {
			t.Errorf("%g/s of %g bytes: %+v, %t, %v; want %g USD, even at %g/s", c.rate, c.bytes, a, ok, err, c.usd, c.even)
		}
	}
	for _, unknown := range []struct {
		region string
		p      Production
	}{
		{"us-east-1", Production{Rate: 1, RecordBytes: 1, FanOut: 1}},
		{"us-east-1", Production{Rate: 1, RecordBytes: 1, RetentionHours: 25}},
		{"ap-northeast-1", Production{Rate: 1, RecordBytes: 1}}, // the price of what comes in is missing
	} {
		if a, ok, err := List().Advantage(unknown.region, unknown.p); ok || err != nil {
			t.Errorf("%+v: %+v, %v; the price of it isn't known", unknown, a, err)
		}
	}
}

func TestDocument(t *testing.T) {
	rows, err := List().Document()
	if err != nil {
		t.Fatal(err)
	}
	// 100/s × 2.592 Ms = 259.2 M invocations: × 0.20 = 51.84, × 0.005 GB-s ×
	// 16.6667 µUSD = 21.60; 2 shards × 720 h × 0.015 = 21.60.
	want := []struct{ rate, lambda, kinesis, shown float64 }{{100, 73.44, 21.60, 95}, {500, 367.20, 0, 367}, {1000, 734.40, 0, 734}}
	if len(rows) != len(want) {
		t.Fatalf("%d rows", len(rows))
	}
	for i, w := range want {
		r := rows[i]
		if r.Rate != w.rate || r.Shown != w.shown || math.Round(r.Decoded.USD()) != w.shown {
			t.Errorf("%v/s: %.2f USD, shown %v", r.Rate, r.Decoded.USD(), r.Shown)
		}
		cents(t, "Lambda", r.Decoded.Group("lambda"), w.lambda)
		cents(t, "Kinesis", r.Decoded.Group("kinesis"), w.kinesis)
	}
}

// What DocumentFaults says of runs and cycles is the decoded rate's.
func TestDocumentRate(t *testing.T) {
	rows, err := List().Document()
	if err != nil {
		t.Fatal(err)
	}
	perRecord := rows[2].Decoded.USD() / (1000 * documentHours * 3600)
	cents(t, "a million records", perRecord*1e6, 0.28)
	cents(t, "half an hour at 1000/s", perRecord*1000*1800, 0.51)
	var records float64
	for _, p := range planM() {
		records += p.Records
	}
	cents(t, "a cycle of 62.37 M records", perRecord*records, 17.67)
}

// 1 024 × 1 024 records of 1 KiB an hour are a GiB: after the first day a week
// holds 144 of them, 30 days 552 more.
func TestRetention(t *testing.T) {
	s := Stream{Mode: OnDemand, Hours: MonthHours, Shards: 2, Records: MonthHours << 20, RecordBytes: 1024}
	for _, c := range []struct {
		mode  Mode
		hours float64
		want  []Quantity
	}{
		{OnDemand, 24, nil},
		{OnDemand, 168, []Quantity{{OnDemandRetention, 144}}},
		{OnDemand, 720, []Quantity{{OnDemandRetention, 144}, {LongTermRetention, 552}}},
		{Provisioned, 24, nil},
		{Provisioned, 48, []Quantity{{ExtendedRetention, 1460}}},
		{Provisioned, 720, []Quantity{{ExtendedRetention, 1460}, {LongTermRetention, 552}}},
	} {
		s.Mode = c.mode
		if got := s.Retention(c.hours); !slices.Equal(got, c.want) {
			t.Errorf("%s for %g h: %v, want %v", c.mode, c.hours, got, c.want)
		}
	}
}

// Two consumers with enhanced fan-out: 730 × 2 × 2 consumer-shard-hours of 0.015
// and 2 × 730 GB of 0.013; on demand 2 × 730 × 0.05.
func TestFanOut(t *testing.T) {
	s := Stream{Mode: Provisioned, Hours: MonthHours, Shards: 2, Records: MonthHours << 20, RecordBytes: 1024}
	for mode, want := range map[Mode]float64{Provisioned: 43.80 + 18.98, OnDemand: 73} {
		s.Mode = mode
		b, err := List().Bill("us-east-1", s.FanOut(2)...)
		if err != nil {
			t.Fatal(err)
		}
		cents(t, string(mode), b.USD(), want)
	}
}
