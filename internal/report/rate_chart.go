package report

import (
	"fmt"
	"html/template"
	"math"
	"strings"
)

// rateChart is a picture over offered rates: a point for every step, both axes
// logarithmic.
type rateChart struct {
	title, unit, source string
	curves              []curve // samples: at is records a second
	limit               *float64
	limitName           string
}

// classes are the colours of curves in the order of their drawing.
var classes = []string{"blue", "teal", "purple", "amber", "red", "grey"}

func (c rateChart) picture() Picture {
	flat := chart{curves: c.curves, limit: c.limit, limitName: c.limitName}
	return Picture{Title: c.title, Unit: c.unit, Source: c.source, Legend: flat.Legend(), SVG: c.svg(flat)}
}

func (c rateChart) empty() bool { return chart{curves: c.curves}.Empty() }

// svg draws the points and the lines between them. flat holds the curves as a
// chart, whose axis is used.
func (c rateChart) svg(flat chart) template.HTML {
	flat.log = true
	y, x := flat.vertical(), c.horizontal()
	at := func(rate float64) float64 { return plotLeft + 8 + x.at(rate)*(plotRight-plotLeft-16) }
	s := &svg{}
	s.open(chartWidth, chartHeight, c.title+", "+c.unit)
	for _, v := range y.ticks {
		s.line("grid", plotLeft, flat.y(y, v), plotRight, flat.y(y, v))
		s.text("tick", plotLeft-6, flat.y(y, v)+3.5, "end", tickLabel(v))
	}
	for _, v := range x.ticks {
		s.text("tick", at(v), plotBottom+15, "middle", tickLabel(v)+"/s")
	}
	for _, l := range c.curves {
		var path strings.Builder
		for i, p := range l.samples {
			fmt.Fprintf(&path, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], at(p.at), flat.y(y, p.v))
		}
		s.path("curve "+l.class, path.String())
		for _, p := range l.samples {
			s.path("curve wide "+l.class, fmt.Sprintf("M%.1f %.1fh.01", at(p.at), flat.y(y, p.v)))
		}
	}
	if c.limit != nil {
		s.line("limit", plotLeft, flat.y(y, *c.limit), plotRight, flat.y(y, *c.limit))
	}
	return s.close()
}

// horizontal covers the rates.
func (c rateChart) horizontal() axis {
	low, high := math.Inf(1), 0.0
	for _, l := range c.curves {
		for _, p := range l.samples {
			low, high = min(low, p.at), max(high, p.at)
		}
	}
	return logAxis(max(low, 1e-3), high)
}
