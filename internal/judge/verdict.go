// Package judge turns a run's record into verdicts: every target and every
// step is pass, fail or unknown, with the numbers, their window and the
// reason. It is pure; no data is unknown, never pass.
package judge

import (
	"fmt"
	"slices"
	"time"

	"weir/internal/quota"
)

// Outcome is the answer to one question.
type Outcome string

// Outcomes.
const (
	Pass    Outcome = "pass"
	Fail    Outcome = "fail"
	Unknown Outcome = "unknown"
)

// worst is fail where there is one, else unknown where there is one, else pass.
func worst(outcomes ...Outcome) Outcome {
	switch {
	case slices.Contains(outcomes, Fail):
		return Fail
	case slices.Contains(outcomes, Unknown):
		return Unknown
	}
	return Pass
}

// IDs of the targets.
const (
	IteratorAge     = "iterator_age"
	LambdaDuration  = "lambda_duration"
	LambdaErrors    = "lambda_errors"
	Throttles       = "throttles"
	ThroughputMatch = "throughput_match"
	RecordLatency   = "record_latency"
	Ledger          = "ledger"
)

// Verdict is the content of verdict.json. Keys may be added, none renamed.
type Verdict struct {
	Run      string  `json:"run"`
	Test     string  `json:"test"`
	Pipeline string  `json:"pipeline"` // "embedded", "aws" or "simulated"
	Profile  string  `json:"profile"`  // of the embedded or simulated pipeline, else empty
	Overall  Outcome `json:"overall"`
	Reason   string  `json:"reason"` // of Overall, in one sentence
	// Rehearsal says that the steps were shortened by a time scale.
	Rehearsal bool `json:"rehearsal,omitzero"`

	// Targets in the order of their IDs above; with Options.Capacity the ledger
	// alone.
	Targets []Target `json:"targets"`
	Steps   []Step   `json:"steps"`
	Knee    Knee     `json:"knee"`

	// Drifts within steps of 30 minutes or more; they don't change a verdict.
	Drifts []Drift `json:"drifts,omitzero"`

	// Warnings say where a verdict rests on little, and what drifted; Notes what
	// was unusual.
	Warnings []string `json:"warnings"`
	Notes    []string `json:"notes"`
}

// Target is the verdict on one objective, with its evidence.
type Target struct {
	ID          string       `json:"id"`
	Verdict     Outcome      `json:"verdict"`
	Value       *float64     `json:"value"` // nil: not known
	Unit        string       `json:"unit"`  // ms, %, count, ratio, records
	Limit       *float64     `json:"limit"` // nil: can't be computed
	Tolerance   float64      `json:"tolerance,omitzero"`
	Statistic   string       `json:"statistic"`
	Source      string       `json:"source"`
	ResolutionS int          `json:"resolution_s"` // period of the source's points; 0: every record counted
	Window      [2]time.Time `json:"window"`
	Reason      string       `json:"reason"`

	N       int64    `json:"n"`                 // points, invocations or records behind Value
	Upper95 *float64 `json:"upper_95,omitzero"` // one-sided 95 % bound of Value, nil where n is too small
}

// Step is what is to be said of one step.
type Step struct {
	Index          int          `json:"index"`
	Rate           float64      `json:"rate"`            // records per second; the mean with Shape
	Shape          string       `json:"shape,omitempty"` // how the rate moved; empty: not at all
	Judged         bool         `json:"judged"`
	Verdict        Outcome      `json:"verdict"`
	Sustained      *bool        `json:"sustained"` // nil: unknown
	GeneratorBound bool         `json:"generator_bound"`
	BacklogGrew    bool         `json:"backlog_grew"`
	Reason         string       `json:"reason"`
	Window         [2]time.Time `json:"window"`

	Offered  int64 `json:"offered"`
	Accepted int64 `json:"accepted"`
	Rejected int64 `json:"rejected"`
	NotSent  int64 `json:"not_sent"`

	E2E            *Latency `json:"e2e_ms"` // from due; nil: no record was seen processed
	PutP99         *float64 `json:"put_p99_ms"`
	LatenessP99    *float64 `json:"lateness_p99_ms"`
	IteratorAgeMax *float64 `json:"iterator_age_max_ms"`

	// HotShard is the shard that took more than its share; nil: none did.
	HotShard *HotShard `json:"hot_shard,omitzero"`

	Targets []Target `json:"targets"`
}

// Load says what the step offered, in words.
func (s Step) Load() string {
	if s.Shape != "" {
		return fmt.Sprintf("%s (mean %s) records/s", s.Shape, rate(s.Rate))
	}
	return rate(s.Rate) + " records/s"
}

// Latency are quantiles in milliseconds.
type Latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
}

// Knee is where the pipeline stops keeping up, as far as the steps show it.
type Knee struct {
	Sustained   *float64 `json:"sustained"`   // highest rate sustained, nil: none
	Unsustained *float64 `json:"unsustained"` // lowest rate not sustained, nil: none
	GaveOut     string   `json:"gave_out"`    // what gave out there and how it shows, empty: nothing did
	// Resource is what gave out, Utilisation how much of each the lowest
	// unsustained step took, the most used first.
	Resource    quota.Resource `json:"resource,omitzero"`
	Utilisation []Use          `json:"utilisation,omitzero"`
}

// ExitCode is the process's exit code for a verdict: 0 pass, 99 fail (k6's
// code for failed thresholds), 98 unknown.
func ExitCode(v Verdict) int {
	switch v.Overall {
	case Pass:
		return 0
	case Fail:
		return 99
	default:
		return 98
	}
}
