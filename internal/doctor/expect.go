package doctor

import (
	"fmt"
	"math"
	"time"

	"weir/internal/capacity"
	"weir/internal/price"
	"weir/internal/quota"
)

// Expectation is what the configuration alone promises.
type Expectation struct {
	// Limits are the rates at which each resource gives out, the lowest first:
	// the predicted knee. Empty where the stream could not be read.
	Limits []capacity.Limit `json:"limits"`
	// KeyLimit is what one partition key carries, in records per second; 0: not
	// known.
	KeyLimit float64 `json:"key_limit"`
	// AgeFloor is how old a record may be at hand-over in perfect health; 0: not
	// known.
	AgeFloor time.Duration `json:"age_floor_ns"`
	// NetworkUSD is what the way to the stream costs for a million records; nil:
	// not known.
	NetworkUSD *float64 `json:"network_usd_per_million,omitempty"`
	Network    string   `json:"network"` // the way and its price, in words
}

// Expect predicts from the facts.
func Expect(f Facts) Expectation {
	e := Expectation{Limits: []capacity.Limit{}}
	if f.Mapping != nil {
		e.AgeFloor = AgeFloor(f.Mapping)
	}
	if f.Stream != nil {
		e.Limits = limits(&f)
		e.KeyLimit = keyLimit(f.Load.RecordBytes)
	}
	e.network(&f)
	return e
}

func limits(f *Facts) []capacity.Limit {
	c := capacity.Config{Shards: f.Stream.Shards, RecordBytes: float64(max(f.Load.RecordBytes, 1))}
	if m := f.Mapping; m != nil {
		c.Parallelization, c.BatchSize = max(m.Parallelization, 1), m.BatchSize
		c.PerBatch, c.PerRecord = f.Load.PerBatch, f.Load.PerRecord
	}
	if f.Function != nil && f.Function.Reserved != nil {
		c.Concurrency = *f.Function.Reserved
	}
	return capacity.Limits(c)
}

// demand compares the rate that is asked for with what gives out first.
func demand(f *Facts) []Finding {
	if f.Stream == nil || f.Load.Rate == 0 {
		return nil
	}
	knee := limits(f)[0]
	if f.Load.Rate <= knee.Rate {
		return nil
	}
	finding := Finding{
		ID: "knee", Severity: Blocker, What: fmt.Sprintf("%.0f records/s are asked for; %s gives out at %.0f", f.Load.Rate, knee.Resource, knee.Rate),
		Why: knee.Why,
	}
	switch knee.Resource {
	case quota.WriteRecords, quota.WriteBytes, quota.ReadLimit:
		finding.Fix = fmt.Sprintf("aws kinesis update-shard-count --stream-name %s --target-shard-count %d --scaling-type UNIFORM_SCALING",
			f.Stream.Name, capacity.Shards(f.Load.Rate, float64(max(f.Load.RecordBytes, 1)), headroom))
		if f.Stream.OnDemand {
			finding.Fix = "warm the stream up: an on-demand stream takes twice its peak of the last 30 days, and 4 MiB/s when it is new"
		}
	case quota.Concurrency:
		finding.Fix = fmt.Sprintf("aws lambda put-function-concurrency --function-name %s --reserved-concurrent-executions %d", f.Function.Name, f.lanes())
	default:
		factor := math.Ceil(float64(max(f.Mapping.Parallelization, 1)) * f.Load.Rate / knee.Rate)
		finding.Fix = f.Mapping.update(fmt.Sprintf("--parallelization-factor %d", int(min(factor, quota.MaxParallelization))))
		if factor > quota.MaxParallelization {
			finding.Fix += ", and more shards: even that isn't enough"
		}
	}
	return []Finding{finding}
}

// headroom is room for a quarter more, as weir cost takes it.
const headroom = 0.25

// pricedRegion is whose list price stands for that of a region that weir's
// table doesn't have.
const pricedRegion = "us-east-1"

// network says what a million records' way to the stream costs.
func (e *Expectation) network(f *Facts) {
	e.Network = string(f.Network)
	var item, hours price.Dimension
	switch f.Network {
	case NetworkPrivate:
		item, hours = price.InterfaceEndpointBytes, price.InterfaceEndpointHour
	case NetworkPublic:
		item, hours = price.NATData, price.NATHour
	default:
		return
	}
	region := f.Region
	if _, err := price.List().Cell(region, item); err != nil {
		region = pricedRegion
	}
	gigabytes := float64(f.Load.RecordBytes) * 1e6 / 1e9
	bill, err := price.List().Bill(region, price.Quantity{Item: item, Amount: gigabytes}, price.Quantity{Item: hours, Amount: 1})
	if err != nil || len(bill.Lines) < 2 {
		return
	}
	usd := bill.Lines[0].USD
	e.NetworkUSD = &usd
	costs := fmt.Sprintf("%.3f USD an hour and zone, %.3f USD a million records (list price, %s)", bill.Lines[1].USD, usd, region)
	if f.Network == NetworkPublic {
		e.Network = "public endpoint: nothing from a public subnet or from outside AWS; through a NAT gateway " + costs + ", where a VPC endpoint is cheaper"
		return
	}
	e.Network = "VPC endpoint: " + costs
}
