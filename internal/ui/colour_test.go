package ui

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Kinds of colour vision as matrices on linear RGB: Machado, Oliveira, Fernandes,
// "A Physiologically-based Model for Simulation of Color Vision Deficiency"
// (2009), severity 1.
var visions = map[string][3][3]float64{
	"usual":        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// together are the colours of curves that stand in one picture.
var together = [][]string{
	{"grey", "red", "blue", "teal"}, {"grey", "blue", "red", "amber"}, {"red", "amber", "purple"},
}

// leastDistance in CIELAB at which two colours are told apart at a glance; 2.3
// is a difference that can just be seen.
const leastDistance = 14

// Curves of one picture are told apart by their colour alone, with any kind of
// colour vision, in both themes; the report has the same colours.
func TestColoursAreToldApart(t *testing.T) {
	style, err := static.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	report, err := os.ReadFile("../report/report.html.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`--(\w+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`).FindAllStringSubmatch(string(style), -1)
	for theme, column := range map[string]int{"light": 2, "dark": 3} {
		colours := map[string]string{}
		for _, f := range found {
			colours[f[1]] = f[column]
		}
		for vision, matrix := range visions {
			for _, group := range together {
				for i, a := range group {
					for _, b := range group[:i] {
						if d := distance(seen(colours[a], matrix), seen(colours[b], matrix)); d < leastDistance {
							t.Errorf("%s, %s: %s and %s are %.1f apart, want %d", theme, vision, a, b, d, leastDistance)
						}
					}
				}
			}
		}
		for _, name := range []string{"blue", "teal", "purple", "red", "amber", "grey"} {
			if !strings.Contains(string(report), "--"+name+": "+colours[name]) {
				t.Errorf("%s: the report's %s is not %s", theme, name, colours[name])
			}
		}
	}
}

// seen is a colour #rrggbb in CIELAB as a kind of colour vision has it.
func seen(colour string, vision [3][3]float64) [3]float64 {
	var rgb, through [3]float64
	for i := range rgb {
		v, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8) // the expression found two hex digits
		if c := float64(v) / 255; c <= 0.04045 {
			rgb[i] = c / 12.92
		} else {
			rgb[i] = math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	for i, row := range vision {
		through[i] = min(max(row[0]*rgb[0]+row[1]*rgb[1]+row[2]*rgb[2], 0), 1)
	}
	return lab(through)
}

// lab is linear sRGB in CIELAB under D65.
func lab(c [3]float64) [3]float64 {
	f := func(v float64) float64 {
		if v > 0.008856 {
			return math.Cbrt(v)
		}
		return 7.787*v + 16.0/116
	}
	x := f((0.4124*c[0] + 0.3576*c[1] + 0.1805*c[2]) / 0.9505)
	y := f(0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2])
	z := f((0.0193*c[0] + 0.1192*c[1] + 0.9505*c[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func distance(a, b [3]float64) float64 {
	return math.Hypot(math.Hypot(a[0]-b[0], a[1]-b[1]), a[2]-b[2])
}
