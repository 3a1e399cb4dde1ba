package cloudwatch

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/google/go-cmp/cmp"
)

// A body in the guide's whole vocabulary has nothing to complain about.
const fullDashboard = `{
  "start": "-PT6H", "periodOverride": "inherit", "variables": [],
  "widgets": [
    {"type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, "properties": {
      "metrics": [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", "s", {"id": "m1", "stat": "Sum", "period": 60, "color": "#1f77b4", "yAxis": "left"}],
        [".", "IncomingBytes", ".", "."],
        ["...", "t"],
        [{"expression": "m1/60", "label": "a second", "id": "e1"}]
      ],
      "region": "eu-west-1", "view": "timeSeries", "stacked": false, "title": "in", "period": 300, "stat": "p99.9", "timezone": "+0130",
      "legend": {"position": "right"}, "yAxis": {"left": {"min": 0, "max": 10, "label": "n", "showUnits": false}},
      "annotations": {"horizontal": [{"value": 1, "label": "limit", "fill": "above"}, [{"value": 1}, {"value": 2}]], "vertical": [{"value": "2026-11-22T12:00:00Z", "fill": "after"}]}
    }},
    {"type": "metric", "properties": {"annotations": {"alarms": ["arn:aws:cloudwatch:eu-west-1:1:alarm:a"]}}},
    {"type": "text", "properties": {"markdown": "# hello", "background": "transparent"}},
    {"type": "log", "properties": {"query": "SOURCE 'g' | fields @message", "region": "eu-west-1", "view": "table"}},
    {"type": "alarm", "properties": {"alarms": ["arn:aws:cloudwatch:eu-west-1:1:alarm:a"]}}
  ]
}`

func TestDashboardWithoutFault(t *testing.T) {
	if got, err := checkDashboard(fullDashboard); err != nil || len(got) != 0 {
		t.Errorf("%v, %v", got, err)
	}
}

// What is wrong with a body, by path. Those marked * are texts that AWS was seen
// to answer.
func TestDashboardFaults(t *testing.T) {
	metricWidget := func(properties string) string {
		return `{"widgets":[{"type":"metric","properties":{"region":"r",` + properties + `}}]}`
	}
	for body, want := range map[string][]dashboardMessage{
		`{}`:                                  {{"/", "Should have required property 'widgets'"}},
		`{"widgets":{}}`:                      {{"/widgets", "Should be array"}},
		`{"widgets":[1]}`:                     {{"/widgets/0", "Should be object"}},
		`{"widgets":[],"end":"P"}`:            {{"/", "Should have property start when property end is present"}},
		`{"widgets":[],"periodOverride":"x"}`: {{"/periodOverride", "Should be equal to one of the allowed values"}},
		`{"widgets":[{"type":"text"}]}`:       {{"/widgets/0", "Should have required property 'properties'"}},
		`{"widgets":[{"type":"text","x":1,"properties":{"markdown":"m"}}]}`:        {{"/widgets/0", "Should have property y when property x is present"}},
		`{"widgets":[{"type":"text","x":24,"y":0,"properties":{"markdown":"m"}}]}`: {{"/widgets/0/x", "Should be <= 23"}},
		`{"widgets":[{"type":"text","width":0.5,"properties":{"markdown":"m"}}]}`:  {{"/widgets/0/width", "Should be integer"}},
		`{"widgets":[{"type":"log","properties":{"query":"q"}}]}`:                  {{"/widgets/0/properties", "Should have required property 'region'"}},
		`{"widgets":[{"type":"alarm","properties":{"alarms":[]}}]}`:                {{"/widgets/0/properties/alarms", "Should NOT have fewer than 1 items"}},
		`{"widgets":[{"type":"metric","properties":{"region":"r","title":"no data"}}]}`: { // *
			{"/widgets/0/properties", "Should have required property 'metrics'"},
			{"/widgets/0/properties", "Should have required property 'annotations'"},
			{"/widgets/0/properties", "The metric widget should have specified a region and a data source or an alarm annotation"},
		},
		metricWidget(`"metrics":["AWS/Lambda","Errors"]`): { // *
			{"/widgets/0/properties/metrics/0", "Should be array"},
			{"/widgets/0/properties/metrics/0", `Field "metrics" has to be an array of array of strings, with an optional metricRenderer object as last element`},
			{"/widgets/0/properties/metrics/1", "Should be array"},
			{"/widgets/0/properties/metrics/1", `Field "metrics" has to be an array of array of strings, with an optional metricRenderer object as last element`},
		},
		metricWidget(`"metrics":[["AWS/Lambda","Errors",{"stat":"Sum"},{"id":"m1"}]]`): { // *
			{"/widgets/0/properties/metrics/0/2", `Invalid metric field type, only "String" type is allowed`},
		},
		metricWidget(`"metrics":[["AWS/ECS","CPUUtilization",{"ClusterName":"c"}]]`): { // *
			{"/widgets/0/properties/metrics/0", "Should NOT have more than 2 items"},
		},
		metricWidget(`"metrics":[["AWS/Lambda","Errors","FunctionName"]]`):     {{"/widgets/0/properties/metrics/0", "Should NOT have more than 2 items"}},
		metricWidget(`"metrics":[["AWS/Lambda"]]`):                             {{"/widgets/0/properties/metrics/0", "Should NOT have fewer than 2 items"}},
		metricWidget(`"metrics":[["a","b",{"id":"M1"}]]`):                      {{"/widgets/0/properties/metrics/0/2/id", `Should match pattern "^[a-z][a-zA-Z0-9_]*$"`}},
		metricWidget(`"metrics":[["a","b",{"color":"red"}]]`):                  {{"/widgets/0/properties/metrics/0/2/color", `Should match pattern "^#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})$"`}},
		metricWidget(`"metrics":[],"period":90`):                               {{"/widgets/0/properties/period", "Should be multiple of 60"}},
		metricWidget(`"metrics":[],"view":"donut"`):                            {{"/widgets/0/properties/view", "Should be equal to one of the allowed values"}},
		metricWidget(`"metrics":[],"view":"gauge","yAxis":{"left":{"min":0}}`): {{"/widgets/0/properties/yAxis/left", "Should have required property 'max'"}},
		metricWidget(`"metrics":[],"annotations":{"alarms":["a","b"]}`):        {{"/widgets/0/properties/annotations/alarms", "Should NOT have more than 1 items"}},
	} {
		var root map[string]any
		if err := json.Unmarshal([]byte(body), &root); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, inspect(root).failures); diff != "" {
			t.Errorf("%s: %s", body, diff)
		}
	}
	for _, body := range []string{"", "{", "[]", "null", `"x"`} {
		if _, err := checkDashboard(body); err == nil || !strings.Contains(err.Error(), "must be a valid JSON object") {
			t.Errorf("%q: %v", body, err)
		}
	}
}

