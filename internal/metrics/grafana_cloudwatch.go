package metrics

import (
	"fmt"
	"strings"
)

// grafanaCloudWatch are the widgets of the CloudWatch dashboard as panels.
func (w Watched) grafanaCloudWatch() []grafanaPanel {
	limits := w.Limits
	// The reader chooses the pipeline.
	w.Stream, w.Function = "$stream", "$function"
	if w.Mapping != "" {
		w.Mapping = "$mapping"
	}
	all := []struct {
		widget properties
		unit   string
		limit  *float64
	}{
		{w.agePanel(), "ms", new(milliseconds(limits.IteratorAge))},
		{w.durationPanel(), "ms", new(milliseconds(limits.Duration))},
		{w.errorPanel(), "percent", new(100 * limits.ErrorRate)},
		{w.throttlePanel(), "short", new(0.0)},
		{w.matchPanel(), "none", nil},
		{w.latencyPanel(), "ms", new(milliseconds(limits.RecordLatency))},
		{w.loadPanel(), "short", nil},
		{w.invocationPanel(), "short", nil},
		{w.callPanel(), "ms", nil},
		{w.refusalPanel(), "short", nil},
	}
	var panels []grafanaPanel
	for _, a := range all {
		p := newGrafanaPanel(GrafanaCloudWatch, a.widget.Title, a.unit, a.limit)
		for i, row := range a.widget.Metrics {
			p.Targets = append(p.Targets, cloudWatchTarget(row, i))
		}
		panels = append(panels, p)
	}
	return panels
}

// cloudWatchTarget is a widget's row, [namespace, name, dimension, value, …,
// options] or [options] of an expression, as the CloudWatch data source asks for
// it.
func cloudWatchTarget(row []any, i int) grafanaTarget {
	o := row[len(row)-1].(rowOptions)
	t := grafanaTarget{
		"refId": refID(i), "datasource": chosen(GrafanaCloudWatch), "queryMode": "Metrics", "metricQueryType": 0, "region": "$region",
		"label": o.Label, "period": fmt.Sprint(period), "id": strings.ToLower(o.ID), "hide": o.Visible != nil && !*o.Visible,
	}
	if o.Expression != "" {
		t["metricEditorMode"], t["expression"], t["namespace"] = 1, o.Expression, "" // required, and empty
		return t
	}
	dimensions := map[string][]string{}
	for k := 2; k+1 < len(row)-1; k += 2 {
		dimensions[row[k].(string)] = []string{row[k+1].(string)}
	}
	t["metricEditorMode"], t["namespace"], t["metricName"] = 0, row[0], row[1]
	t["dimensions"], t["statistic"], t["matchExact"] = dimensions, o.Stat, true
	return t
}
