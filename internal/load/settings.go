package load

import (
	"fmt"
	"time"

	"weir/internal/plan"
)

// settings are what a script says of its test, as text; empty members leave
// the catalogue's.
type settings struct {
	name        string // of a test in the catalogue; empty: baseline-500b
	payload     string // size of a record
	payloadFile string // or a file of records, one a line
	rates       string // records per second, one step each
	step        string // length of a step
	keys        int    // partition keys
}

// test is the test that a script carries out on its own. The environment's
// RATE, DURATION (of a step) and PAYLOAD win over the script.
func (s settings) test(env lookup) (plan.Test, error) {
	if s.name == "" {
		s.name = "baseline-500b"
	}
	test, err := plan.Named(s.name)
	if err != nil {
		return plan.Test{}, err
	}
	for name, member := range map[string]*string{"RATE": &s.rates, "DURATION": &s.step, "PAYLOAD": &s.payload} {
		if v := env(name); v != "" {
			*member = v
		}
	}
	if s.payloadFile != "" {
		test.Payload = plan.Payload{File: s.payloadFile}
	} else if s.payload != "" {
		if test.Payload.Bytes, err = plan.ParseSize(s.payload); err != nil {
			return plan.Test{}, fmt.Errorf("payload: %w", err)
		}
	}
	if s.keys > 0 {
		test.Keys.Pool = s.keys
	}
	return s.schedule(test)
}

// schedule sets the test's steps.
func (s settings) schedule(test plan.Test) (plan.Test, error) {
	length := test.Steps[0].Duration
	if s.step != "" {
		var err error
		if length, err = time.ParseDuration(s.step); err != nil {
			return plan.Test{}, fmt.Errorf("step: %q is not a duration: write for example 30s or 10m", s.step)
		}
	}
	rates := make([]float64, len(test.Steps))
	for i, step := range test.Steps {
		rates[i] = step.Rate
	}
	if s.rates != "" {
		var err error
		if rates, err = plan.ParseRates(s.rates); err != nil {
			return plan.Test{}, fmt.Errorf("rates: %w", err)
		}
	}
	test.Steps = plan.StepsAt(rates, length)
	return test, nil
}
