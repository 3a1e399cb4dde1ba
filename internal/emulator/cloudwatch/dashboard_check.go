package cloudwatch

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// dashboardMessage is one finding of the check of a dashboard's body. DataPath
// is a JSON pointer, "/" for the body itself.
type dashboardMessage struct {
	DataPath string
	Message  string
}

// dashboardCheck collects what is wrong with a body (CloudWatch-Dashboard-Body-
// Structure, User Guide, read 2026-11-22). The texts are those that public
// records of AWS's answers show.
type dashboardCheck struct {
	failures, warnings []dashboardMessage
	metrics            int // rows in all widgets
}

// Limits of a body.
const (
	maxWidgets          = 500
	maxVariables        = 25
	maxWidgetMetrics    = 500
	maxDashboardMetrics = 2500
	maxWidgetAlarms     = 100
)

// checkDashboard is the warnings about a body; an error lists what is wrong, and
// then nothing may be kept.
func checkDashboard(body string) ([]dashboardMessage, error) {
	var root map[string]any
	if err := json.Unmarshal([]byte(body), &root); err != nil || root == nil {
		return nil, invalidDashboard("The field DashboardBody must be a valid JSON object")
	}
	c := inspect(root)
	if len(c.failures) > 0 {
		return nil, c.err()
	}
	return c.warnings, nil
}

// inspect is all there is to say about a body.
func inspect(root map[string]any) *dashboardCheck {
	c := &dashboardCheck{warnings: []dashboardMessage{}}
	c.body(root)
	return c
}

// err is the failures in AWS's one message.
func (c *dashboardCheck) err() error {
	type entry struct {
		DataPath string `json:"dataPath"`
		Message  string `json:"message"`
	}
	var list []entry
	for _, f := range c.failures {
		list = append(list, entry(f))
	}
	text, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		panic("cloudwatch: no JSON: " + err.Error())
	}
	return invalidDashboard(fmt.Sprintf("The dashboard body is invalid, there are %d validation errors:\n%s", len(list), text))
}

func (c *dashboardCheck) fail(path, format string, args ...any) {
	c.failures = append(c.failures, dashboardMessage{pointer(path), fmt.Sprintf(format, args...)})
}

