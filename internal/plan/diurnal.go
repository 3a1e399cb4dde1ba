package plan

import (
	"fmt"
	"strings"
	"time"
)

// hourly is the share of the busiest hour that each hour of a working day has,
// from midnight on; daily is what the days of a week, from Monday on, have of
// the busiest day. They are no measurement: the outline of a service that
// people in one time zone use, quiet at four in the morning, busiest in the
// evening, and quieter at the weekend.
var (
	hourly = [24]float64{
		0.30, 0.20, 0.14, 0.11, 0.10, 0.13, 0.22, 0.38, 0.55, 0.66, 0.71, 0.74,
		0.76, 0.74, 0.72, 0.71, 0.73, 0.79, 0.88, 0.96, 1.00, 0.93, 0.72, 0.48,
	}
	daily = [7]float64{0.95, 0.98, 1.00, 0.99, 0.96, 0.72, 0.68}
)

// parseDiurnal is a day or a week in the length of the step. The table's values
// are those at the full hours, the rate goes straight between them and ends as
// it began.
func parseDiurnal(text string, length time.Duration) (Shape, error) {
	peakText, span, _ := strings.Cut(text, "/")
	peak, err := parseRate(peakText)
	if err != nil {
		return Shape{}, err
	}
	days := []float64{1}
	switch span {
	case "", "day":
	case "week":
		days = daily[:]
	default:
		return Shape{}, fmt.Errorf("%q is not day or week", span)
	}
	var rates []float64
	for _, day := range days {
		for _, share := range hourly {
			rates = append(rates, peak*day*share)
		}
	}
	n := len(rates)
	stretches := make([]Stretch, n)
	for i := range stretches {
		from, to := length*time.Duration(i)/time.Duration(n), length*time.Duration(i+1)/time.Duration(n)
		stretches[i] = Stretch{to - from, rates[i], rates[(i+1)%n]}
	}
	return Shape{Stretches: stretches}, nil
}
