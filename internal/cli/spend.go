package cli

import (
	"fmt"
	"math"
	"time"

	"weir/internal/plan"
	"weir/internal/price"
	"weir/internal/record"
)

// tariff is by what a pipeline on AWS is charged for. What a run measures of the
// function is assumed as weir cost estimate does it.
type tariff struct {
	setup   price.Setup
	mode    price.Mode
	shards  float64
	largest float64 // batch of the mapping; infinite where nothing is invoked
}

func tariffOf(found record.Pipeline) tariff {
	t := tariff{setup: price.TypicalSetup, mode: price.Provisioned, shards: float64(found.Shards), largest: math.Inf(1)}
	t.setup.Region = first(found.Region, t.setup.Region)
	t.setup.MemoryMB = first(float64(found.FunctionMemoryMB), t.setup.MemoryMB)
	if found.StreamMode == "ON_DEMAND" {
		t.mode = price.OnDemand
	}
	if found.Function != "" {
		t.largest = float64(max(found.BatchSize, 1))
	}
	return t
}

// bill is what a load costs where an invocation gets that many records.
func (t tariff) bill(load time.Duration, records, bytes, batch float64) (price.Bill, error) {
	b, err := price.List().Estimate(t.setup, []price.Phase{{Load: load, Shards: t.shards, Records: records, RecordBytes: bytes}}, t.mode, batch)
	return b, priced(err)
}

// costLine is what a test may cost on the pipeline that was found, run so many
// times: from full batches to one record an invocation.
func costLine(test plan.Test, found record.Pipeline, largestBody, runs int) string {
	if test.Kind == plan.Script {
		return "cost: not known before, for the load is the script's own"
	}
	t, schedule := tariffOf(found), plan.NewSchedule(test.Steps)
	records, bytes := float64(schedule.Slots()), float64(first(test.Payload.Bytes, largestBody)+keyBytes)
	least, err := t.bill(schedule.Duration(), records, bytes, t.largest)
	if err != nil {
		return fmt.Sprintf("cost: not known: %v", err)
	}
	said := "cost: " + usd(float64(runs)*least.USD()) + " USD"
	if most, err := t.bill(schedule.Duration(), records, bytes, 1); err == nil && t.largest > 1 && found.Function != "" {
		said = fmt.Sprintf("cost: %s USD at %g records an invocation to %s at 1", usd(float64(runs)*least.USD()), t.largest, usd(float64(runs)*most.USD()))
	}
	if runs > 1 {
		said += fmt.Sprintf(", for %d of these", runs)
	}
	return said + fmt.Sprintf("; list prices of %s, the stream's hours included (weir cost estimate itemises)", least.AsOf)
}
