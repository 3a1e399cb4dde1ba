package metrics

import (
	"encoding/json"
	"fmt"
)

// The body's vocabulary: docs.aws.amazon.com AmazonCloudWatch/latest/APIReference
// CloudWatch-Dashboard-Body-Structure, read 2026-11-22.
type (
	dashboardBody struct {
		Start string `json:"start"`
		// PeriodOverride "inherit" keeps a minute's sums at any zoom.
		PeriodOverride string   `json:"periodOverride"`
		Widgets        []widget `json:"widgets"`
	}
	widget struct {
		Type       string     `json:"type"`
		X          int        `json:"x"`
		Y          int        `json:"y"`
		Width      int        `json:"width"`
		Height     int        `json:"height"`
		Properties properties `json:"properties"`
	}
	properties struct {
		Title       string          `json:"title"`
		Region      string          `json:"region"`
		View        string          `json:"view"`
		Period      int             `json:"period"` // seconds
		Metrics     [][]any         `json:"metrics"`
		YAxis       map[string]axis `json:"yAxis"`
		Annotations *annotations    `json:"annotations,omitempty"`
	}
	axis struct {
		Label     string   `json:"label"`
		ShowUnits bool     `json:"showUnits"`
		Min       *float64 `json:"min,omitempty"`
	}
	annotations struct {
		Horizontal []any `json:"horizontal"` // a line, or two of them for a band
	}
	line struct {
		Value float64 `json:"value"`
		Label string  `json:"label,omitempty"`
		Color string  `json:"color,omitempty"`
		Fill  string  `json:"fill,omitempty"`
	}
	rowOptions struct {
		ID         string `json:"id,omitempty"`
		Expression string `json:"expression,omitempty"`
		Label      string `json:"label,omitempty"`
		Stat       string `json:"stat,omitempty"`
		YAxis      string `json:"yAxis,omitempty"`
		Visible    *bool  `json:"visible,omitempty"`
	}
)

const (
	period    = 60 // seconds: the finest of AWS's own metrics
	badColor  = "#d62728"
	goodColor = "#2ca02c"
)

// Dashboard is the body of a CloudWatch dashboard of ten widgets: the six
// critical targets on top, with their limits, and what explains them below.
func Dashboard(w Watched) []byte {
	critical := []properties{
		w.agePanel(), w.durationPanel(), w.errorPanel(),
		w.throttlePanel(), w.matchPanel(), w.latencyPanel(),
	}
	rest := []properties{w.loadPanel(), w.invocationPanel(), w.callPanel(), w.refusalPanel()}
	body := dashboardBody{Start: "-PT3H", PeriodOverride: "inherit"}
	for i, p := range critical { // two rows of three
		body.Widgets = append(body.Widgets, w.place(p, 8*(i%3), 6*(i/3), 8))
	}
	for i, p := range rest { // one row of four
		body.Widgets = append(body.Widgets, w.place(p, 6*i, 12, 6))
	}
	text, err := json.MarshalIndent(body, "", "  ")
	if err != nil {
		panic(err) // structs of texts and finite numbers
	}
	return append(text, '\n')
}

// place puts a panel of a width on the grid of 24 columns.
func (w Watched) place(p properties, x, y, width int) widget {
	p.Region, p.View, p.Period = w.Region, "timeSeries", period
	return widget{Type: "metric", X: x, Y: y, Width: width, Height: 6, Properties: p}
}

// row is one metric of a widget, read by its query's statistic unless o has
// another.
func (w Watched) row(q Query, o rowOptions) []any {
	row := []any{q.Namespace, q.Name}
	for _, d := range w.dimensions(q) {
		row = append(row, d.Name, d.Value)
	}
	if o.Stat == "" {
		o.Stat = q.Statistic
	}
	return append(row, o)
}

// hidden is a metric that only an expression reads.
func (w Watched) hidden(q Query, id string) []any {
	return w.row(q, rowOptions{ID: id, Visible: new(false)})
}

func expression(text, label string) []any {
	return []any{rowOptions{ID: "result", Expression: text, Label: label}}
}

// left is the left axis, from zero.
func left(label string) map[string]axis {
	return map[string]axis{"left": {Label: label, Min: new(0.0)}}
}

func leftAndRight(l, r string) map[string]axis {
	axes := left(l)
	axes["right"] = axis{Label: r, Min: new(0.0)}
	return axes
}

// limit is the first bad value; all above it is shaded.
func limit(value float64, label string) *annotations {
	return &annotations{[]any{line{Value: value, Label: label, Color: badColor, Fill: "above"}}}
}

func (w Watched) agePanel() properties {
	return properties{
		Title: "Iterator age", YAxis: left("ms"),
		Metrics: [][]any{
			w.row(queryOf(IteratorAge), rowOptions{Label: "in the stream, maximum"}),
			w.row(queryOf(LambdaAgeMax), rowOptions{Label: "at hand-over to the function, maximum"}),
		},
		Annotations: limit(milliseconds(w.Limits.IteratorAge), "limit in the stream"),
	}
}

