package values

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"weir/internal/metrics"
	"weir/internal/price"
	"weir/internal/record"
)

// Costs are what a run's stream and function are charged for, at list price.
type Costs struct {
	Usage  record.Usage
	Stream price.Stream
	// Invoked says that the function is in the bill: what it did is known.
	Invoked bool
	// Billed says that the billed time is that of the REPORT lines, cold starts
	// included, and not made of CloudWatch's Duration.
	Billed bool
	Bill   price.Bill
}

// CostOf is a *price.MissingError where a price is not in the table; ok is
// false where nothing was counted.
func CostOf(d *record.Data) (c Costs, ok bool, err error) {
	u, p := record.UsageOf(d.Series), d.Run.Pipeline
	if u.Records == 0 || u.Bytes == 0 {
		return Costs{}, false, nil
	}
	c.Usage = u
	if r := d.Run.Reports; r.Complete(u.Invocations) && r.Billed > 0 {
		c.Billed, c.Usage.BilledMillis = true, milliseconds(r.Billed)/float64(r.Lines)
	}
	mode := price.Provisioned
	if p.StreamMode == "ON_DEMAND" {
		mode = price.OnDemand
	}
	c.Stream = price.Stream{
		Mode: mode, Hours: streamHours(&d.Run), Shards: float64(p.Shards), Records: u.Records, RecordBytes: u.Bytes / u.Records, Readers: 1,
	}
	quantities := c.Stream.Quantities()
	if c.Invoked = u.Invocations > 0 && c.Usage.BilledMillis > 0 && p.FunctionMemoryMB > 0; c.Invoked {
		quantities = append(quantities, price.Function{
			MemoryMB: float64(p.FunctionMemoryMB), Invocations: u.Invocations, BilledMillis: c.Usage.BilledMillis,
		}.Quantities()...)
	}
	c.Bill, err = price.List().Bill(cmp.Or(p.Region, price.TypicalSetup.Region), quantities...)
	return c, true, err
}

// streamHours is how long the stream is paid for: from the load to the end of
// the run, a started hour as whole; of a stream that is there anyway, the
// window.
func streamHours(run *record.Run) float64 {
	if run.Watched && len(run.Steps) > 0 {
		return run.Steps[0].End.Sub(run.Steps[0].Start).Hours()
	}
	end := slices.MaxFunc([]time.Time{run.Ended, run.LoadEnd, run.LoadStart}, time.Time.Compare)
	return max(1, math.Ceil(end.Sub(run.LoadStart).Hours()))
}

// costs are a run's, with what reading its metrics and logs comes to.
type costs struct {
	Costs
	known       bool
	err         error
	observation price.Bill
	observed    error
}

func costOf(d *record.Data) costs {
	var c costs
	c.Costs, c.known, c.err = CostOf(d)
	c.observation, c.observed = observationOf(d)
	return c
}

// Custom metrics that are charged for while they are sent: the probe's two by
// stream and function, and (budgeted, for AWS names no price) the mapping's six
// event counts.
const (
	probeMetrics   = 3 // RecordProcessingLatency, RecordsReceived, RecordsProcessed
	mappingMetrics = 6
)

// observationOf prices the metrics asked for, the log lines read and the custom
// metrics, for the hours of the run.
func observationOf(d *record.Data) (price.Bill, error) {
	p, r := d.Run.Pipeline, d.Run.Reading
	var custom float64
	if p.Probe {
		custom += probeMetrics
	}
	if p.MappingEventCount {
		custom += mappingMetrics
	}
	months := streamHours(&d.Run) / price.MonthHours
	return price.List().Bill(cmp.Or(p.Region, price.TypicalSetup.Region),
		price.Quantity{Item: price.GetMetricData, Amount: float64(r.Metrics)},
		price.Quantity{Item: price.LogIngest, Amount: float64(r.LogBytes) / 1e9},
		price.Quantity{Item: price.CustomMetric, Amount: custom * months},
		price.Quantity{Item: price.ShardLevelMetric, Amount: float64(len(p.ShardMetrics)*p.Shards) * months},
	)
}

// priced says why there is no price.
func (r *reading) priced() error {
	switch {
	case r.cost.err != nil:
		return unknown(r.cost.err.Error())
	case !r.cost.known:
		return unknown("no record and bytes were counted as incoming")
	}
	return nil
}

func (r *reading) streamCost() (finding, error) {
	if err := r.priced(); err != nil {
		return finding{}, err
	}
	s := r.cost.Stream
	return finding{
		value: r.cost.Bill.Group("kinesis"), source: "list prices of " + r.cost.Bill.AsOf,
		note: fmt.Sprintf("%.4g h of %.0f shards, %s", s.Hours, s.Shards, s.Mode),
	}, nil
}

func (r *reading) functionCost() (finding, error) {
	if err := r.priced(); err != nil {
		return finding{}, err
	}
	if !r.cost.Invoked {
		return finding{}, unknown("invocations, their time or the function's memory are not known")
	}
	basis := "by CloudWatch's Duration, without cold starts"
	if r.cost.Billed {
		basis = "by REPORT lines"
	}
	return finding{
		value: r.cost.Bill.Group("lambda"), source: "list prices of " + r.cost.Bill.AsOf,
		note: fmt.Sprintf("%.0f invocations of %.3g ms billed, %s", r.cost.Usage.Invocations, r.cost.Usage.BilledMillis, basis),
	}, nil
}

func (r *reading) observationCost() (finding, error) {
	if err := r.cost.observed; err != nil {
		return finding{}, unknown(err.Error())
	}
	took := r.data.Run.Reading
	return finding{
		value: r.cost.observation.USD(), source: "list prices of " + r.cost.observation.AsOf,
		note: fmt.Sprintf("metrics asked for: %d in calls: %d; log lines read: %d; START and END lines, dashboards and alarms not in it",
			took.Metrics, took.MetricCalls, took.LogLines),
	}, nil
}

func (r *reading) costPerMillion() (finding, error) {
	for _, err := range []error{r.priced(), r.cost.observed} {
		if err != nil {
			return finding{}, unknown(err.Error())
		}
	}
	n := r.sums[metrics.IncomingRecords].sum
	sum := r.cost.Bill.USD() + r.cost.observation.USD()
	f := finding{value: sum / n * 1e6, note: fmt.Sprintf("%.4g USD for %.0f records, %.2g USD of it for metrics and logs", sum, n, r.cost.observation.USD())}
	if !r.cost.Invoked {
		return finding{}, unknown("what the function costs is not known")
	}
	return f, nil
}

// ReadingPrice is what asking for the run's metrics costs, in USD.
func ReadingPrice(d *record.Data) (float64, error) {
	b, err := price.List().Bill(cmp.Or(d.Run.Pipeline.Region, price.TypicalSetup.Region),
		price.Quantity{Item: price.GetMetricData, Amount: float64(d.Run.Reading.Metrics)})
	return b.USD(), err
}
