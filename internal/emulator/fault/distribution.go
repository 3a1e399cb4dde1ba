package fault

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"weir/internal/emulator/wire"
)

// Shape is a family of delays.
type Shape int

// The shapes, with what a distribution's two figures mean.
const (
	Fixed     Shape = iota // A
	Uniform                // from A to B
	Normal                 // mean A, standard deviation B; what would be negative is 0
	LogNormal              // median A, 99th percentile B
)

// Distribution is of the time by which calls are delayed.
type Distribution struct {
	Shape Shape
	A, B  time.Duration
}

// Sample draws one delay.
func (d Distribution) Sample(r *rand.Rand) time.Duration {
	switch d.Shape {
	case Uniform:
		return d.A + time.Duration(r.Float64()*float64(d.B-d.A))
	case Normal:
		return max(0, d.A+time.Duration(r.NormFloat64()*float64(d.B)))
	case LogNormal:
		return wire.Latency{Median: d.A, P99: d.B}.Sample(r)
	default:
		return d.A
	}
}

const (
	normalPrefix    = "normal:"
	lognormalPrefix = "lognormal:"
)

// String is the distribution as a fault's value.
func (d Distribution) String() string {
	switch d.Shape {
	case Uniform:
		return fmt.Sprintf("%v..%v", d.A, d.B)
	case Normal:
		return fmt.Sprintf("%s%v±%v", normalPrefix, d.A, d.B)
	case LogNormal:
		return fmt.Sprintf("%s%v,%v", lognormalPrefix, d.A, d.B)
	default:
		return d.A.String()
	}
}

func parseDistribution(text string) (Distribution, error) {
	d := Distribution{Shape: Fixed}
	var first, second string
	var two bool
	if rest, ok := strings.CutPrefix(text, normalPrefix); ok {
		d.Shape = Normal
		first, second, two = strings.Cut(rest, "±")
	} else if rest, ok := strings.CutPrefix(text, lognormalPrefix); ok {
		d.Shape = LogNormal
		first, second, two = strings.Cut(rest, ",")
	} else if first, second, two = strings.Cut(text, ".."); two {
		d.Shape = Uniform
	}
	wrong := fmt.Errorf("%q is not a delay: write 50ms, 10ms..200ms, normal:50ms±10ms or lognormal:50ms,200ms", text)
	var err error
	if d.A, err = time.ParseDuration(first); err != nil || d.A < 0 || two != (d.Shape != Fixed) {
		return Distribution{}, wrong
	}
	if !two {
		return d, nil
	}
	d.B, err = time.ParseDuration(second)
	if err != nil || d.B < 0 || d.Shape != Normal && d.B < d.A {
		return Distribution{}, wrong
	}
	return d, nil
}
