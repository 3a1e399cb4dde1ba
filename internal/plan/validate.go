package plan

import (
	"fmt"
	"time"
)

// maxRate bounds a rate: above it a slot's due time has no nanosecond of its
// own.
const maxRate = 1e8

// maxSteps is how many steps the ledger token can tell apart.
const maxSteps = 64

// minStep is the shortest step that leaves a judged window behind its warm-up.
const minStep = time.Second

// Validate reports the first thing about the test that cannot be carried out,
// naming the field as the user knows it. The stream's own limits (record size)
// are checked against the stream that is found.
func (t Test) Validate() error {
	if len(t.Steps) == 0 {
		return fmt.Errorf("test %s has no steps: give at least one rate", t.Name)
	}
	if len(t.Steps) > maxSteps {
		return fmt.Errorf("test %s has %d steps: at most %d", t.Name, len(t.Steps), maxSteps)
	}
	for i, s := range t.Steps {
		switch {
		case s.Rate <= 0 || s.Peak() > maxRate:
			return fmt.Errorf("step %d: rate %g records/s is outside 0 to %g", i+1, s.Peak(), float64(maxRate))
		case s.Duration < minStep:
			return fmt.Errorf("step %d: length %v is under %v", i+1, s.Duration, minStep)
		case s.Records() < 1-slack:
			return fmt.Errorf("step %d: %g records/s for %v is not one record", i+1, s.Rate, s.Duration)
		}
	}
	if n := t.stretches(); n > maxStretches {
		return fmt.Errorf("test %s has shapes of %d stretches: at most %d", t.Name, n, maxStretches)
	}
	switch p := t.Put; {
	case p.MaxRecords < 1 || p.MaxRecords > 500:
		return fmt.Errorf("put batch %d is outside 1 to 500 records, PutRecords' limit", p.MaxRecords)
	case p.MaxInFlight < 1:
		return fmt.Errorf("calls in flight %d: at least 1 is needed", p.MaxInFlight)
	case p.Linger < 0 || p.Timeout <= 0 || p.MaxLate <= 0:
		return fmt.Errorf("linger %v, timeout %v and lateness limit %v must be positive", p.Linger, p.Timeout, p.MaxLate)
	}
	if t.Payload.File != "" && t.Payload.Template != "" {
		return fmt.Errorf("payload file %s and template %s exclude each other", t.Payload.File, t.Payload.Template)
	}
	if t.Payload.Order != "" && t.Payload.File == "" {
		return fmt.Errorf("order %s is of the bodies of a file: name one", t.Payload.Order)
	}
	if t.Keys.Spec == "" && t.Keys.Pool < 1 {
		return fmt.Errorf("key pool of %d: at least 1 key is needed", t.Keys.Pool)
	}
	return nil
}

func (t Test) stretches() (n int) {
	for _, s := range t.Steps {
		if s.Shape != nil {
			n += len(s.Shape.Stretches)
		}
	}
	return n
}
