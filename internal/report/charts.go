package report

import (
	"fmt"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/record"
)

// charts are the report's pictures; those without data are left out.
func charts(d *record.Data, v judge.Verdict) []chart {
	p := plotter{d: d, v: v, origin: origin(d)}
	var drawn []chart
	for _, c := range []chart{p.load(), p.latency(), p.age(), p.backlog(), p.invocations(), p.batch(), p.hottest()} {
		if !c.Empty() {
			drawn = append(drawn, c)
		}
	}
	return drawn
}

// plotter makes charts over one time axis: seconds from the start of the load.
type plotter struct {
	d      *record.Data
	v      judge.Verdict
	origin int64
}

// origin is the second in which the load began.
func origin(d *record.Data) int64 {
	switch {
	case !d.Run.LoadStart.IsZero():
		return d.Run.LoadStart.Unix()
	case len(d.Series) > 0:
		return d.Series[0].T
	}
	return 0
}

func (p plotter) chart(title, unit, source string) chart {
	c := chart{Title: title, Unit: unit, Source: source, to: 1}
	if n := len(p.d.Series); n > 0 {
		c.from = min(0, float64(p.d.Series[0].T-p.origin))
		c.to = max(c.from+1, float64(p.d.Series[n-1].T-p.origin))
	}
	c.loadEnd = c.to
	for _, s := range p.d.Run.Steps {
		c.borders = append(c.borders, border{float64(s.Start.Unix() - p.origin), borderName(s)})
		if !s.End.IsZero() {
			c.loadEnd = float64(s.End.Unix() - p.origin)
		}
	}
	return c
}

// borderName is what a step offers, short.
func borderName(s record.Step) string {
	if s.Shape != "" {
		return s.Shape
	}
	return rate(s.Rate) + "/s"
}

// vended is a chart of CloudWatch's points.
func (p plotter) vended(title, unit, metric string) chart {
	return p.chart(title, unit, fmt.Sprintf("%s, %s", metric, resolution(max(p.d.Run.Pipeline.ResolutionS, 1))))
}

// perSecond scales a vended sum to a rate.
func (p plotter) perSecond() float64 { return 1 / float64(max(p.d.Run.Pipeline.ResolutionS, 1)) }

func (p plotter) curve(name, class, series string, scale float64, how gather) curve {
	return curve{name: name, class: class, samples: samplesOf(p.d, series, p.origin, scale, how)}
}

// against draws the limit of a target.
func (p plotter) against(c *chart, id string) {
	for _, t := range p.v.Targets {
		if t.ID == id && t.Limit != nil {
			c.limit, c.limitName = t.Limit, "limit "+judge.Number(*t.Limit, t.Unit)
		}
	}
}

func (p plotter) load() chart {
	c := p.chart("Offered and accepted", "records a second", "generator, 1 s points")
	accepted := p.curve("accepted", "blue", metrics.Accepted, 1, mean)
	accepted.fill = true
	c.curves = []curve{p.curve("offered", "wide", metrics.Offered, 1, mean), accepted}
	for _, l := range []curve{
		p.curve("rejected", "red", metrics.Rejected, 1, mean),
		p.curve("not sent", "amber dashed", metrics.NotSent, 1, mean),
	} {
		if anyAbove(l.samples, 0) {
			c.curves = append(c.curves, l)
		}
	}
	return c.held()
}

func (p plotter) latency() chart {
	c := p.chart("Latency from due to processed", "ms, logarithmic", "probe, every record, by the second it was processed in")
	c.log = true
	c.curves = []curve{
		p.curve("maximum", "grey", metrics.E2EMax, 1, peak),
		p.curve("p99", "red", metrics.E2EP99, 1, peak),
		p.curve("p95", "blue dashed", metrics.E2EP95, 1, peak),
		p.curve("p50", "teal dotted", metrics.E2EP50, 1, peak),
	}
	p.against(&c, judge.RecordLatency)
	return c
}

func (p plotter) age() chart {
	c := p.vended("Iterator age", "ms, maximum", "AWS/Kinesis GetRecords.IteratorAgeMilliseconds and AWS/Lambda IteratorAge, Maximum")
	c.curves = []curve{
		p.curve("Lambda IteratorAge (at hand-over)", "grey dashed", metrics.LambdaAgeMax, 1, peak),
		p.curve("GetRecords.IteratorAgeMilliseconds", "blue", metrics.IteratorAge, 1, peak),
	}
	p.against(&c, judge.IteratorAge)
	c.limitName += " of GetRecords' age"
	return c
}

func (p plotter) backlog() chart {
	c := p.chart("Backlog", "records", "ledger: accepted minus processed, filtered and given up so far, 1 s points")
	var waiting []sample
	p.d.Waiting(func(t int64, n float64) { waiting = append(waiting, sample{float64(t - p.origin), n}) })
	c.curves = []curve{{name: "accepted, not yet processed", class: "purple", samples: thin(waiting, peak), fill: true}}
	return c
}

func (p plotter) invocations() chart {
	c := p.vended("Invocations", "a second", "AWS/Lambda Invocations, Errors, Throttles, Sum")
	c.curves = []curve{p.curve("invocations", "blue", metrics.Invocations, p.perSecond(), mean)}
	for _, l := range []curve{
		p.curve("errors", "red", metrics.Errors, p.perSecond(), mean),
		p.curve("throttles", "amber dashed", metrics.Throttles, p.perSecond(), mean),
	} {
		if anyAbove(l.samples, 0) {
			c.curves = append(c.curves, l)
		}
	}
	return c.held()
}

func (p plotter) batch() chart {
	c := p.chart("Mean batch size", "records an invocation", "probe, 1 s points")
	c.curves = []curve{p.curve("mean batch size", "teal", metrics.BatchMean, 1, mean)}
	if size := p.d.Run.Pipeline.BatchSize; size > 0 {
		c.limit, c.limitName = new(float64(size)), fmt.Sprintf("BatchSize %d", size)
	}
	return c
}

func anyAbove(samples []sample, v float64) bool {
	for _, s := range samples {
		if s.v > v {
			return true
		}
	}
	return false
}
