package report

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// Measures of a chart, in units of its view box.
const (
	chartWidth  = 560
	chartHeight = 230
	plotLeft    = 52
	plotRight   = chartWidth - 12
	plotTop     = 24
	plotBottom  = chartHeight - 26
)

// curve is one series of a chart. Class names its colour in the style sheet,
// and how it is dashed.
type curve struct {
	name    string
	class   string
	samples []sample
	fill    bool // the area below is tinted
	hold    bool // a value holds until the next: for counts of a period
}

// chart is a picture over time with one vertical axis.
type chart struct {
	Title  string
	Unit   string
	Source string // where the figures come from and at which resolution

	from, to  float64 // seconds
	curves    []curve
	log       bool
	limit     *float64
	limitName string
	borders   []border
	loadEnd   float64
}

// border is where a step begins.
type border struct {
	at   float64
	name string
}

// Empty reports whether there is nothing to draw.
func (c chart) Empty() bool {
	for _, l := range c.curves {
		if len(l.samples) > 0 {
			return false
		}
	}
	return true
}

// Legend are the curves' names with their classes.
func (c chart) Legend() []fact {
	var all []fact
	for _, l := range c.curves {
		if len(l.samples) > 0 {
			all = append(all, fact{l.class, l.name})
		}
	}
	if c.limit != nil {
		all = append(all, fact{"limit", c.limitName})
	}
	return all
}

// held makes all curves hold their values.
func (c chart) held() chart {
	for i := range c.curves {
		c.curves[i].hold = true
	}
	return c
}

// SVG draws the chart. All of its text is escaped.
func (c chart) SVG() template.HTML {
	y := c.vertical()
	s := &svg{}
	s.openPlot(c.Title+", "+c.Unit, c.from, c.to)
	if c.loadEnd < c.to {
		s.rect("drain", c.x(c.loadEnd), plotTop, plotRight-c.x(c.loadEnd), plotBottom-plotTop)
		if plotRight-c.x(c.loadEnd) > 30 {
			s.text("tick", (c.x(c.loadEnd)+plotRight)/2, plotTop-7, "middle", "drain")
		}
	}
	for _, v := range y.ticks {
		s.line("grid", plotLeft, c.y(y, v), plotRight, c.y(y, v))
		s.text("tick", plotLeft-6, c.y(y, v)+3.5, "end", tickLabel(v))
	}
	for _, t := range timeTicks(c.from, c.to) {
		anchor := "middle"
		if plotRight-c.x(t) < 10 {
			anchor = "end" // the last one would stand half outside the picture
		}
		s.text("tick", c.x(t), plotBottom+15, anchor, timeLabel(t))
	}
	c.drawBorders(s)
	for _, l := range c.curves {
		c.drawCurve(s, y, l)
	}
	if c.limit != nil {
		s.line("limit", plotLeft, c.y(y, *c.limit), plotRight, c.y(y, *c.limit))
	}
	return s.close()
}

func (c chart) x(t float64) float64 {
	return plotLeft + (t-c.from)/(c.to-c.from)*(plotRight-plotLeft)
}

func (c chart) y(a axis, v float64) float64 {
	return plotBottom - min(max(a.at(v), 0), 1)*(plotBottom-plotTop)
}

// vertical covers all values and the limit.
func (c chart) vertical() axis {
	low, high := math.Inf(1), 0.0
	for _, l := range c.curves {
		for _, s := range l.samples {
			high = max(high, s.v)
			if s.v > 0 {
				low = min(low, s.v)
			}
		}
	}
	if c.limit != nil {
		low, high = min(low, max(*c.limit, 1e-3)), max(high, *c.limit*1.05)
	}
	if c.log && high > 0 {
		return logAxis(low, high)
	}
	return linearAxis(high)
}

// drawBorders marks where steps begin, and names them where there is room.
func (c chart) drawBorders(s *svg) {
	for i, b := range c.borders {
		if i > 0 {
			s.line("border", c.x(b.at), plotTop, c.x(b.at), plotBottom)
		}
		end := c.loadEnd
		if i+1 < len(c.borders) {
			end = c.borders[i+1].at
		}
		if c.x(end)-c.x(b.at) >= 7*float64(len([]rune(b.name))) {
			s.text("tick", (c.x(b.at)+c.x(end))/2, plotTop-7, "middle", b.name)
		}
	}
}

