package price

// advantageFloor is what On-demand Advantage bills at least, in and out each, by
// all on-demand streams of an account and region together: 25 MiB a second, by a
// third party's table of 2026. It agrees with AWS's blog, by which the mode pays
// from 10 MiB/s on: 25 × 0.032 = 10 × 0.08.
const advantageFloor = 25.0 * (1 << 20)

// Advantage is what a stream costs a month where the account has committed
// itself to On-demand Advantage.
type Advantage struct {
	Items []Line  `json:"items"`
	USD   float64 `json:"monthly_usd"`
	// Floor is what the account pays at least, for all its streams.
	Floor float64 `json:"floor_monthly_usd"`
	// Rate is from where on the stream alone costs less than on demand.
	Rate float64 `json:"break_even_rate"`
}

// Advantage prices the production's stream, whose rate and record size are above
// 0. What fan-out and retention cost in this mode isn't known: ok is false with
// them, and where the region has no such price.
func (t *Table) Advantage(region string, p Production) (a Advantage, ok bool, err error) {
	onDemand, err := t.Bill(region, p.stream(OnDemand)...)
	if err != nil {
		return Advantage{}, false, err
	}
	in, inKnown := t.regions[region][AdvantageIn]
	out, outKnown := t.regions[region][AdvantageOut]
	if p.FanOut > 0 || p.RetentionHours > freeRetention || !inKnown || !outKnown {
		return Advantage{}, false, nil
	}
	const least = advantageFloor * MonthHours * 3600 / gib
	idle := 0.0
	for _, l := range onDemand.Lines {
		item, c := AdvantageIn, in
		switch l.Item {
		case OnDemandOut:
			item, c = AdvantageOut, out
		case OnDemandStreamHour:
			idle = l.USD // this mode has none
			continue
		}
		amount := max(l.Quantity, least)
		a.Items = append(a.Items, Line{Item: item, Quantity: amount, Unit: c.Unit, USD: c.Cost(amount), Grade: c.Grade, Source: c.Source})
		a.USD += c.Cost(amount)
		a.Floor += c.Cost(least)
	}
	// Both bills are lines over the rate, but for the floor, and on-demand's is the
	// steeper: they cross where Advantage is at its floor.
	a.Rate = p.Rate * (a.Floor - idle) / (onDemand.USD() - idle)
	return a, true, nil
}
