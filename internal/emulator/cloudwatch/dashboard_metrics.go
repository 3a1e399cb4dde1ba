package cloudwatch

import (
	"maps"
	"slices"
	"strconv"
)

// rowOptions are the properties of the object at a row's end.
var rowOptions = map[string]property{
	"id": aText, "label": aText, "stat": aText, "period": widgetPeriod, "color": color, "yAxis": oneOf("left", "right"),
	"visible": aBool, "region": aText, "accountId": aText, "expression": aText,
}

// metricRow is one row of a widget's metrics: texts, then perhaps an object.
func metricRow(c *dashboardCheck, path string, value any) {
	c.metrics++
	row, ok := value.([]any)
	if !ok {
		c.fail(path, "Should be array")
		c.fail(path, `Field "metrics" has to be an array of array of strings, with an optional metricRenderer object as last element`)
		return
	}
	var options map[string]any
	if n := len(row); n > 0 {
		if o, isObject := row[n-1].(map[string]any); isObject {
			options, row = o, row[:n-1]
		}
	}
	c.rowOptions(path, options, len(row))
	c.rowFields(path, row, options != nil && options["expression"] != nil)
}

// rowOptions refuses an object that has what no row has, and then AWS takes it
// for one item too many.
func (c *dashboardCheck) rowOptions(path string, options map[string]any, fields int) {
	for _, name := range slices.Sorted(maps.Keys(options)) {
		check := rowOptions[name]
		if check == nil {
			c.fail(path, "Should NOT have more than %d items", fields)
			return
		}
		check(c, path+"/"+strconv.Itoa(fields)+"/"+name, options[name])
	}
	if id, ok := options["id"].(string); ok && !queryID.MatchString(id) {
		c.fail(path+"/"+strconv.Itoa(fields)+"/id", `Should match pattern "^[a-z][a-zA-Z0-9_]*$"`)
	}
}

// rowFields checks the namespace, name and dimensions of a row. "..." stands for
// any number of fields of the row before.
func (c *dashboardCheck) rowFields(path string, row []any, expression bool) {
	repeats := false
	for i, field := range row {
		text, ok := field.(string)
		if !ok {
			c.fail(path+"/"+strconv.Itoa(i), `Invalid metric field type, only "String" type is allowed`)
			return
		}
		repeats = repeats || text == "..."
	}
	switch n := len(row); {
	case expression || repeats:
	case n < 2:
		c.fail(path, "Should NOT have fewer than 2 items")
	case n%2 != 0:
		c.fail(path, "Should NOT have more than %d items", n-1)
	}
}

// color is a web color.
func color(c *dashboardCheck, path string, value any) {
	text, _ := value.(string)
	if len(text) != 7 && len(text) != 4 || text[0] != '#' {
		c.fail(path, `Should match pattern "^#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})$"`)
		return
	}
	if _, err := strconv.ParseUint(text[1:], 16, 32); err != nil {
		c.fail(path, `Should match pattern "^#([A-Fa-f0-9]{6}|[A-Fa-f0-9]{3})$"`)
	}
}

// annotations are an alarm, or lines and bands over a graph.
func annotations(c *dashboardCheck, path string, value any) {
	o := c.object(path, value, "annotations", map[string]property{
		"alarms": list(1, 1, aText), "horizontal": horizontal, "vertical": vertical,
	})
	if o["alarms"] != nil && (o["horizontal"] != nil || o["vertical"] != nil) {
		c.fail(path, "An alarm annotation and horizontal or vertical annotations exclude each other")
	}
}

func horizontal(c *dashboardCheck, path string, value any) {
	line := func(c *dashboardCheck, path string, value any) {
		c.object(path, value, "annotation", map[string]property{
			"value": aNumber, "label": aText, "color": color, "fill": oneOf("above", "below", "none"), "yAxis": oneOf("left", "right"), "visible": aBool,
		}, "value")
	}
	c.lines(path, value, line)
}

func vertical(c *dashboardCheck, path string, value any) {
	line := func(c *dashboardCheck, path string, value any) {
		c.object(path, value, "annotation", map[string]property{
			"value": aText, "label": aText, "color": color, "fill": oneOf("before", "after", "none"), "visible": aBool,
		}, "value")
	}
	c.lines(path, value, line)
}

// lines are annotations, or pairs of them for bands.
func (c *dashboardCheck) lines(path string, value any, line property) {
	list(0, maxWidgetMetrics, func(c *dashboardCheck, path string, value any) {
		if _, band := value.([]any); band {
			list(2, 2, line)(c, path, value)
			return
		}
		line(c, path, value)
	})(c, path, value)
}