// drawCurve draws the stretches without a gap; a single sample is a dot.
func (c chart) drawCurve(s *svg, a axis, l curve) {
	if len(l.samples) == 0 {
		return
	}
	s.openCurve(l.samples)
	defer s.closeCurve()
	widest := gap(l.samples)
	for first := 0; first < len(l.samples); {
		end := first + 1
		for end < len(l.samples) && l.samples[end].at-l.samples[end-1].at < widest {
			end++
		}
		path, right := c.stretch(a, l.samples[first:end], l.hold)
		if l.fill && end-first > 1 {
			s.path("area "+l.class, fmt.Sprintf("%sL%.1f %dL%.1f %dZ", path,
				right, plotBottom, c.x(l.samples[first].at), plotBottom))
		}
		s.path("curve "+l.class, path)
		first = end
	}
}

// stretch is the path of neighbouring samples and where it ends.
func (c chart) stretch(a axis, samples []sample, hold bool) (path string, right float64) {
	var b strings.Builder
	for i, p := range samples {
		x, y := c.x(p.at), c.y(a, p.v)
		switch {
		case i == 0:
			fmt.Fprintf(&b, "M%.1f %.1f", x, y)
		case hold:
			fmt.Fprintf(&b, "H%.1fV%.1f", x, y)
		default:
			fmt.Fprintf(&b, "L%.1f %.1f", x, y)
		}
		right = x
	}
	switch n := len(samples); {
	case n == 1:
		right += 0.1
		b.WriteString("h0.1")
	case hold:
		right = min(c.x(2*samples[n-1].at-samples[n-2].at), plotRight)
		fmt.Fprintf(&b, "H%.1f", right)
	}
	return b.String(), right
}

// svg writes elements; text is escaped, classes and numbers are ours.
type svg struct{ b strings.Builder }

func (s *svg) open(width, height int, label string) {
	fmt.Fprintf(&s.b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, height, html.EscapeString(label))
}

// openPlot opens a chart over time whose values can be read at a cursor: from
// and to are the seconds at the plot's sides.
func (s *svg) openPlot(label string, from, to float64) {
	fmt.Fprintf(&s.b, `<svg viewBox="0 0 %d %d" role="img" aria-label="%s" data-plot="%g %g %d %d %d %d">`,
		chartWidth, chartHeight, html.EscapeString(label), from, to, plotLeft, plotRight, plotTop, plotBottom)
}

// openCurve opens the group of a curve's paths. It holds the samples, for the
// cursor: seconds and values, four digits of each that is no whole number.
func (s *svg) openCurve(samples []sample) {
	s.b.WriteString(`<g data-samples="`)
	for i, p := range samples {
		if i > 0 {
			s.b.WriteByte(' ')
		}
		s.b.WriteString(figures(p.at) + " " + figures(p.v))
	}
	s.b.WriteString(`">`)
}

func (s *svg) closeCurve() { s.b.WriteString("</g>") }

func figures(v float64) string {
	if v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 4, 64), 64)
	if err != nil {
		return "0" // a number that was just written can be read
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

func (s *svg) close() template.HTML {
	s.b.WriteString("</svg>")
	return template.HTML(s.b.String()) //nolint:gosec // every text went through EscapeString
}

func (s *svg) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(&s.b, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`, class, x1, y1, x2, y2)
}

func (s *svg) rect(class string, x, y, w, h float64) {
	fmt.Fprintf(&s.b, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`, class, x, y, w, h)
}

func (s *svg) path(class, d string) { fmt.Fprintf(&s.b, `<path class="%s" d="%s"/>`, class, d) }

func (s *svg) text(class string, x, y float64, anchor, text string) {
	fmt.Fprintf(&s.b, `<text class="%s" x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, class, x, y, anchor, html.EscapeString(text))
}
