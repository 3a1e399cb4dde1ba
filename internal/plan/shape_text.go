package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// shapeForms is what ShapedSteps takes, for its errors.
const shapeForms = "write constant:500, ramp:50..500, spike:50..500/10s, spike:50..500/10s@30s, sine:500±300/10m, onoff:1000/0/10s/10s, diurnal:2000, diurnal:2000/week or csv:rates.csv"

// shapes parse what stands after the colon, for a step of that length.
var shapes = map[string]func(text string, length time.Duration) (Shape, error){
	"constant": parseConstant,
	"csv":      parseRatesFile,
	"diurnal":  parseDiurnal,
	"onoff":    parseOnOff,
	"ramp":     parseRamp,
	"sine":     parseSine,
	"spike":    parseSpike,
}

// ShapedSteps are judged steps of one length, one for each shape of a list with
// commas. Rates are records per second:
//
//	constant:500             the same all the time
//	ramp:50..500             from 50 to 500 over the step
//	spike:50..500/10s        50, and 500 for 10 s in the middle of the step
//	spike:50..500/10s@30s    the same, 30 s after the step's start
//	sine:500±300/10m         500 + 300·sin(2πt/10m); +- does as well
//	onoff:1000/0/10s/10s     1000 for 10 s, 0 for 10 s, and again
//	diurnal:2000             a day with 2000 at its busiest, in the length of the step
//	diurnal:2000/week        a week likewise
//	csv:rates.csv            lines of time and rate: a rate holds until the next
//
// It reads the file of csv; errors in it begin with file:line:column.
func ShapedSteps(text string, length time.Duration) ([]Step, error) {
	if length < minStep {
		return nil, fmt.Errorf("step length %v is under %v", length, minStep)
	}
	var steps []Step
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		kind, rest, _ := strings.Cut(part, ":")
		parse := shapes[kind]
		if parse == nil {
			return nil, fmt.Errorf("%q is no shape: %s", part, shapeForms)
		}
		shape, err := parse(rest, length)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", kind, err)
		}
		shape.Text = part
		steps = append(steps, shaped(shape, length))
	}
	return steps, nil
}

func parseConstant(text string, length time.Duration) (Shape, error) {
	r, err := parseRate(text)
	return Shape{Stretches: []Stretch{{length, r, r}}}, err
}

func parseRamp(text string, length time.Duration) (Shape, error) {
	from, to, err := parseSpan(text)
	return Shape{Stretches: []Stretch{{length, from, to}}}, err
}

func parseSpike(text string, length time.Duration) (Shape, error) {
	rates, when, _ := strings.Cut(text, "/")
	base, peak, err := parseSpan(rates)
	if err != nil {
		return Shape{}, err
	}
	widthText, startText, placed := strings.Cut(when, "@")
	width, err := parseLength(widthText)
	if err != nil {
		return Shape{}, err
	}
	start := (length - width) / 2
	if placed {
		if start, err = time.ParseDuration(startText); err != nil || start < 0 {
			return Shape{}, fmt.Errorf("%q is not a time after the step's start: write for example 30s", startText)
		}
	}
	if start < 0 || start+width > length {
		return Shape{}, fmt.Errorf("a spike of %v from %v on does not fit into a step of %v", width, max(start, 0), length)
	}
	return Shape{Stretches: withoutEmpty(Stretch{start, base, base}, Stretch{width, peak, peak}, Stretch{length - start - width, base, base})}, nil
}

func withoutEmpty(all ...Stretch) []Stretch {
	var some []Stretch
	for _, t := range all {
		if t.Length > 0 {
			some = append(some, t)
		}
	}
	return some
}

func parseSine(text string, _ time.Duration) (Shape, error) {
	rates, period, ok := strings.Cut(text, "/")
	mean, amplitude, swings := strings.Cut(strings.Replace(rates, "+-", "±", 1), "±")
	if !ok || !swings {
		return Shape{}, fmt.Errorf("%q has no amplitude or no period: write for example sine:500±300/10m", text)
	}
	var s Sine
	var err error
	if s.Mean, err = parseRate(mean); err != nil {
		return Shape{}, err
	}
	if s.Amplitude, err = parseRate(amplitude); err != nil {
		return Shape{}, err
	}
	if s.Amplitude > s.Mean {
		return Shape{}, fmt.Errorf("amplitude %g is above the mean %g: a rate can't be negative", s.Amplitude, s.Mean)
	}
	s.Period, err = parseLength(period)
	return Shape{Sine: &s}, err
}

func parseOnOff(text string, length time.Duration) (Shape, error) {
	parts := strings.Split(text, "/")
	if len(parts) != 4 {
		return Shape{}, fmt.Errorf("%q has not two rates and two lengths: write for example onoff:1000/0/10s/10s", text)
	}
	var stretches [2]Stretch
	for i := range stretches {
		r, err := parseRate(parts[i])
		if err != nil {
			return Shape{}, err
		}
		lasts, err := parseLength(parts[2+i])
		if err != nil {
			return Shape{}, err
		}
		stretches[i] = Stretch{lasts, r, r}
	}
	return Shape{Stretches: cutAt(stretches[:], length)}, nil
}

// parseSpan reads two rates with two dots between them.
func parseSpan(text string) (from, to float64, err error) {
	first, second, ok := strings.Cut(text, "..")
	if !ok {
		return 0, 0, fmt.Errorf("%q is not two rates: write for example 50..500", text)
	}
	if from, err = parseRate(first); err == nil {
		to, err = parseRate(second)
	}
	return from, to, err
}

// parseRate reads one rate, which may be 0.
func parseRate(text string) (float64, error) {
	if zero, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil && zero == 0 {
		return 0, nil
	}
	rates, err := ParseRates(text)
	if err != nil {
		return 0, err
	}
	if len(rates) != 1 {
		return 0, fmt.Errorf("%q is more than one rate", text)
	}
	return rates[0], nil
}

var errLength = errors.New("write for example 10s or 5m")

func parseLength(text string) (time.Duration, error) {
	d, err := time.ParseDuration(strings.TrimSpace(text))
	if err != nil || d < time.Millisecond {
		return 0, fmt.Errorf("%q is not a length of 1ms or more: %w", text, errLength)
	}
	return d, nil
}
