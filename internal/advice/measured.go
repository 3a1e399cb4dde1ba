package advice

import (
	"cmp"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/price"
	"weir/internal/record"
)

// measured is what the run showed, and what is asked of the configuration.
type measured struct {
	pipeline record.Pipeline
	targets  plan.Targets
	keys     plan.Keys
	verdict  judge.Verdict
	region   string
	prices   *price.Table

	rate, headroom float64
	recordBytes    float64 // data and key, the mean
	service        service

	invocations, errors float64
	errorRate           float64 // errors / invocations
	memoryUsed          float64 // MB, the most; 0: not known
	refused             float64 // records over a shard's limit
	perInvocation       float64
	hot                 *judge.HotShard // of the step where it was hottest; nil: none was
}

func measure(d *record.Data, v judge.Verdict, ask Ask) (measured, error) {
	u, p := record.UsageOf(d.Series), d.Run.Pipeline
	m := measured{
		pipeline: p, targets: targetsOf(d), keys: d.Run.Test.Keys, verdict: v,
		region: cmp.Or(p.Region, price.TypicalSetup.Region), prices: ask.Prices,
		rate: cmp.Or(ask.Rate, offered(d)), headroom: ask.Headroom, service: fit(d.Series),
	}
	if u.Records == 0 || u.Bytes == 0 || u.Invocations == 0 || m.service.points == 0 || p.Function == "" || m.rate == 0 {
		return m, ErrNothing
	}
	m.recordBytes, m.invocations = u.Bytes/u.Records, u.Invocations
	m.perInvocation = m.service.mean
	var answered, counted float64
	for _, point := range d.Series {
		m.errors += point.V[metrics.Errors]
		m.memoryUsed = max(m.memoryUsed, point.V[metrics.MaxMemoryUsed])
		answered += point.V[metrics.Throttled]
		counted += point.V[metrics.WriteThrottled]
	}
	m.refused = max(answered, counted)
	m.errorRate = m.errors / m.invocations
	for _, s := range v.Steps {
		if h := s.HotShard; h != nil && (m.hot == nil || h.Share > m.hot.Share) {
			m.hot = h
		}
	}
	return m, nil
}

// offered is the highest rate that the run's judged steps offered, of all where
// none was judged; of a moving rate its highest second.
func offered(d *record.Data) float64 {
	highest := [2]float64{}
	for _, s := range d.Run.Steps {
		rate := s.Rate
		if s.Shape != "" {
			for _, p := range d.Series {
				if p.T >= s.Start.Unix() && p.T < s.End.Unix() {
					rate = max(rate, p.V[metrics.Offered])
				}
			}
		}
		judged := 0
		if s.Judged {
			judged = 1
		}
		highest[judged] = max(highest[judged], rate)
	}
	return cmp.Or(highest[1], highest[0])
}
