package metrics

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Grafana's data sources that there is a dashboard for, by their plugins' ids.
const (
	GrafanaInfluxDB   = "influxdb" // InfluxQL, of k6's output influxdb
	GrafanaPrometheus = "prometheus"
	GrafanaCloudWatch = "cloudwatch"
)

// GrafanaSources are all of them.
var GrafanaSources = []string{GrafanaInfluxDB, GrafanaPrometheus, GrafanaCloudWatch}

// The model of a dashboard: jsonschema/dashboard.jsonschema.json and its kin in
// github.com/grafana/grafana-foundation-sdk, of Grafana 10.4 to 12, read
// 2026-11-23.
type (
	grafanaBoard struct {
		UID           string         `json:"uid"`
		Title         string         `json:"title"`
		Tags          []string       `json:"tags"`
		Timezone      string         `json:"timezone"`
		Editable      bool           `json:"editable"`
		GraphTooltip  int            `json:"graphTooltip"` // 1: one crosshair on all panels
		Time          grafanaRange   `json:"time"`
		Refresh       string         `json:"refresh"`
		SchemaVersion int            `json:"schemaVersion"`
		Templating    grafanaList    `json:"templating"`
		Annotations   struct{}       `json:"annotations"`
		Panels        []grafanaPanel `json:"panels"`
	}
	grafanaRange struct {
		From string `json:"from"`
		To   string `json:"to"`
	}
	grafanaList struct {
		List []grafanaVariable `json:"list"`
	}
	grafanaVariable struct {
		Type        string         `json:"type"`
		Name        string         `json:"name"`
		Label       string         `json:"label"`
		Query       string         `json:"query"`
		Datasource  *grafanaSource `json:"datasource,omitempty"`
		Refresh     int            `json:"refresh,omitempty"` // 2: when the time range changes
		IncludeAll  bool           `json:"includeAll,omitempty"`
		AllValue    string         `json:"allValue,omitempty"`
		Hide        int            `json:"hide"`
		SkipURLSync bool           `json:"skipUrlSync"`
	}
	grafanaSource struct {
		Type string `json:"type"`
		UID  string `json:"uid"`
	}
	grafanaPanel struct {
		ID              int             `json:"id"`
		Type            string          `json:"type"`
		Title           string          `json:"title"`
		Description     string          `json:"description,omitempty"`
		Datasource      grafanaSource   `json:"datasource"`
		GridPos         grafanaGrid     `json:"gridPos"`
		Targets         []grafanaTarget `json:"targets"`
		Options         map[string]any  `json:"options"`
		FieldConfig     grafanaFields   `json:"fieldConfig"`
		Transformations []any           `json:"transformations"`
	}
	grafanaGrid struct {
		H int `json:"h"`
		W int `json:"w"`
		X int `json:"x"`
		Y int `json:"y"`
	}
	grafanaFields struct {
		Defaults  grafanaDefaults `json:"defaults"`
		Overrides []any           `json:"overrides"`
	}
	grafanaDefaults struct {
		Unit       string             `json:"unit"`
		Min        *float64           `json:"min,omitempty"`
		Color      map[string]string  `json:"color"`
		Custom     map[string]any     `json:"custom"`
		Thresholds *grafanaThresholds `json:"thresholds,omitempty"`
	}
	grafanaThresholds struct {
		Mode  string        `json:"mode"`
		Steps []grafanaStep `json:"steps"`
	}
	grafanaStep struct {
		Value float64 `json:"value"` // of the first: whatever it says, Grafana takes minus infinity
		Color string  `json:"color"`
	}
	// grafanaTarget is a query in its data source's own terms.
	grafanaTarget map[string]any
)

