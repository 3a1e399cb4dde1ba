package cloudwatch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// States of an alarm.
const (
	stateOK               = "OK"
	stateAlarm            = "ALARM"
	stateInsufficientData = "INSUFFICIENT_DATA"
)

// Ways to treat missing data; none is treatMissing.
const (
	treatMissing      = "missing"
	treatIgnore       = "ignore"
	treatBreaching    = "breaching"
	treatNotBreaching = "notBreaching"
)

// extraPeriods is how many periods an alarm looks back beyond its evaluation
// periods. AWS's example looks at five for three and names no rule
// (alarms-and-missing-data, User Guide, read 2026-11-22).
const extraPeriods = 2

// comparison is a ComparisonOperator: what breaches, and its words in a reason.
type comparison struct {
	breaches func(value, threshold float64) bool
	words    string
}

// comparisons are those against a fixed threshold.
var comparisons = map[string]comparison{
	"GreaterThanOrEqualToThreshold": {func(v, t float64) bool { return v >= t }, "greater than or equal to"},
	"GreaterThanThreshold":          {func(v, t float64) bool { return v > t }, "greater than"},
	"LessThanThreshold":             {func(v, t float64) bool { return v < t }, "less than"},
	"LessThanOrEqualToThreshold":    {func(v, t float64) bool { return v <= t }, "less than or equal to"},
}

// alarmRule decides an alarm's state from its data points.
type alarmRule struct {
	comparison
	threshold float64
	periods   int // EvaluationPeriods, N
	toAlarm   int // DatapointsToAlarm, M
	missing   string
}

// judgement is what an evaluation came to. An empty state keeps the current one.
type judgement struct {
	state, reason string
}

// judge evaluates an alarm over its evaluation range, a slot for each period,
// the newest last, nil where there is no data. The rules are those of
// alarms-and-missing-data, User Guide, read 2026-11-22.
func (r alarmRule) judge(slots []*timedValue) judgement {
	var seen []timedValue
	for _, s := range slots {
		if s != nil {
			seen = append(seen, *s)
		}
	}
	if len(seen) >= r.periods {
		return r.judgeSeen(seen[len(seen)-r.periods:])
	}
	breaching := r.count(seen)
	fill := r.periods - len(seen)
	switch {
	case r.missing == treatBreaching && breaching+fill >= r.toAlarm:
		return judgement{stateAlarm, filledReason(fill, "Breaching")}
	case breaching >= r.toAlarm:
		return judgement{stateAlarm, r.crossed(seen, true)}
	case len(seen) == 0 && r.missing == treatNotBreaching:
		return judgement{stateOK, filledReason(fill, "NonBreaching")}
	case len(seen) == 0 && r.missing == treatMissing:
		return judgement{stateInsufficientData, "Insufficient Data: " + datapoints(fill) + " unknown."}
	case breaching < len(seen) || r.missing == treatBreaching || r.missing == treatNotBreaching:
		return judgement{stateOK, r.crossed(seen, false)}
	case r.missing == treatMissing && r.oldEnough(slots):
		return judgement{stateAlarm, r.crossed(seen, true)}
	}
	return judgement{}
}

// judgeSeen is of as many points as there are evaluation periods.
func (r alarmRule) judgeSeen(seen []timedValue) judgement {
	if r.count(seen) >= r.toAlarm {
		return judgement{stateAlarm, r.crossed(seen, true)}
	}
	return judgement{stateOK, r.crossed(seen, false)}
}

func (r alarmRule) count(points []timedValue) (breaching int) {
	for _, p := range points {
		if r.breaches(p.value, r.threshold) {
			breaching++
		}
	}
	return breaching
}

// oldEnough reports whether the oldest of the points, all of which breach, lies
// as many periods back as the alarm wants breaching: what came after it can
// no longer turn out to be the end of a gap.
func (r alarmRule) oldEnough(slots []*timedValue) bool {
	oldest := slices.IndexFunc(slots, func(s *timedValue) bool { return s != nil })
	return len(slots)-oldest >= r.toAlarm
}

// crossed is AWS's sentence about points that breach, or that don't.
func (r alarmRule) crossed(points []timedValue, breaching bool) string {
	var shown []string
	for _, p := range slices.Backward(points) {
		if r.breaches(p.value, r.threshold) == breaching {
			shown = append(shown, fmt.Sprintf("%s (%s)", javaNumber(p.value), time.Unix(p.at, 0).UTC().Format("02/01/06 15:04:05")))
		}
	}
	verb, not, least, transition := "was", " not", r.periods-r.toAlarm+1, "ALARM -> OK"
	if len(shown) != 1 {
		verb = "were"
	}
	if breaching {
		not, least, transition = "", r.toAlarm, "OK -> ALARM"
	}
	plural := "s"
	if least == 1 {
		plural = ""
	}
	return fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints [%s] %s%s %s the threshold (%s) (minimum %d datapoint%s for %s transition).",
		len(shown), len(points), strings.Join(shown, ", "), verb, not, r.words, javaNumber(r.threshold), least, plural, transition)
}

func filledReason(n int, as string) string {
	periods := "period"
	if n > 1 {
		periods += "s"
	}
	return fmt.Sprintf("Threshold Crossed: no datapoints were received for %d %s and %s treated as [%s].", n, periods,
		strings.Replace(datapoints(n), "datapoint", "missing datapoint", 1), as)
}

// datapoints is "1 datapoint was" or "2 datapoints were".
func datapoints(n int) string {
	if n == 1 {
		return "1 datapoint was"
	}
	return fmt.Sprintf("%d datapoints were", n)
}

// javaNumber is a number as AWS's reasons show it: 1.0, not 1.
func javaNumber(v float64) string {
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if !strings.Contains(text, ".") {
		text += ".0"
	}
	return text
}
