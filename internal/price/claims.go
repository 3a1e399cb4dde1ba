package price

import (
	"fmt"
	"time"
)

// Claim is what goes with the table of Document: a figure for the tests that
// the document plans, beside what they cost.
type Claim struct {
	What      string  `json:"what"`
	Low       float64 `json:"claimed_low_usd"`
	High      float64 `json:"claimed_high_usd"`
	Decoded   float64 `json:"decoded_usd"` // by the document's own wrong rate
	ByBatch   [3]Bill `json:"bills"`       // by ClaimBatches
	Explained string  `json:"explained"`
}

// ClaimBatches are the records an invocation that a claim is reckoned for.
var ClaimBatches = [3]float64{1, 10, 100}

// documentRate is what a million records cost by the document's reckoning, USD:
// a request each, and 10 ms of 512 MB.
func (t *Table) documentRate() (float64, error) {
	b, err := t.Bill("us-east-1", Function{MemoryMB: DocumentMemoryMB, Invocations: 1e6, BilledMillis: DocumentMillis / 10}.Quantities()...)
	return b.USD(), err
}

// documentAlarms and documentDashboards give the document's 5 USD a month to the
// cent. Others would too.
const (
	documentDashboards = 1
	documentAlarms     = 20
)

// Claims are the document's three for a plan of those phases: of a cycle, of a
// run and of CloudWatch a month. The alarms are those that the plan's pipeline
// has, by metrics that they read.
func (t *Table) Claims(s Setup, phases []Phase, alarmMetrics float64) ([]Claim, error) {
	rate, err := t.documentRate()
	if err != nil {
		return nil, err
	}
	var records float64
	for _, p := range phases {
		records += p.Records
	}
	run := Phase{Load: 30 * time.Minute, Shards: 3, Records: 1000 * 1800, RecordBytes: DocumentPayload}
	cycle := Claim{What: "a cycle of the plan", Low: 15, High: 20, Decoded: rate * records / 1e6}
	one := Claim{What: "a run: half an hour at 1000/s", Low: 0.5, High: 2, Decoded: rate * run.Records / 1e6}
	for i, batch := range ClaimBatches {
		if cycle.ByBatch[i], err = t.Estimate(s, phases, Provisioned, batch); err != nil {
			return nil, err
		}
		if one.ByBatch[i], err = t.Estimate(s, []Phase{run}, Provisioned, batch); err != nil {
			return nil, err
		}
	}
	cycle.Explained = fmt.Sprintf("%.1f M records at the table's wrong rate of %.4f USD a million, with the 5 of CloudWatch %.2f; what decides it is the records an invocation gets, which the document doesn't name", records/1e6, rate, cycle.Decoded+5)
	one.Explained = fmt.Sprintf("0.51 is 1.8 M records at that rate; about 2 is Lambda alone with an invocation a record (%.2f)", one.ByBatch[0].Group("lambda"))
	watched, err := t.cloudWatchClaim(s.Region, alarmMetrics)
	return []Claim{cycle, one, watched}, err
}

// cloudWatchClaim is a month of one dashboard and of so many alarms.
func (t *Table) cloudWatchClaim(region string, alarmMetrics float64) (Claim, error) {
	decoded, err := t.Bill(region, Quantity{Dashboard, documentDashboards}, Quantity{Alarm, documentAlarms})
	if err != nil {
		return Claim{}, err
	}
	own, err := t.Bill(region, Quantity{Dashboard, 1}, Quantity{Alarm, alarmMetrics})
	return Claim{
		What: "CloudWatch a month", Low: 5, High: 5, Decoded: decoded.USD(), ByBatch: [3]Bill{own, own, own},
		Explained: fmt.Sprintf("a dashboard of 3.00 and %d alarms of 0.10 would be 5.00 (others would too); weir's dashboard and alarms read %g metrics, and logs come on top, by the invocation: they are in the cycle", documentAlarms, alarmMetrics),
	}, err
}
