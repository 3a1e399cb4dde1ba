package metrics

import (
	"encoding/json"
	"strings"
	"testing"
)

// readPanel is a panel as Grafana reads it.
type readPanel struct {
	ID          int
	Type, Title string
	Datasource  struct{ Type, UID string }
	GridPos     struct{ H, W, X, Y int }
	Targets     []map[string]any
	FieldConfig struct {
		Defaults struct {
			Unit       string
			Thresholds struct{ Steps []struct{ Value float64 } }
		}
	}
}

func grafanaPanels(t *testing.T, source string) []readPanel {
	t.Helper()
	var board struct{ Panels []readPanel }
	if err := json.Unmarshal(grafanaOf(t, source, watched), &board); err != nil {
		t.Fatal(err)
	}
	return board.Panels
}

// Every dashboard begins with the six critical targets and their limits: 1000
// ms, half of 3000 ms, 0.1 % (or a share of 0.001), none, (a ratio) and 2000 ms. Panels lie on the grid
// of 24 columns and don't overlap; each asks something of the chosen source.
func TestGrafanaDashboards(t *testing.T) {
	for _, source := range GrafanaSources {
		limits := []float64{1000, 1500, 0.001, 0, -1, 2000}
		if source == GrafanaCloudWatch {
			limits[2] = 0.1
		}
		taken := map[[2]int]bool{}
		panels := grafanaPanels(t, source)
		if want := map[string]int{GrafanaCloudWatch: 10, GrafanaInfluxDB: 12, GrafanaPrometheus: 12}[source]; len(panels) != want {
			t.Errorf("%s: %d panels, want %d", source, len(panels), want)
		}
		for i, p := range panels {
			if i < len(limits) && limits[i] >= 0 {
				steps := p.FieldConfig.Defaults.Thresholds.Steps
				if len(steps) != 2 || steps[1].Value != limits[i] {
					t.Errorf("%s, %s: thresholds %+v, want %g", source, p.Title, steps, limits[i])
				}
			}
			if p.Type != "timeseries" || p.Title == "" || len(p.Targets) == 0 || p.Datasource.Type != source || p.FieldConfig.Defaults.Unit == "" {
				t.Errorf("%s: panel %+v", source, p)
			}
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				at := [2]int{x, p.GridPos.Y}
				if taken[at] || x >= 24 {
					t.Errorf("%s: %s lies at %v, where another is or beyond the grid", source, p.Title, at)
				}
				taken[at] = true
			}
		}
	}
	if _, err := Grafana("graphite", watched); err == nil || !strings.Contains(err.Error(), "influxdb prometheus cloudwatch") {
		t.Errorf("an unknown data source: %v", err)
	}
}

// The CloudWatch panels ask for what the widgets ask for, of the pipeline that
// the reader chooses.
func TestGrafanaCloudWatchTargets(t *testing.T) {
	byTitle := map[string][]map[string]any{}
	for _, p := range grafanaPanels(t, GrafanaCloudWatch) {
		byTitle[p.Title] = p.Targets
	}
	age := byTitle["Iterator age"][0]
	if age["metricName"] != "GetRecords.IteratorAgeMilliseconds" || age["statistic"] != "Maximum" || age["namespace"] != "AWS/Kinesis" ||
		age["dimensions"].(map[string]any)["StreamName"].([]any)[0] != "$stream" {
		t.Errorf("iterator age: %v", age)
	}
	errors := byTitle["Errors"]
	if len(errors) != 3 || errors[0]["hide"] != true || errors[0]["id"] != "errors" || errors[2]["expression"] != errorRate {
		t.Errorf("errors: %v", errors)
	}
	received := byTitle["Throughput match"][0]
	if received["dimensions"].(map[string]any)["EventSourceMappingUUID"].([]any)[0] != "$mapping" {
		t.Errorf("throughput match: %v", received)
	}
}
