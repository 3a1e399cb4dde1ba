package cloudwatch

import (
	"strconv"
	"strings"
)

// statistic reads one figure out of a period's samples; false: the samples
// don't have it.
type statistic func(*distribution) (float64, bool)

// simpleStatistics are the values of the type Statistic
// (API_GetMetricStatistics, read 2026-11-22).
var simpleStatistics = map[string]statistic{
	"SampleCount": func(d *distribution) (float64, bool) { return d.SampleCount, true },
	"Sum":         func(d *distribution) (float64, bool) { return d.Sum, true },
	"Average":     func(d *distribution) (float64, bool) { return d.Sum / d.SampleCount, true },
	"Minimum":     func(d *distribution) (float64, bool) { return d.Minimum, true },
	"Maximum":     func(d *distribution) (float64, bool) { return d.Maximum, true },
}

// parseStatistic reads a simple statistic or a percentile from p0 to p100 with
// up to ten decimals. ok is false for every other text.
func parseStatistic(text string) (s statistic, ok bool) {
	if s, ok = simpleStatistics[text]; ok {
		return s, true
	}
	return parsePercentile(text)
}

func parsePercentile(text string) (statistic, bool) {
	digits, isPercentile := strings.CutPrefix(text, "p")
	if !isPercentile || strings.Trim(digits, "0123456789.") != "" || len(digits) > 14 {
		return nil, false
	}
	p, err := strconv.ParseFloat(digits, 64)
	if err != nil || p > 100 {
		return nil, false
	}
	return func(d *distribution) (float64, bool) { return d.percentile(p) }, true
}
