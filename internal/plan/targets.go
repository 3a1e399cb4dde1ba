package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Targets are the objectives of a test, the numbers verdicts compare with.
type Targets struct {
	IteratorAge    time.Duration `json:"iterator_age_ns"`   // maximum below this
	DurationShare  float64       `json:"duration_share"`    // of the function's timeout, maximum below this
	ErrorRate      float64       `json:"error_rate"`        // errors / invocations below this
	Throttles      float64       `json:"throttles"`         // at most this many
	RecordLatency  time.Duration `json:"record_latency_ns"` // p99 from due below this
	MatchTolerance float64       `json:"match_tolerance"`   // |polled / incoming - 1| at most this
}

// DefaultTargets are the six critical targets' numbers.
var DefaultTargets = Targets{
	IteratorAge:    1000 * time.Millisecond,
	DurationShare:  0.5,
	ErrorRate:      0.001,
	Throttles:      0,
	RecordLatency:  2000 * time.Millisecond,
	MatchTolerance: 0.001,
}

// String says in one sentence, without its full stop, what verdicts are made by.
func (t Targets) String() string {
	match := ""
	if t.MatchTolerance != DefaultTargets.MatchTolerance {
		match = fmt.Sprintf("polled within %.3g %% of what came in, ", 100*t.MatchTolerance)
	}
	throttles := ""
	if t.Throttles > 0 {
		throttles = "at most "
	}
	return fmt.Sprintf("Iterator age < %v, duration < %.3g %% of the timeout, errors < %.3g %%, throttles %s%g, %sp99 from due to processed < %v, every record accounted for and none lost",
		t.IteratorAge, 100*t.DurationShare, 100*t.ErrorRate, throttles, t.Throttles, match, t.RecordLatency)
}

// JudgedBy says in words what a sustained rate of the test must meet.
func (t Test) JudgedBy() string {
	switch {
	case t.Capacity:
		return "acceptance, backlog and ledger only"
	case t.Targets == Targets{}:
		return DefaultTargets.String()
	}
	return t.Targets.String()
}

// objective is a target as the user sets it, by the name that verdicts have for
// it.
type objective struct {
	name, example string
	set           func(t *Targets, value string) error
}

var objectives = []objective{
	{"iterator_age", "5s", func(t *Targets, v string) error { return setLength(&t.IteratorAge, v) }},
	{"lambda_duration", "80%", func(t *Targets, v string) error { return setShare(&t.DurationShare, v) }},
	{"lambda_errors", "1%", func(t *Targets, v string) error { return setShare(&t.ErrorRate, v) }},
	{"throttles", "100", func(t *Targets, v string) error { return setCount(&t.Throttles, v) }},
	{"throughput_match", "1%", func(t *Targets, v string) error { return setShare(&t.MatchTolerance, v) }},
	{"record_latency", "5s", func(t *Targets, v string) error { return setLength(&t.RecordLatency, v) }},
}

// With is t with the objectives of settings like "iterator_age=5s" in place of
// its own: a length for iterator_age and record_latency, a share in percent for
// lambda_duration (of the function's timeout), lambda_errors (of the
// invocations) and throughput_match (how far what was polled may be off what
// came in), a number for throttles.
func (t Targets) With(settings []string) (Targets, error) {
	for _, text := range settings {
		name, value, _ := strings.Cut(text, "=")
		i := slices.IndexFunc(objectives, func(o objective) bool { return o.name == name })
		if i < 0 {
			return t, fmt.Errorf("%q is no target: there are %s", name, targetNames())
		}
		if err := objectives[i].set(&t, value); err != nil {
			return t, fmt.Errorf("%q: %w, as in %s=%s", text, err, name, objectives[i].example)
		}
	}
	return t, nil
}

func targetNames() string {
	var names []string
	for _, o := range objectives {
		names = append(names, o.name)
	}
	return strings.Join(names, ", ")
}

func setLength(to *time.Duration, text string) error {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return errors.New("a length above 0 is needed")
	}
	*to = d
	return nil
}

// setShare sets a share of at most the whole. Zero is one that only zero meets.
func setShare(to *float64, text string) error {
	number, percent := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !percent || !(v >= 0 && v <= 100) {
		return errors.New("a share of 0% to 100% is needed")
	}
	*to = v / 100
	return nil
}

func setCount(to *float64, text string) error {
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil {
		return errors.New("a whole number is needed")
	}
	*to = float64(n)
	return nil
}
