// Package price holds what AWS charges as dated data with a source per cell,
// and turns quantities into itemised bills. A price that isn't in the table is
// an error, never zero.
package price

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Dimension names one thing that AWS charges for: "kinesis/shard-hour".
type Dimension string

// What is priced. Kinesis's are of the provisioned mode where they don't say
// otherwise.
const (
	ShardHour              Dimension = "kinesis/shard-hour"
	PutUnit                Dimension = "kinesis/put-unit"
	ExtendedRetention      Dimension = "kinesis/extended-retention"
	LongTermRetention      Dimension = "kinesis/long-term-retention"
	LongTermRead           Dimension = "kinesis/long-term-read"
	FanOutShardHour        Dimension = "kinesis/efo-shard-hour"
	FanOutRead             Dimension = "kinesis/efo-read"
	OnDemandStreamHour     Dimension = "kinesis/on-demand-stream-hour"
	OnDemandIn             Dimension = "kinesis/on-demand-in"
	OnDemandOut            Dimension = "kinesis/on-demand-out"
	OnDemandFanOut         Dimension = "kinesis/on-demand-efo-out"
	OnDemandRetention      Dimension = "kinesis/on-demand-extended-retention"
	AdvantageIn            Dimension = "kinesis/advantage-in"
	AdvantageOut           Dimension = "kinesis/advantage-out"
	ShardLevelMetric       Dimension = "kinesis/shard-level-metric"
	LambdaRequest          Dimension = "lambda/request"
	LambdaX86              Dimension = "lambda/x86-gb-second"
	LambdaARM              Dimension = "lambda/arm-gb-second"
	LambdaStorage          Dimension = "lambda/ephemeral-storage"
	LambdaProvisioned      Dimension = "lambda/x86-provisioned-gb-second"
	LambdaProvisionedUse   Dimension = "lambda/x86-provisioned-use-gb-second"
	CustomMetric           Dimension = "cloudwatch/custom-metric"
	GetMetricData          Dimension = "cloudwatch/get-metric-data"
	CloudWatchRequest      Dimension = "cloudwatch/api-request"
	LogIngest              Dimension = "cloudwatch/log-ingest"
	LogIngestInfrequent    Dimension = "cloudwatch/log-ingest-infrequent"
	LogStorage             Dimension = "cloudwatch/log-storage"
	LogInsights            Dimension = "cloudwatch/log-insights"
	Alarm                  Dimension = "cloudwatch/alarm"
	AlarmHighResolution    Dimension = "cloudwatch/alarm-high-resolution"
	AlarmComposite         Dimension = "cloudwatch/alarm-composite"
	Dashboard              Dimension = "cloudwatch/dashboard"
	GeneratorC7gLarge      Dimension = "generator/c7g.large"
	GeneratorC6iLarge      Dimension = "generator/c6i.large"
	GeneratorC8gLarge      Dimension = "generator/c8g.large"
	FargateX86CPU          Dimension = "generator/fargate-x86-vcpu"
	FargateX86Memory       Dimension = "generator/fargate-x86-memory"
	FargateARMCPU          Dimension = "generator/fargate-arm-vcpu"
	FargateARMMemory       Dimension = "generator/fargate-arm-memory"
	CrossZone              Dimension = "network/cross-zone"
	InternetOut            Dimension = "network/internet-out"
	NATHour                Dimension = "network/nat-hour"
	NATData                Dimension = "network/nat-data"
	InterfaceEndpointHour  Dimension = "network/endpoint-hour"
	InterfaceEndpointBytes Dimension = "network/endpoint-data"
)

// Tier is the price of each unit from a quantity a month on.
type Tier struct {
	From float64 `json:"from"`
	USD  float64 `json:"usd"`
}

// Cell is one price: list price in USD before tax.
type Cell struct {
	Unit  string
	Tiers []Tier // by From, the first from 0
	// Source says where the price was read, and Grade how sure that is: A a
	// copy of AWS's price list or documentation, B rendered from a price
	// service or a bill, C somebody's table, U unconfirmed.
	Source, Grade string
	AsOf          string // the date that it is given for
}

// Table is a set of prices by region.
type Table struct {
	AsOf    string // date, 2026-11-22
	regions map[string]map[Dimension]Cell
}

// MissingError says that the table has no such price.
type MissingError struct {
	Region    string
	Dimension Dimension
}

// Error names the cell and the remedy.
func (e *MissingError) Error() string {
	return fmt.Sprintf("no price of %s for region %s: weir cost refresh --region %[2]s reads AWS's, or choose another --region", e.Dimension, e.Region)
}

//go:embed prices.json
var embedded []byte

// Carried is the table that weir has with it.
var Carried = sync.OnceValue(func() *Table {
	t, err := parse(embedded)
	if err != nil {
		panic("price: embedded table: " + err.Error()) // a test parses it
	}
	return t
})

// used is the table in place of the carried one.
var used atomic.Pointer[Table]

// List is the table in use: the one that weir carries, or what Use was given.
func List() *Table {
	if t := used.Load(); t != nil {
		return t
	}
	return Carried()
}

// Use makes List give t; nil is the table that weir carries.
func Use(t *Table) { used.Store(t) }

// parse reads a table: prices.json shows its form.
func parse(text []byte) (*Table, error) {
	var file tableFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	t := &Table{AsOf: file.AsOf, regions: map[string]map[Dimension]Cell{}}
	for region, cells := range file.Regions {
		t.regions[region] = map[Dimension]Cell{}
		for dimension, c := range cells {
			source, known := file.Sources[c.Source]
			tiers := c.Tiers
			if c.USD != nil {
				tiers = append([]Tier{{0, *c.USD}}, tiers...)
			}
			rising := slices.IsSortedFunc(tiers, func(a, b Tier) int { return int(a.From - b.From) })
			if !known || c.Unit == "" || len(tiers) == 0 || tiers[0].From != 0 || !rising {
				return nil, fmt.Errorf("read prices: %s in %s needs a unit, a known source and tiers from 0 up", dimension, region)
			}
			t.regions[region][dimension] = Cell{Unit: c.Unit, Tiers: tiers, Source: source.Text, Grade: source.Grade, AsOf: cmp.Or(source.AsOf, file.AsOf)}
		}
	}
	return t, nil
}

// Regions are those the table knows, in order of name.
func (t *Table) Regions() []string {
	var names []string
	for name := range t.regions {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Cell is one price, or a *MissingError.
func (t *Table) Cell(region string, d Dimension) (Cell, error) {
	if c, ok := t.regions[region][d]; ok {
		return c, nil
	}
	return Cell{}, &MissingError{region, d}
}

// Cost is what so many units cost within one month.
func (c Cell) Cost(quantity float64) float64 {
	var usd float64
	for i, tier := range c.Tiers {
		upTo := quantity
		if i+1 < len(c.Tiers) {
			upTo = min(quantity, c.Tiers[i+1].From)
		}
		usd += max(0, upTo-tier.From) * tier.USD
	}
	return usd
}
