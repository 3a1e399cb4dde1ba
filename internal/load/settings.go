package load

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"weir/internal/payload"
	"weir/internal/plan"
	"weir/internal/producer"
)

// settings are what a script says of its test, as text; empty members leave
// the catalogue's.
type settings struct {
	name        string // of a test in the catalogue; empty: baseline-500b
	payload     string // size of a record, or how sizes vary
	payloadFile string // or a file of records, one a line
	// payloadOrder is that of the file's records: loop or sample.
	payloadOrder string
	rates        string // records per second, one step each
	shape        string // or how the rate moves within a step
	step         string // length of a step
	template     string // or a file with one record's text and generators in it
	keys         string // number of partition keys, or how they are drawn
	retry        string // what is done about records that a call failed to put
	encoding     string // of calls
}

// test is the test that a script carries out on its own. The environment's
// RATE, DURATION (of a step), PAYLOAD, RETRY and ENCODING win over the script.
func (s settings) test(env lookup) (plan.Test, error) {
	if s.name == "" {
		s.name = "baseline-500b"
	}
	test, err := plan.Named(s.name)
	if err != nil {
		return plan.Test{}, err
	}
	for name, member := range map[string]*string{"RATE": &s.rates, "DURATION": &s.step, "PAYLOAD": &s.payload, "RETRY": &s.retry, "ENCODING": &s.encoding} {
		if v := env(name); v != "" {
			*member = v
		}
	}
	if err := s.setPut(&test.Put); err != nil {
		return plan.Test{}, err
	}
	if err := s.setPayload(&test.Payload); err != nil {
		return plan.Test{}, err
	}
	if s.keys != "" {
		if _, err := payload.ParseKeys(s.keys); err != nil {
			return plan.Test{}, fmt.Errorf("keys: %w", err)
		}
		test.Keys = plan.KeysOf(s.keys)
	}
	return s.schedule(test)
}

// setPut sets how records are put.
func (s settings) setPut(p *plan.Put) error {
	if _, err := producer.ParseRetry(s.retry); err != nil {
		return fmt.Errorf("retry: %w", err)
	}
	if _, err := producer.ParseEncoding(s.encoding); err != nil {
		return fmt.Errorf("encoding: %w", err)
	}
	p.Retry, p.Encoding = cmp.Or(s.retry, p.Retry), cmp.Or(s.encoding, p.Encoding)
	return nil
}

// setPayload sets what the records' bodies are, if the script says so.
func (s settings) setPayload(p *plan.Payload) error {
	if s.payloadFile != "" && s.template != "" {
		return errors.New("payloadFile and template exclude each other")
	}
	order, err := payload.ParseOrder(s.payloadOrder)
	switch {
	case err != nil:
		return fmt.Errorf("payloadOrder: %w", err)
	case order.Replays():
		return errors.New("payloadOrder: replay is for weir run, which lays out its schedule")
	case s.payloadOrder != "" && s.payloadFile == "":
		return errors.New("payloadOrder is of payloadFile: name one")
	}
	if s.payloadFile != "" || s.template != "" {
		*p = plan.Payload{File: s.payloadFile, Order: s.payloadOrder, Template: s.template}
		return nil
	}
	if s.payload == "" {
		return nil
	}
	sized, err := plan.ParsePayload(s.payload)
	if err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	*p = sized
	return nil
}

// schedule sets the test's steps.
func (s settings) schedule(test plan.Test) (plan.Test, error) {
	var length time.Duration
	var rates []float64
	var err error
	if s.step != "" {
		if length, err = time.ParseDuration(s.step); err != nil {
			return plan.Test{}, fmt.Errorf("step: %q is not a duration: write for example 30s or 10m", s.step)
		}
	}
	if s.shape != "" {
		if s.rates != "" {
			return plan.Test{}, errors.New("rates and shape exclude each other: a shape has its own rates")
		}
		if test.Steps, err = plan.ShapedSteps(s.shape, cmp.Or(length, plan.EmbeddedStep)); err != nil {
			return plan.Test{}, fmt.Errorf("shape: %w", err)
		}
		return test, nil
	}
	if s.rates != "" {
		if rates, err = plan.ParseRates(s.rates); err != nil {
			return plan.Test{}, fmt.Errorf("rates: %w", err)
		}
	}
	test.Steps = test.StepsWith(rates, length)
	return test, nil
}
