package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"weir/internal/plan"
	"weir/internal/stats"
)

// searchFile is a search's record in its directory.
const searchFile = "search.json"

// Search is search.json: the record of a search for the knee. Its trials are
// runs of one step, each with a directory of its own beside the search's.
type Search struct {
	Format int       `json:"format"`
	ID     string    `json:"id"` // the directory's name
	Test   plan.Test `json:"test"`
	Status Status    `json:"status"`
	Reason string    `json:"reason,omitzero"`
	// Simulated says that the trials were carried out in virtual time.
	Simulated bool      `json:"simulated,omitzero"`
	Started   time.Time `json:"started"`
	Ended     time.Time `json:"ended,omitzero"`
	// Capacity says that the targets were left out of the judgement.
	Capacity bool `json:"capacity,omitzero"`
	// TimeScale below 1 shortened the trials: a rehearsal. 0 is 1.
	TimeScale float64 `json:"time_scale,omitzero"`
	// Step is the length of a trial.
	Step      time.Duration     `json:"step_ns"`
	Search    stats.KneeSearch  `json:"search"`
	Predicted []PredictedLimit  `json:"predicted"` // the lowest first
	Spread    float64           `json:"spread_knee,omitzero"`
	Trials    []Trial           `json:"trials"`
	Bracket   stats.Bracket     `json:"bracket"`
	Resource  string            `json:"resource,omitzero"` // that gave out at the bracket's upper end
	GaveOut   string            `json:"gave_out,omitzero"`
	Pipeline  map[string]string `json:"pipeline,omitzero"` // as the trials found it, in words
}

// PredictedLimit is where a resource gives out by the configuration alone, with
// keys spread evenly.
type PredictedLimit struct {
	Resource string  `json:"resource"`
	Rate     float64 `json:"rate"`
	Why      string  `json:"why"`
}

// Trial is one run of a search.
type Trial struct {
	stats.Trial
	Run      string `json:"run"` // its directory's name
	Reason   string `json:"reason"`
	Resource string `json:"resource,omitzero"`
	GaveOut  string `json:"gave_out,omitzero"`
}

// Tried are the trials as the search's arithmetic wants them.
func (s *Search) Tried() []stats.Trial {
	tried := make([]stats.Trial, len(s.Trials))
	for i, t := range s.Trials {
		tried[i] = t.Trial
	}
	return tried
}

// ReadSearch reads a search's directory; fs.ErrNotExist where it is none.
func ReadSearch(dir string) (*Search, error) {
	text, err := os.ReadFile(filepath.Join(dir, searchFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is not the directory of a search: %s: %w", dir, searchFile, fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("open the search: %w", err)
	}
	s := &Search{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, searchFile), err)
	}
	if s.Format > Format {
		return nil, fmt.Errorf("%s was written by a newer weir (format %d, this one reads up to %d)", dir, s.Format, Format)
	}
	return s, nil
}

// WriteSearch replaces the search's record in dir, whole or not at all.
func WriteSearch(dir string, s *Search) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = Replace(filepath.Join(dir, searchFile), append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("write the search's record: %w", err)
	}
	return nil
}
