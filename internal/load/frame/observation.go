package frame

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Observation is what the parent saw of the pipeline at one moment: it travels
// to the k6 child, whose outputs then get it as samples.
type Observation struct {
	T int64 `json:"t"` // Unix seconds
	// V are values by series name (package metrics): of a counter what was added,
	// of everything else the value at T.
	V map[string]float64 `json:"v"`
}

// WriteObservations writes observations, a line each.
func WriteObservations(w io.Writer, all []Observation) error {
	e := json.NewEncoder(w)
	for _, o := range all {
		if err := e.Encode(o); err != nil {
			return fmt.Errorf("write observation: %w", err)
		}
	}
	return nil
}

// ReadObservations hands on every observation until the stream ends.
func ReadObservations(r io.Reader, each func(Observation)) error {
	for d := json.NewDecoder(r); ; {
		var o Observation
		if err := d.Decode(&o); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("read observation: %w", err)
		}
		each(o)
	}
}
