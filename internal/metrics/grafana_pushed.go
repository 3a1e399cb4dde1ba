package metrics

import (
	"fmt"
	"slices"
	"strings"
)

// pushedTags are the tags of the pipeline's and the generator's series that a
// dashboard chooses by.
var pushedTags = []string{"test", "stream", "function"}

// kind is a k6 metric's type.
type kind int

const (
	counterKind kind = iota
	gaugeKind
	trendKind // of times, in milliseconds
)

// pushed is a line of a panel: one series of a k6 output, or a quotient of two.
type pushed struct {
	label string
	name  string // of the k6 metric
	kind  kind
	// over is a counter to divide by, empty without; soFar adds both up from the
	// beginning of what is shown.
	over  string
	soFar bool
}

// series is a line of what weir saw of the pipeline; it panics where k6's outputs
// don't get that, which is a mistake in this package.
func series(label, name string) pushed {
	all := AllPushed()
	p := all[slices.IndexFunc(all, func(p Pushed) bool { return p.Series == name })]
	if p.Counter {
		return pushed{label: label, name: p.Name(), kind: counterKind}
	}
	return pushed{label: label, name: p.Name(), kind: gaugeKind}
}

// grafanaPushed are the panels on what k6's outputs got: the ten of the
// CloudWatch dashboard and the load generator's.
func (w Watched) grafanaPushed(source string) []grafanaPanel {
	panel := func(title, unit string, limit *float64, lines ...pushed) grafanaPanel {
		p := newGrafanaPanel(source, title, unit, limit)
		for _, line := range lines {
			line.addTo(&p, source)
		}
		return p
	}
	none := new(0.0)
	return []grafanaPanel{
		panel("Iterator age", "ms", new(milliseconds(w.Limits.IteratorAge)),
			series("in the stream, maximum", IteratorAge), series("at hand-over to the function, maximum", LambdaAgeMax)),
		panel("Duration", "ms", new(milliseconds(w.Limits.Duration)),
			series("maximum", DurationMax), series("p99", DurationP99), series("p50", DurationP50)),
		panel("Errors", "percentunit", &w.Limits.ErrorRate,
			pushed{label: "errors / invocations", name: PushedPrefix + Errors, over: PushedPrefix + Invocations}),
		panel("Throttles a second", "short", none,
			series("records not written", WriteThrottled), series("reads", ReadThrottled), series("invocations", Throttles)),
		panel("Throughput match, so far", "none", nil,
			pushed{label: "polled / incoming", name: PushedPrefix + Polled, over: PushedPrefix + IncomingRecords, soFar: true}),
		panel("Record latency", "ms", new(milliseconds(w.Limits.RecordLatency)),
			series("p99 from due", E2EP99), series("p95 from due", E2EP95), series("p99 from arrival", ArriveP99)),
		panel("Records a second", "short", nil,
			series("offered", Offered), pushed{label: "accepted", name: "kinesis_records_accepted"},
			series("incoming", IncomingRecords), series("processed", Processed)),
		panel("Backlog", "short", nil, series("accepted, not processed", Backlog)),
		panel("Invocations a second", "short", nil, series("invocations", Invocations), series("at once, maximum", Concurrent), series("cold starts", ColdStarts)),
		panel("Calls of the stream", "ms", nil,
			series("PutRecords, average", PutLatencyAvg), series("GetRecords, average", GetLatencyAvg),
			pushed{label: "put by the generator's clock, p99", name: "kinesis_put_duration", kind: trendKind}),
		panel("Records refused and given up, a second", "short", nil,
			pushed{label: "rejected", name: "kinesis_records_rejected"}, series("throttled in PutRecords", PutThrottledRecs),
			series("dropped by the mapping", Dropped), series("to the on-failure destination", DeadLettered)),
		panel("Load generator", "ms", nil,
			pushed{label: "lateness, p99", name: "kinesis_lateness", kind: trendKind}),
	}
}

// addTo adds the line to a panel as its data source is asked for it.
func (p pushed) addTo(panel *grafanaPanel, source string) {
	add := func(t grafanaTarget) {
		t["refId"], t["datasource"] = refID(len(panel.Targets)), chosen(source)
		panel.Targets = append(panel.Targets, t)
	}
	switch {
	case source == GrafanaPrometheus:
		add(grafanaTarget{"expr": p.promQL(), "legendFormat": p.label, "range": true, "editorMode": "code"})
	case p.over == "":
		add(influxTarget(p.influxQL(), p.label))
	default:
		// InfluxQL can't divide what two measurements have: Grafana does.
		above, below := p, p
		below.name = p.over
		left, right, _ := strings.Cut(p.label, " / ")
		add(influxTarget(above.influxQL(), left))
		add(influxTarget(below.influxQL(), right))
		panel.Transformations = append(panel.Transformations, quotient(left, right, p.label)...)
	}
}

func influxTarget(query, alias string) grafanaTarget {
	return grafanaTarget{"query": query, "rawQuery": true, "resultFormat": "time_series", "alias": alias}
}

// quotient are the transformations that divide one query by another.
func quotient(left, right, alias string) []any {
	return []any{
		map[string]any{"id": "joinByField", "options": map[string]any{"byField": "Time", "mode": "outer"}},
		map[string]any{"id": "calculateField", "options": map[string]any{
			"mode": "binary", "alias": alias, "replaceFields": true,
			"binary": map[string]any{"left": left, "operator": "/", "right": right},
		}},
	}
}

// influxQL asks for what k6's output influxdb writes: a measurement for each
// metric, with the field value for each sample. Counters are by the second.
func (p pushed) influxQL() string {
	figure := map[kind]string{counterKind: `sum("value") * 1000 / $__interval_ms`, gaugeKind: `max("value")`, trendKind: `percentile("value", 99)`}[p.kind]
	if p.soFar {
		figure = `cumulative_sum(sum("value"))`
	}
	var s strings.Builder
	fmt.Fprintf(&s, `SELECT %s FROM "%s" WHERE $timeFilter`, figure, p.name)
	for _, tag := range pushedTags {
		fmt.Fprintf(&s, ` AND "%s" =~ /^$%s$/`, tag, tag)
	}
	return s.String() + " GROUP BY time($__interval) fill(none)"
}

// prometheusName is a metric's name by k6's output experimental-prometheus-rw
// with its trend statistics left as they are.
func prometheusName(name string, k kind) string {
	return "k6_" + name + map[kind]string{counterKind: "_total", gaugeKind: "", trendKind: "_p99"}[k]
}

// promQL asks for counters by the second, and for times in milliseconds: k6
// sends those of trends in seconds.
func (p pushed) promQL() string {
	var labels []string
	for _, tag := range pushedTags {
		labels = append(labels, fmt.Sprintf(`%s=~"$%s"`, tag, tag))
	}
	of := func(name string, k kind) string {
		return prometheusName(name, k) + "{" + strings.Join(labels, ",") + "}"
	}
	rate := func(name string) string { return "sum(rate(" + of(name, counterKind) + "[$__rate_interval]))" }
	switch {
	case p.soFar:
		return "sum(" + of(p.name, counterKind) + ") / sum(" + of(p.over, counterKind) + ")"
	case p.over != "":
		return "(" + rate(p.name) + " or vector(0)) / " + rate(p.over)
	case p.kind == counterKind:
		return rate(p.name)
	case p.kind == trendKind:
		return "1000 * max(" + of(p.name, trendKind) + ")"
	}
	return "max(" + of(p.name, gaugeKind) + ")"
}
