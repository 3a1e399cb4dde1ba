package price

import (
	"math"
	"time"
)

// Phase is a stretch of a plan with a stream of its own: made before, torn
// down after.
type Phase struct {
	Name        string
	Load        time.Duration // how long records are put
	Shards      float64       // of a provisioned stream
	Records     float64
	RecordBytes float64 // the mean
}

// hours is how long the phase's stream is paid for: AWS bills shards and
// streams by the hour, and a started one is taken as whole.
func (p Phase) hours() float64 { return math.Ceil(p.Load.Hours()) }

// Setup is what an estimate assumes of everything but the load: what a run
// measures afterwards.
type Setup struct {
	Region           string
	ARM              bool
	MemoryMB         float64
	BilledMillis     float64    // of an invocation
	LogBytes         float64    // of an invocation
	Hourly           []Quantity // for each hour of load: the machines that put the records, gateways; none: a laptop
	PerGB            []Quantity // for each GB put, such as a gateway's data
	MetricsPerMinute float64    // that GetMetricData asks for while records are put
	CustomMetrics    float64    // charged for the hours they are sent
	Dashboards       float64    // charged by the month
}

// TypicalSetup is a test function of 512 MB that takes 100 ms, in us-east-1, on
// x86, with half a kilobyte of log an invocation (START, END and REPORT lines
// and a ledger line of a few records), and 40 metrics asked for each minute.
var TypicalSetup = Setup{Region: "us-east-1", MemoryMB: 512, BilledMillis: 100, LogBytes: 500, MetricsPerMinute: 40}

// Estimate is what phases will cost at that many records an invocation: list
// price, no free tier, each item summed over the phases.
func (t *Table) Estimate(s Setup, phases []Phase, mode Mode, batch float64) (Bill, error) {
	var sum []Quantity
	add := func(quantities ...Quantity) {
		for _, q := range quantities {
			at := 0
			for at < len(sum) && sum[at].Item != q.Item {
				at++
			}
			if at == len(sum) {
				sum = append(sum, Quantity{Item: q.Item})
			}
			sum[at].Amount += q.Amount
		}
	}
	for _, p := range phases {
		add(Stream{Mode: mode, Hours: p.hours(), Shards: p.Shards, Records: p.Records, RecordBytes: p.RecordBytes, Readers: 1}.Quantities()...)
		add(Function{ARM: s.ARM, MemoryMB: s.MemoryMB, Invocations: p.Records / batch, BilledMillis: s.BilledMillis, LogBytes: s.LogBytes}.Quantities()...)
		add(Quantity{GetMetricData, s.MetricsPerMinute * p.Load.Minutes()}, Quantity{CustomMetric, s.CustomMetrics * p.Load.Hours() / MonthHours})
		for _, q := range s.Hourly {
			add(Quantity{q.Item, q.Amount * p.Load.Hours()})
		}
		for _, q := range s.PerGB {
			add(Quantity{q.Item, q.Amount * p.Records * p.RecordBytes / gb})
		}
	}
	add(Quantity{Dashboard, s.Dashboards})
	return t.Bill(s.Region, sum...)
}

// Idle is what a stream costs an hour while nothing is put: what is paid for
// one forgotten.
func (t *Table) Idle(region string, mode Mode, shards float64) (float64, error) {
	b, err := t.Bill(region, Stream{Mode: mode, Hours: 1, Shards: shards}.Quantities()...)
	return b.USD(), err
}
