// Package plan says what to test: a test is a load shape on one payload, made
// of steps at one rate each. It is data with defaults and validation; it
// starts nothing.
package plan

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind is the sort of question a test answers.
type Kind string

// Kinds of tests.
const (
	Baseline  Kind = "baseline"
	Sustained Kind = "sustained" // one rate for long
	Variable  Kind = "variable"  // rates that come and go
	Stress    Kind = "stress"    // rising until it breaks
	Spike     Kind = "spike"     // what a burst leaves behind
	Endurance Kind = "endurance" // one rate for a day
	Smoke     Kind = "smoke"     // a little of everything
	Script    Kind = "script"    // a foreign k6 script: its own schedule
)

// Test is one named load shape on one payload.
type Test struct {
	Name    string  `json:"name"`
	Kind    Kind    `json:"kind"`
	Steps   []Step  `json:"steps"`
	Payload Payload `json:"payload"`
	Keys    Keys    `json:"keys"`
	Put     Put     `json:"put"`
	Targets Targets `json:"targets"`
	Seed    uint64  `json:"seed"`
	// Capacity leaves the targets out of the judgement: a rate is sustained by
	// acceptance, backlog and ledger alone.
	Capacity bool `json:"capacity,omitzero"`
}

// Step is a stretch of a test at one rate, or with a rate that moves.
type Step struct {
	Rate     float64       `json:"rate"`           // records per second; the mean with Shape
	Duration time.Duration `json:"duration_ns"`    // how long it is offered
	Judged   bool          `json:"judged"`         // false where the step is meant to break
	Shape    *Shape        `json:"shape,omitzero"` // how the rate moves; nil: not at all
}

// String says what the step offers: its rate, or its shape.
func (s Step) String() string {
	if s.Shape != nil {
		return s.Shape.Text
	}
	return strconv.FormatFloat(s.Rate, 'g', -1, 64)
}

// Payload says what the records' bodies are: generated at exact sizes, taken
// from a file of lines, or made from a template.
type Payload struct {
	Bytes  int   `json:"bytes"`           // size of a generated record's data, the mean with Sizes; 0 with File or Template
	Sizes  Sizes `json:"sizes,omitzero"`  // how generated sizes vary; zero: all are Bytes
	Binary bool  `json:"binary,omitzero"` // generated bodies are random bytes in place of JSON
	// UserRecords are in each record, aggregated as the Kinesis Producer Library
	// does it; 0: none are. UserBytes is the size of each, the mean with Sizes,
	// which are then theirs; Bytes is about that of all.
	UserRecords int `json:"user_records,omitzero"`
	UserBytes   int `json:"user_bytes,omitzero"`

	File     string `json:"file,omitempty"`     // NDJSON or CSV file, one body a line
	Order    string `json:"order,omitempty"`    // of File's bodies: loop, sample, replay:FIELD*10; empty: loop
	Template string `json:"template,omitempty"` // file with one body's text and generators in it
}

// String says what the records are, in a few words for a report.
func (p Payload) String() string {
	switch s := p.Sizes; {
	case p.File != "" && p.Order != "":
		return "lines of " + p.File + " (" + p.Order + ")"
	case p.File != "":
		return "lines of " + p.File
	case p.UserRecords > 0:
		return fmt.Sprintf("aggregates of %d user records of %d bytes", p.UserRecords, p.UserBytes)
	case p.Binary:
		p.Binary = false
		return "binary " + p.String()
	case p.Template != "":
		return "records of template " + p.Template
	case s.Deviation > 0:
		return fmt.Sprintf("records of %d±%d bytes", p.Bytes, s.Deviation)
	case s != Sizes{}:
		return fmt.Sprintf("records of %d to %d bytes", s.Min, s.Max)
	}
	return fmt.Sprintf("%d-byte records", p.Bytes)
}

// Sizes are generated sizes from Min to Max bytes: all as likely, or with a
// Deviation above 0 of a normal distribution about Payload.Bytes, cut at Min
// and Max.
type Sizes struct {
	Min       int `json:"min"`
	Max       int `json:"max"`
	Deviation int `json:"deviation,omitzero"`
}

