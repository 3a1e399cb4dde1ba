package price

import (
	"errors"
	"math"
	"testing"
	"time"
)

// shards is what a rate needs with a quarter more than it takes: 1 000 records
// and 1 MiB a second each.
func shards(rate, bytes float64) float64 {
	return math.Ceil(1.25 * max(rate/1000, rate*bytes/(1<<20)))
}

// planM is a four-week plan of 62.4 M records: a matrix of five payloads and
// five loads, three sustained runs, spikes, a stress test, 24 hours of
// endurance and twenty smoke runs.
func planM() []Phase {
	var phases []Phase
	for _, kb := range []float64{0.5, 1, 2, 10, 50} { // 100, 250, 500, 1000 and 2000/s for 10 minutes each
		phases = append(phases, Phase{"matrix", 50 * time.Minute, shards(2000, kb*1024), 3850 * 600, kb * 1024})
	}
	return append(phases,
		Phase{"sustained", 90 * time.Minute, shards(1000, 2048), 1600 * 1800, 2048}, // 100, 500, 1000/s on one stream
		// 100/s, each time with 2 minutes of 1000, 2000, 5000/s: 8000 × 120 + 100 × 1800
		Phase{"spike", 36 * time.Minute, shards(5000, 2048), 1_140_000, 2048},
		// 500 to 5000/s in ten steps of 2 minutes: 27 500 × 120
		Phase{"stress", 20 * time.Minute, shards(5000, 2048), 3_300_000, 2048},
		Phase{"endurance", 24 * time.Hour, shards(500, 2048), 500 * 86400, 2048},
		Phase{"smoke", 100 * time.Minute, 1, 300_000, 2048}) // 20 × 5 minutes at 50/s
}

// fourWeeks is the setup that plan M was reckoned with.
var fourWeeks = func() Setup {
	s := TypicalSetup
	s.Hourly, s.CustomMetrics, s.Dashboards = []Quantity{{GeneratorC7gLarge, 1}}, 30, 1
	return s
}()

func estimate(t *testing.T, s Setup, phases []Phase, mode Mode, batch float64) Bill {
	t.Helper()
	b, err := List().Estimate(s, phases, mode, batch)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestPlanM(t *testing.T) {
	plan := planM()
	b1, b10, b100 := estimate(t, fourWeeks, plan, Provisioned, 1), estimate(t, fourWeeks, plan, Provisioned, 10), estimate(t, fourWeeks, plan, Provisioned, 100)
	// 253 shard-hours × 0.015 + 64.68 M units × 0.014
	cents(t, "Kinesis", b1.Group("kinesis"), 4.52)
	cents(t, "Lambda at 1 record", b1.Group("lambda"), 64.45)
	cents(t, "Lambda at 100 records", b100.Group("lambda"), 0.64)
	cents(t, "generator", b1.Group("generator"), 2.34)
	cents(t, "total at 1 record", b1.USD(), 91.07)
	cents(t, "total at 10 records", b10.USD(), 19.04)
	cents(t, "total at 100 records", b100.USD(), 11.83)

	arm := fourWeeks
	arm.ARM = true
	cents(t, "arm", estimate(t, arm, plan, Provisioned, 1).USD(), 80.68)
	for batch, usd := range map[float64]float64{1: 116.50, 10: 44.47, 100: 37.26} {
		cents(t, "on demand", estimate(t, fourWeeks, plan, OnDemand, batch).USD(), usd)
	}
}

func TestPlanMByPhase(t *testing.T) {
	only := TypicalSetup
	only.Hourly = []Quantity{{GeneratorC7gLarge, 1}}
	by := map[string][]Phase{}
	for _, p := range planM() {
		by[p.Name] = append(by[p.Name], p)
	}
	for name, want := range map[string][3]float64{ // Kinesis, all at 1 record, all at 100 records an invocation
		"matrix": {2.58, 17.80, 3.13}, "sustained": {0.13, 3.97, 0.31}, "spike": {0.21, 1.73, 0.28},
		"stress": {0.24, 4.51, 0.32}, "endurance": {1.32, 59.08, 4.20}, "smoke": {0.03, 0.58, 0.20},
	} {
		one, hundred := estimate(t, only, by[name], Provisioned, 1), estimate(t, only, by[name], Provisioned, 100)
		cents(t, name+", Kinesis", one.Group("kinesis"), want[0])
		cents(t, name+", batch 1", one.USD(), want[1])
		cents(t, name+", batch 100", hundred.USD(), want[2])
	}
}

func TestEstimateNeedsPrices(t *testing.T) {
	s := TypicalSetup
	s.Region = "eu-central-1"
	_, err := List().Estimate(s, planM(), Provisioned, 100)
	if _, ok := errors.AsType[*MissingError](err); !ok {
		t.Fatalf("%v", err)
	}
}

func TestIdle(t *testing.T) {
	for _, c := range []struct {
		mode          Mode
		shards, weeks float64 // USD over 672 hours
	}{{OnDemand, 0, 26.88}, {Provisioned, 2, 20.16}, {Provisioned, 8, 80.64}, {Provisioned, 123, 1239.84}} {
		hour, err := List().Idle("us-east-1", c.mode, c.shards)
		if err != nil {
			t.Fatal(err)
		}
		cents(t, string(c.mode), hour*672, c.weeks)
	}
}

// The document's claims beside plan M: 62.37 M records × 0.283333 = 17.67, and
// the plan's true cost by records an invocation.
func TestClaims(t *testing.T) {
	claims, err := List().Claims(fourWeeks, planM(), 10)
	if err != nil || len(claims) != 3 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	cycle, run, watched := claims[0], claims[1], claims[2]
	cents(t, "cycle, decoded", cycle.Decoded, 17.67)
	for i, want := range []float64{91.07, 19.04, 11.83} {
		cents(t, "cycle", cycle.ByBatch[i].USD(), want)
	}
	cents(t, "run, decoded", run.Decoded, 0.51)
	// 1.8 M requests 0.36 and 90 000 GB-s 1.50
	cents(t, "run, Lambda with an invocation a record", run.ByBatch[0].Group("lambda"), 1.86)
	cents(t, "run, Lambda with a hundredth", run.ByBatch[2].Group("lambda"), 0.02)
	cents(t, "run, Kinesis", run.ByBatch[2].Group("kinesis"), 0.07) // 3 × 0.015 + 1.8 × 0.014
	cents(t, "CloudWatch, decoded", watched.Decoded, 5)
	cents(t, "CloudWatch", watched.ByBatch[0].USD(), 4) // 3 + 10 × 0.10
}