func (w Watched) durationPanel() properties {
	return properties{
		Title: "Duration", YAxis: left("ms"),
		Metrics: [][]any{
			w.row(queryOf(DurationMax), rowOptions{Label: "maximum"}),
			w.row(queryOf(DurationP99), rowOptions{Label: "p99"}),
			w.row(queryOf(DurationP50), rowOptions{Label: "p50"}),
		},
		Annotations: limit(milliseconds(w.Limits.Duration), "limit of the maximum"),
	}
}

func (w Watched) errorPanel() properties {
	return properties{
		Title: "Errors", YAxis: left("% of invocations"),
		Metrics: [][]any{
			w.hidden(queryOf(Errors), "errors"), w.hidden(queryOf(Invocations), "invocations"),
			expression(errorRate, "errors"),
		},
		Annotations: limit(100*w.Limits.ErrorRate, "limit"),
	}
}

func (w Watched) throttlePanel() properties {
	return properties{
		Title: "Throttles", YAxis: left("in a minute"),
		Metrics: [][]any{
			w.row(queryOf(WriteThrottled), rowOptions{Label: "records not written"}),
			w.row(queryOf(ReadThrottled), rowOptions{Label: "reads"}),
			w.row(queryOf(Throttles), rowOptions{Label: "invocations"}),
		},
		Annotations: &annotations{[]any{line{Value: 0, Label: "target", Color: goodColor}}},
	}
}

func (w Watched) matchPanel() properties {
	low, high := 1-w.Limits.MatchTolerance, 1+w.Limits.MatchTolerance
	return properties{
		// A ratio near 1 is not to be read on an axis from 0.
		Title: "Throughput match", YAxis: map[string]axis{"left": {Label: "received / incoming, so far"}},
		Metrics: [][]any{
			w.hidden(w.received(), "received"), w.hidden(queryOf(IncomingRecords), "incoming"),
			expression("RUNNING_SUM(FILL(received,0))/RUNNING_SUM(FILL(incoming,0))", "received / incoming"),
		},
		Annotations: &annotations{[]any{[]line{
			{Value: low, Label: fmt.Sprintf("1 ± %g", w.Limits.MatchTolerance), Color: goodColor},
			{Value: high, Color: goodColor},
		}}},
	}
}

func (w Watched) latencyPanel() properties {
	q := queryOf(RecordLatencyP99)
	return properties{
		Title: "Record latency", YAxis: left("ms"),
		Metrics: [][]any{
			w.row(q, rowOptions{Label: "p99"}),
			w.row(q, rowOptions{Label: "p95", Stat: "p95"}),
			w.row(q, rowOptions{Label: "p50", Stat: "p50"}),
		},
		Annotations: limit(milliseconds(w.Limits.RecordLatency), "limit of p99"),
	}
}

func (w Watched) loadPanel() properties {
	return properties{
		Title: "Incoming", YAxis: leftAndRight("records a minute", "bytes a minute"),
		Metrics: [][]any{
			w.row(queryOf(IncomingRecords), rowOptions{Label: "records"}),
			w.row(queryOf(IncomingBytes), rowOptions{Label: "bytes", YAxis: "right"}),
		},
	}
}

func (w Watched) invocationPanel() properties {
	return properties{
		Title: "Invocations", YAxis: leftAndRight("a minute", "at once"),
		Metrics: [][]any{
			w.row(queryOf(Invocations), rowOptions{Label: "invocations"}),
			w.row(queryOf(Concurrent), rowOptions{Label: "at once, maximum", YAxis: "right"}),
		},
	}
}

func (w Watched) callPanel() properties {
	return properties{
		Title: "Calls of the stream", YAxis: left("ms"),
		Metrics: [][]any{
			w.row(queryOf(PutLatencyAvg), rowOptions{Label: "PutRecords, average"}),
			w.row(queryOf(GetLatencyAvg), rowOptions{Label: "GetRecords, average"}),
		},
	}
}

func (w Watched) refusalPanel() properties {
	p := properties{
		Title: "Records refused and given up", YAxis: left("in a minute"),
		Metrics: [][]any{
			w.row(queryOf(PutThrottledRecs), rowOptions{Label: "throttled in PutRecords"}),
			w.row(queryOf(PutFailedRecs), rowOptions{Label: "failed in PutRecords"}),
		},
	}
	if w.Mapping != "" {
		p.Metrics = append(p.Metrics,
			w.row(queryOf(Dropped), rowOptions{Label: "dropped by the mapping"}),
			w.row(queryOf(DeadLettered), rowOptions{Label: "to the on-failure destination"}))
	}
	return p
}
