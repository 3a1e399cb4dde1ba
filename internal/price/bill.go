package price

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// MonthHours is the month of AWS's own calculator: 8 760 hours ÷ 12.
const MonthHours = 730

const (
	gib = 1 << 30
	gb  = 1e9
	// payloadUnit is the chunk a put is charged by: 25 KB a record, rounded up.
	// aws.amazon.com/kinesis/data-streams/pricing, 2026-11-22.
	payloadUnit = 25 * 1024
)

// Line is one item of a bill.
type Line struct {
	Item     Dimension `json:"item"`
	Quantity float64   `json:"quantity"`
	Unit     string    `json:"unit"`
	USD      float64   `json:"usd"`
	Grade    string    `json:"grade"`  // of the price's source: A, B, C or U
	Source   string    `json:"source"` // of the price, in words
}

// Bill is what something costs, by item.
type Bill struct {
	Region string `json:"region"`
	AsOf   string `json:"as_of"` // the prices' date, or dates with "and" between
	Lines  []Line `json:"lines"`
}

// USD is the sum of the bill.
func (b Bill) USD() float64 {
	var sum float64
	for _, l := range b.Lines {
		sum += l.USD
	}
	return sum
}

// Group is the sum of the lines of one service: "kinesis", "lambda",
// "cloudwatch", "generator" or "network".
func (b Bill) Group(service string) float64 {
	var sum float64
	for _, l := range b.Lines {
		if len(l.Item) > len(service) && string(l.Item[:len(service)+1]) == service+"/" {
			sum += l.USD
		}
	}
	return sum
}

// Unconfirmed lists the items whose price is a guess (grade U) or somebody's
// table (grade C).
func (b Bill) Unconfirmed() []Dimension {
	var items []Dimension
	for _, l := range b.Lines {
		if l.Grade == "U" || l.Grade == "C" {
			items = append(items, l.Item)
		}
	}
	return items
}

// Quantity is an amount of something that has a price.
type Quantity struct {
	Item   Dimension
	Amount float64
}

// Bill prices quantities in a region, items without an amount left out. A
// missing price is a *MissingError.
func (t *Table) Bill(region string, quantities ...Quantity) (Bill, error) {
	b := Bill{Region: region}
	var dates []string
	for _, q := range quantities {
		if q.Amount == 0 {
			continue
		}
		c, err := t.Cell(region, q.Item)
		if err != nil {
			return Bill{}, err
		}
		b.Lines = append(b.Lines, Line{Item: q.Item, Quantity: q.Amount, Unit: c.Unit, USD: c.Cost(q.Amount), Grade: c.Grade, Source: c.Source})
		dates = append(dates, c.AsOf)
	}
	slices.Sort(dates)
	b.AsOf = cmp.Or(strings.Join(slices.Compact(dates), " and "), t.AsOf)
	return b, nil
}

// Mode is how a stream's capacity is paid for.
type Mode string

// Modes of a stream.
const (
	Provisioned Mode = "provisioned"
	OnDemand    Mode = "on-demand"
)

// Stream is what a stream carried and for how long it was there.
type Stream struct {
	Mode        Mode
	Hours       float64
	Shards      float64 // of a provisioned stream, the mean over Hours
	Records     float64
	RecordBytes float64 // of one record's data and key, the mean
	Readers     float64 // that read everything by GetRecords; a mapping is one
}

// Quantities are the items of a stream's bill. A provisioned stream pays for
// its shards and payload units and nothing for being read; an on-demand one by
// bytes, each record rounded up to whole KB.
func (s Stream) Quantities() []Quantity {
	if s.Mode == OnDemand {
		in := s.Records * math.Ceil(s.RecordBytes/1024) * 1024 / gib
		return []Quantity{{OnDemandStreamHour, s.Hours}, {OnDemandIn, in}, {OnDemandOut, in * s.Readers}}
	}
	return []Quantity{
		{ShardHour, s.Hours * s.Shards},
		{PutUnit, s.Records * max(1, math.Ceil(s.RecordBytes/payloadUnit))},
	}
}

// FanOut are the items that so many consumers with enhanced fan-out add, each of
// which reads everything.
func (s Stream) FanOut(consumers float64) []Quantity {
	if s.Mode == OnDemand {
		in := s.Records * math.Ceil(s.RecordBytes/1024) * 1024 / gib
		return []Quantity{{OnDemandFanOut, in * consumers}}
	}
	return []Quantity{
		{FanOutShardHour, s.Hours * s.Shards * consumers},
		{FanOutRead, s.Records * s.RecordBytes / gib * consumers},
	}
}

// Retention, in hours, that is paid for: extended from 24 hours to a week, and
// long-term after that.
const (
	freeRetention     = 24
	extendedRetention = 7 * 24
)

// Retention are the items that keeping records for so many hours adds to a month
// of the stream: on-demand by what is held after the first day, provisioned by
// the shard-hour up to a week and then by what is held after it.
func (s Stream) Retention(hours float64) []Quantity {
	if hours <= freeRetention {
		return nil
	}
	// GB are held by each hour that records are kept.
	perHour := s.Records * s.RecordBytes / gib / s.Hours
	quantities := []Quantity{{ExtendedRetention, s.Hours * s.Shards}}
	if s.Mode == OnDemand {
		held := perHour * (min(hours, extendedRetention) - freeRetention)
		quantities = []Quantity{{OnDemandRetention, held * s.Hours / MonthHours}}
	}
	if hours > extendedRetention {
		quantities = append(quantities, Quantity{LongTermRetention, perHour * (hours - extendedRetention) * s.Hours / MonthHours})
	}
	return quantities
}

// Function is what a function did.
type Function struct {
	ARM          bool
	MemoryMB     float64
	Invocations  float64
	BilledMillis float64 // of one invocation, the mean
	LogBytes     float64 // of one invocation, the mean
}

// Quantities are the items of a function's bill, with its log's ingestion.
func (f Function) Quantities() []Quantity {
	compute := LambdaX86
	if f.ARM {
		compute = LambdaARM
	}
	return []Quantity{
		{LambdaRequest, f.Invocations},
		{compute, f.Invocations * f.BilledMillis / 1000 * f.MemoryMB / 1024},
		{LogIngest, f.Invocations * f.LogBytes / gb},
	}
}
