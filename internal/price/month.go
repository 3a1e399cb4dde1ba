package price

// Production is a steady load on a stream and the function behind it.
type Production struct {
	Rate         float64 // records a second
	RecordBytes  float64 // data and key, the mean
	Shards       float64 // of a provisioned stream
	ARM          bool
	MemoryMB     float64
	BilledMillis float64 // of one invocation
	LogBytes     float64 // of one invocation
	FanOut       float64 // consumers with enhanced fan-out beside the mapping
	// RetentionHours above 24 are paid for.
	RetentionHours float64
}

// Records are put in a month.
func (p Production) Records() float64 { return p.Rate * MonthHours * 3600 }

func (p Production) stream(mode Mode) []Quantity {
	s := Stream{Mode: mode, Hours: MonthHours, Shards: p.Shards, Records: p.Records(), RecordBytes: p.RecordBytes, Readers: 1}
	quantities := append(s.Quantities(), s.Retention(p.RetentionHours)...)
	if p.FanOut > 0 {
		quantities = append(quantities, s.FanOut(p.FanOut)...)
	}
	return quantities
}

// Month is what production costs a month of MonthHours at that many records an
// invocation: list price, no free tier, no retries.
func (t *Table) Month(region string, p Production, mode Mode, batch float64) (Bill, error) {
	function := Function{
		ARM: p.ARM, MemoryMB: p.MemoryMB, Invocations: p.Records() / batch, BilledMillis: p.BilledMillis, LogBytes: p.LogBytes,
	}
	return t.Bill(region, append(p.stream(mode), function.Quantities()...)...)
}

// BreakEven is where a stream costs the same in both modes.
type BreakEven struct {
	// Rate is the mean rate below which on-demand is cheaper than to hold the
	// production's shards; 0: it never is.
	Rate float64 `json:"rate"`
	// Shards are how many can be held at the production's rate before on-demand is
	// cheaper.
	Shards float64 `json:"shards"`
}

// BreakEven compares the modes for the production's rate and record size, both
// above 0. Both bills are
// lines over the rate, for Kinesis's prices have no tiers, and on-demand's is
// the steeper: its least record, 1 KB in and out, costs more than a payload
// unit.
func (t *Table) BreakEven(region string, p Production) (BreakEven, error) {
	usd := func(mode Mode, rate, shards float64) (float64, error) {
		at := p
		at.Rate, at.Shards = rate, shards
		b, err := t.Bill(region, at.stream(mode)...)
		return b.USD(), err
	}
	var bills [4]float64
	for i, of := range []struct {
		mode         Mode
		rate, shards float64
	}{{Provisioned, 0, 1}, {Provisioned, p.Rate, 0}, {OnDemand, 0, 0}, {OnDemand, p.Rate, 0}} {
		var err error
		if bills[i], err = usd(of.mode, of.rate, of.shards); err != nil {
			return BreakEven{}, err
		}
	}
	shard, puts, idle, onDemand := bills[0], bills[1], bills[2], bills[3]
	perRate := (onDemand - idle - puts) / p.Rate
	return BreakEven{Rate: max(0, (p.Shards*shard-idle)/perRate), Shards: (onDemand - puts) / shard}, nil
}