// Grafana is a dashboard for one of GrafanaSources: the six critical targets on
// top with their limits, what explains them below, and for the outputs of k6 the
// load generator's side on the same axis of time.
func Grafana(source string, w Watched) ([]byte, error) {
	if !slices.Contains(GrafanaSources, source) {
		return nil, fmt.Errorf("no Grafana dashboard for data source %q: there is one for %v", source, GrafanaSources)
	}
	b := grafanaBoard{
		UID: "weir-" + source, Title: "Kinesis + Lambda pipeline (" + source + ")", Tags: []string{"weir", "kinesis", "lambda"},
		Timezone: "utc", Editable: true, GraphTooltip: 1, Time: grafanaRange{"now-1h", "now"}, Refresh: "10s", SchemaVersion: 36,
		Templating: grafanaList{grafanaVariables(source, w)},
	}
	if source == GrafanaCloudWatch {
		b.Panels = w.grafanaCloudWatch()
	} else {
		b.Panels = w.grafanaPushed(source)
	}
	for i := range b.Panels {
		b.Panels[i].place(i)
	}
	text, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the dashboard: %w", err)
	}
	return append(text, '\n'), nil
}

// place puts the i-th panel on the grid of 24 columns: three to a row.
func (p *grafanaPanel) place(i int) {
	p.ID = i + 1
	p.GridPos = grafanaGrid{H: 8, W: 8, X: 8 * (i % 3), Y: 8 * (i / 3)}
}

// chosen is the data source that the dashboard's reader chose.
func chosen(source string) grafanaSource { return grafanaSource{Type: source, UID: "${datasource}"} }

// grafanaVariables choose the data source, and the runs or the pipeline.
func grafanaVariables(source string, w Watched) []grafanaVariable {
	all := []grafanaVariable{{Type: "datasource", Name: "datasource", Label: "Data source", Query: source}}
	if source == GrafanaCloudWatch {
		for _, v := range []struct{ name, label, value string }{
			{"region", "Region", w.Region}, {"stream", "Stream", w.Stream}, {"function", "Function", w.Function}, {"mapping", "Mapping", w.Mapping},
		} {
			if v.value != "" {
				all = append(all, grafanaVariable{Type: "textbox", Name: v.name, Label: v.label, Query: v.value})
			}
		}
		return all
	}
	for _, tag := range pushedTags {
		query := fmt.Sprintf("label_values(%s, %s)", prometheusName(PushedPrefix+IncomingRecords, counterKind), tag)
		if source == GrafanaInfluxDB {
			query = fmt.Sprintf("SHOW TAG VALUES FROM %q WITH KEY = %q", PushedPrefix+IncomingRecords, tag)
		}
		all = append(all, grafanaVariable{
			Type: "query", Name: tag, Label: tag, Query: query, Datasource: new(chosen(source)), Refresh: 2, IncludeAll: true, AllValue: ".*",
		})
	}
	return all
}

// newGrafanaPanel is a panel of lines over time.
func newGrafanaPanel(source, title, unit string, limit *float64) grafanaPanel {
	p := grafanaPanel{
		Type: "timeseries", Title: title, Datasource: chosen(source),
		Options: map[string]any{
			"legend":  map[string]any{"displayMode": "list", "placement": "bottom", "showLegend": true, "calcs": []string{}},
			"tooltip": map[string]any{"mode": "multi", "sort": "none"},
		},
		Transformations: []any{},
	}
	d := &p.FieldConfig.Defaults
	p.FieldConfig.Overrides = []any{}
	d.Unit, d.Color = unit, map[string]string{"mode": "palette-classic"}
	d.Custom = map[string]any{"lineWidth": 1, "fillOpacity": 5, "showPoints": "auto", "spanNulls": false}
	if limit != nil {
		d.Thresholds = &grafanaThresholds{Mode: "absolute", Steps: []grafanaStep{{Color: goodColor}, {Value: *limit, Color: badColor}}}
		d.Custom["thresholdsStyle"] = map[string]any{"mode": "line"}
	}
	return p
}

// refID names the i-th query of a panel.
func refID(i int) string { return string(rune('A' + i)) }
