package load

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/grafana/sobek"

	"weir/internal/producer"
)

// scheduleVUs is how many VUs take turns from the schedule in one process. They hardly ever
// work at the same time: an iteration waits for its calls and hands them on.
const scheduleVUs = 4

// drainMargin is added to the schedule's longest possible duration, so that
// k6's own limit never ends a test that is only slow.
const drainMargin = 10 * time.Second

// newTest is the class Test: a test of the catalogue on its exact schedule.
//
//	const test = new Test({ name: 'baseline-500b' });
//	export const options = test.options();
//	export default function () { test.next(); }
func (m *instance) newTest(call sobek.ConstructorCall) *sobek.Object {
	if m.vu.State() != nil {
		m.throw(errors.New("kinesis: make the Test in the init context, outside of functions"))
	}
	o := m.optionsOf(call.Argument(0))
	g, err := m.extension.generatorFor(settings{
		name: o.text("name"), payload: o.text("payload"), payloadFile: o.text("payloadFile"), payloadOrder: o.text("payloadOrder"), template: o.text("template"),
		rates: o.text("rates"), shape: o.text("shape"), step: o.text("step"), keys: o.text("keys"), retry: o.text("retry"), encoding: o.text("encoding"),
	}, m.env)
	if err != nil {
		m.throw(fmt.Errorf("kinesis: %w", err))
	}
	m.announce(g.spec.Target)
	rt := m.vu.Runtime()
	m.method(call.This, "options", func(sobek.FunctionCall) sobek.Value { return rt.ToValue(scenario(g)) })
	m.method(call.This, "next", func(sobek.FunctionCall) sobek.Value {
		m.inIteration()
		if err := g.share.agrees(m.vu.State().Options.ExecutionSegment); err != nil {
			m.throw(fmt.Errorf("kinesis: %w", err))
		}
		g.next(m.vu.Context())
		if c, ok := g.report.take(time.Now(), g.finished()); ok {
			m.metrics.push(m.vu, c)
		}
		return sobek.Undefined()
	})
	return nil
}

// scenario is k6's options for a schedule: one iteration a turn. k6 cuts both
// VUs and iterations by its execution segment.
func scenario(g *generator) map[string]any {
	put := g.spec.Test.Put
	limit := g.pacer.Duration() + put.MaxLate + producer.Retry(put.Retry).Longest(put.Timeout) + drainMargin
	limit += max(time.Until(g.spec.Start), 0)
	turns := g.pacer.Turns()
	return map[string]any{
		"scenarios": map[string]any{
			"schedule": map[string]any{
				"executor":    "shared-iterations",
				"vus":         min(scheduleVUs*g.share.parts(), turns),
				"iterations":  turns,
				"maxDuration": fmt.Sprintf("%ds", int64(math.Ceil(limit.Seconds()))),
			},
		},
	}
}