// Keys says how partition keys are drawn: as Spec says (unique, zipf:1.1,
// hot:0.3, …), or where it is empty uniformly from a pool of Pool keys.
type Keys struct {
	Pool int    `json:"pool"` // 0 with Spec
	Spec string `json:"spec,omitempty"`
}

// KeysOf is Keys of a text: the size of a pool, or a Spec. It does not check the
// Spec, for package payload knows what there is.
func KeysOf(text string) Keys {
	if pool, err := strconv.Atoi(strings.TrimSpace(text)); err == nil {
		return Keys{Pool: pool}
	}
	return Keys{Spec: text}
}

// String is Spec, or the size of the pool.
func (k Keys) String() string {
	if k.Spec != "" {
		return k.Spec
	}
	return strconv.Itoa(k.Pool)
}

// Put says how records are grouped into calls: at most MaxRecords a call, and
// no record waits for its call longer than Linger.
type Put struct {
	MaxRecords  int           `json:"max_records"` // 1..500; 1 uses PutRecord
	Linger      time.Duration `json:"linger_ns"`
	MaxInFlight int           `json:"max_in_flight"` // calls under way at once
	Timeout     time.Duration `json:"timeout_ns"`    // of one call
	// MaxLate is how long after its due time a call may still start; records
	// whose call could not start by then are not sent.
	MaxLate time.Duration `json:"max_late_ns"`
	// Retry is the policy for records that a call failed to put: none, sdk or
	// kpl-like.
	Retry string `json:"retry,omitempty"`
	// Encoding is how calls are written: json, cbor, or auto, which is cbor where
	// the endpoint takes it.
	Encoding string `json:"encoding,omitempty"`
}

// DefaultPut is how records are grouped into calls where nothing else is
// said.
var DefaultPut = Put{
	MaxRecords:  500,
	Linger:      10 * time.Millisecond,
	MaxInFlight: 2000,
	Timeout:     10 * time.Second,
	MaxLate:     time.Second,
	Retry:       "none",
	Encoding:    "auto",
}

// Schedule is a test's steps laid out as slots: slot i is the i-th record of
// the test, due at an exact offset from the start. The slot's number is the
// record's sequence in its ledger token.
type Schedule struct {
	steps []scheduled
	slots uint64
}

type scheduled struct {
	Step
	curve curve
	start time.Duration
	first uint64
	slots uint64
}

// NewSchedule lays steps out one after the other. A step has as many slots as
// whole records fit into the integral of its rate, ⌊r·d⌋ at a constant one, and
// the k-th, counted from 1, is due when that integral reaches k: k/r after the
// step's start. It takes memory by the step, not by the slot.
func NewSchedule(steps []Step) *Schedule {
	s := &Schedule{}
	var at time.Duration
	for _, step := range steps {
		c := curveOf(step)
		n := uint64(c.records(step.Duration) + slack)
		s.steps = append(s.steps, scheduled{Step: step, curve: c, start: at, first: s.slots, slots: n})
		s.slots += n
		at += step.Duration
	}
	return s
}

// Slots is the number of records the schedule offers.
func (s *Schedule) Slots() uint64 { return s.slots }

// Duration is the time from the start to the end of the last step.
func (s *Schedule) Duration() time.Duration {
	if len(s.steps) == 0 {
		return 0
	}
	last := s.steps[len(s.steps)-1]
	return last.start + last.Duration
}

// StepRange is the half-open range of slots of step i and the offset at which
// it starts.
func (s *Schedule) StepRange(i int) (first, end uint64, start time.Duration) {
	st := s.steps[i]
	return st.first, st.first + st.slots, st.start
}

// Due is the offset from the start at which slot i (of step k) is due.
func (s *Schedule) Due(k int, i uint64) time.Duration {
	st := s.steps[k]
	return st.start + min(st.curve.reached(float64(i-st.first+1)), st.Duration)
}

// FirstAfter is the first slot of step k that is due later than an offset from
// the step's start, to within a nanosecond of its due time.
func (s *Schedule) FirstAfter(k int, at time.Duration) uint64 {
	st := s.steps[k]
	return st.first + min(uint64(st.curve.records(at)+slack), st.slots)
}

// StepOf is the step that slot i belongs to.
func (s *Schedule) StepOf(i uint64) int {
	for k, st := range s.steps {
		if i < st.first+st.slots {
			return k
		}
	}
	return len(s.steps) - 1
}