// Whatever JSON there is, the check ends, and what it accepts it accepts again.
func FuzzCheckDashboard(f *testing.F) {
	f.Add(fullDashboard)
	f.Add(`{"widgets":[{"type":"metric","properties":{"metrics":[[1,{}],[],[{}]],"yAxis":3,"annotations":[]}}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		first, err := checkDashboard(body)
		again, errAgain := checkDashboard(body)
		if (err == nil) != (errAgain == nil) || len(first) != len(again) {
			t.Errorf("%q: %v, %v", body, err, errAgain)
		}
	})
}

func TestGoClientOfDashboards(t *testing.T) {
	client, _ := clients(t)
	ctx := t.Context()
	put, err := client.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: new("d"), DashboardBody: new(`{"widgets":[{"type":"text","note":1,"properties":{"markdown":"m"}}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	if m := put.DashboardValidationMessages; len(m) != 1 || *m[0].DataPath != "/widgets/0/note" || *m[0].Message != `The "note" property is not expected to be part of a widget definition, will be ignored` {
		t.Errorf("warnings %+v", m)
	}
	_, err = client.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: new("d"), DashboardBody: new(`{}`)})
	if e, ok := errors.AsType[*types.DashboardInvalidInputError](err); !ok || !strings.HasPrefix(e.ErrorMessage(), "The dashboard body is invalid, there are 1 validation errors:\n[\n  {\n    \"dataPath\": \"/\",") || e.ErrorCode() != "InvalidParameterInput" {
		t.Errorf("error %v", err)
	}
	got, err := client.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: new("d")})
	if err != nil || !strings.Contains(*got.DashboardBody, `"note":1`) || *got.DashboardArn != "arn:aws:cloudwatch::000000000000:dashboard/d" {
		t.Errorf("after a body that was refused: %v, %+v", err, got)
	}
	list, err := client.ListDashboards(ctx, &cloudwatch.ListDashboardsInput{DashboardNamePrefix: new("d")})
	if err != nil || len(list.DashboardEntries) != 1 || *list.DashboardEntries[0].Size != int64(len(*got.DashboardBody)) || !list.DashboardEntries[0].LastModified.Equal(noon) {
		t.Errorf("%v, %+v", err, list)
	}
	_, err = client.DeleteDashboards(ctx, &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{"d", "e"}})
	if _, ok := errors.AsType[*types.DashboardNotFoundError](err); !ok {
		t.Errorf("deleting one that doesn't exist: %v", err)
	}
	if _, err := client.DeleteDashboards(ctx, &cloudwatch.DeleteDashboardsInput{DashboardNames: []string{"d"}}); err != nil {
		t.Error(err)
	}
	_, err = client.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: new("d")})
	if _, ok := errors.AsType[*types.DashboardNotFoundError](err); !ok {
		t.Errorf("getting what was deleted: %v", err)
	}
	for _, name := range []string{"a b", strings.Repeat("x", 256)} {
		if _, err := client.PutDashboard(ctx, &cloudwatch.PutDashboardInput{DashboardName: &name, DashboardBody: new(`{"widgets":[]}`)}); err == nil {
			t.Errorf("a dashboard is called %.10s", name)
		}
	}
}