// pointer is a path as AWS writes it.
func pointer(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// property checks one value of an object.
type property func(c *dashboardCheck, path string, value any)

// object checks the properties of an object; what names one that isn't known,
// which is worth a warning and ignored.
func (c *dashboardCheck) object(path string, value any, what string, known map[string]property, required ...string) map[string]any {
	o, ok := value.(map[string]any)
	if !ok {
		c.fail(path, "Should be object")
		return nil
	}
	for _, name := range required {
		if _, there := o[name]; !there {
			c.fail(path, "Should have required property '%s'", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(o)) {
		check, there := known[name]
		if !there {
			c.warnings = append(c.warnings, dashboardMessage{
				path + "/" + name, fmt.Sprintf("The %q property is not expected to be part of a %s definition, will be ignored", name, what),
			})
			continue
		}
		check(c, path+"/"+name, o[name])
	}
	return o
}

func anything(*dashboardCheck, string, any) {}

func aText(c *dashboardCheck, path string, value any) {
	if _, ok := value.(string); !ok {
		c.fail(path, "Should be string")
	}
}

func aBool(c *dashboardCheck, path string, value any) {
	if _, ok := value.(bool); !ok {
		c.fail(path, "Should be boolean")
	}
}

func aNumber(c *dashboardCheck, path string, value any) {
	if _, ok := value.(float64); !ok {
		c.fail(path, "Should be number")
	}
}

func oneOf(allowed ...string) property {
	return func(c *dashboardCheck, path string, value any) {
		if text, ok := value.(string); !ok || !slices.Contains(allowed, text) {
			c.fail(path, "Should be equal to one of the allowed values")
		}
	}
}

func integer(low, high float64) property {
	return func(c *dashboardCheck, path string, value any) {
		switch n, ok := value.(float64); {
		case !ok || n != math.Trunc(n):
			c.fail(path, "Should be integer")
		case n < low:
			c.fail(path, "Should be >= %v", low)
		case n > high:
			c.fail(path, "Should be <= %v", high)
		}
	}
}

// list is an array of so many elements.
func list(least, most int, element property) property {
	return func(c *dashboardCheck, path string, value any) {
		elements, ok := value.([]any)
		switch {
		case !ok:
			c.fail(path, "Should be array")
			return
		case len(elements) < least:
			c.fail(path, "Should NOT have fewer than %d items", least)
		case len(elements) > most:
			c.fail(path, "Should NOT have more than %d items", most)
		}
		for i, e := range elements {
			element(c, path+"/"+strconv.Itoa(i), e)
		}
	}
}

func (c *dashboardCheck) body(root map[string]any) {
	c.object("", root, "dashboard", map[string]property{
		"start": aText, "end": aText, "periodOverride": oneOf("auto", "inherit"),
		"variables": list(0, maxVariables, anything), "widgets": list(0, maxWidgets, widget),
	}, "widgets")
	if root["end"] != nil && root["start"] == nil {
		c.fail("", "Should have property start when property end is present")
	}
	if c.metrics > maxDashboardMetrics {
		c.fail("/widgets", "The dashboard should NOT have more than %d metrics", maxDashboardMetrics)
	}
}

// widgetProperties are the checks of each type's properties.
var widgetProperties = map[string]property{
	"metric": metricWidget, "text": textWidget, "log": logWidget, "alarm": alarmWidget, "explorer": anything,
}

func widget(c *dashboardCheck, path string, value any) {
	o := c.object(path, value, "widget", map[string]property{
		"type": oneOf(slices.Sorted(maps.Keys(widgetProperties))...), "properties": anything,
		"x": integer(0, 23), "y": integer(0, math.MaxInt32), "width": integer(1, 24), "height": integer(1, 1000),
	}, "type", "properties")
	for one, other := range map[string]string{"x": "y", "y": "x"} {
		if o[one] != nil && o[other] == nil {
			c.fail(path, "Should have property %s when property %s is present", other, one)
		}
	}
	kind, _ := o["type"].(string)
	if check := widgetProperties[kind]; check != nil && o["properties"] != nil {
		check(c, path+"/properties", o["properties"])
	}
}

func textWidget(c *dashboardCheck, path string, value any) {
	c.object(path, value, "text widget", map[string]property{"markdown": aText, "background": oneOf("solid", "transparent")}, "markdown")
}

func logWidget(c *dashboardCheck, path string, value any) {
	c.object(path, value, "log widget", map[string]property{
		"query": aText, "region": aText, "title": aText, "stacked": aBool, "accountId": aText, "queryLanguage": aText,
		"view": oneOf("table", "timeSeries", "bar", "pie"),
	}, "query", "region")
}

func alarmWidget(c *dashboardCheck, path string, value any) {
	c.object(path, value, "alarm widget", map[string]property{
		"alarms": list(1, maxWidgetAlarms, aText), "title": aText, "states": anything,
		"sortBy": oneOf("default", "stateUpdatedTimestamp", "timestamp"),
	}, "alarms")
}

func metricWidget(c *dashboardCheck, path string, value any) {
	o := c.object(path, value, "widget", map[string]property{
		"metrics": list(0, maxWidgetMetrics, metricRow), "annotations": annotations,
		"region": aText, "accountId": aText, "title": aText, "timezone": timezone, "stat": aText, "period": widgetPeriod,
		"view":    oneOf("timeSeries", "singleValue", "gauge", "bar", "pie", "table"),
		"stacked": aBool, "liveData": aBool, "sparkline": aBool, "trend": aBool, "singleValueFullPrecision": aBool, "setPeriodToTimeRange": aBool,
		"legend": func(c *dashboardCheck, path string, value any) {
			c.object(path, value, "legend", map[string]property{"position": oneOf("right", "bottom", "hidden")})
		},
		"yAxis": func(c *dashboardCheck, path string, value any) {
			c.object(path, value, "yAxis", map[string]property{"left": axis, "right": axis})
		},
		"table": anything, "labels": anything, "start": aText, "end": aText,
	})
	if o != nil {
		c.metricSource(path, o)
	}
	if o["view"] == "gauge" {
		c.gauge(path, o)
	}
}

// metricSource checks that a metric widget has a region and something to show.
func (c *dashboardCheck) metricSource(path string, o map[string]any) {
	_, hasMetrics := o["metrics"]
	notes, _ := o["annotations"].(map[string]any)
	_, hasAlarms := notes["alarms"]
	if !hasMetrics && !hasAlarms || o["region"] == nil && !hasAlarms {
		c.missingOf(path, o, "metrics", "region", "annotations")
		c.fail(path, "The metric widget should have specified a region and a data source or an alarm annotation")
	}
	if rows, _ := o["metrics"].([]any); len(rows) > 0 && hasAlarms {
		c.fail(path, "The metric widget should NOT have both metrics and an alarm annotation")
	}
}

func (c *dashboardCheck) missingOf(path string, o map[string]any, names ...string) {
	for _, name := range names {
		if name == "annotations" && o["metrics"] != nil {
			continue
		}
		if _, there := o[name]; !there {
			c.fail(path, "Should have required property '%s'", name)
		}
	}
}

// gauge needs both ends of its scale.
func (c *dashboardCheck) gauge(path string, o map[string]any) {
	axes, _ := o["yAxis"].(map[string]any)
	left, _ := axes["left"].(map[string]any)
	for _, end := range []string{"min", "max"} {
		if left[end] == nil {
			c.fail(path+"/yAxis/left", "Should have required property '%s'", end)
		}
	}
}

func axis(c *dashboardCheck, path string, value any) {
	c.object(path, value, "yAxis", map[string]property{"min": aNumber, "max": aNumber, "label": aText, "showUnits": aBool})
}

func timezone(c *dashboardCheck, path string, value any) {
	text, _ := value.(string)
	if len(text) != 5 || !strings.ContainsAny(text[:1], "+-") || strings.Trim(text[1:], digits) != "" {
		c.fail(path, `Should match pattern "^[+-][0-9]{4}$"`)
	}
}

func widgetPeriod(c *dashboardCheck, path string, value any) {
	switch n, ok := value.(float64); {
	case !ok || n != math.Trunc(n):
		c.fail(path, "Should be integer")
	case n < 60 && !slices.Contains([]float64{1, 5, 10, 20, 30}, n), n >= 60 && math.Mod(n, 60) != 0:
		c.fail(path, "Should be multiple of 60")
	}
}
