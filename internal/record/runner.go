package record

import (
	"fmt"
	"time"
)

// Runner is one of several that made the load together.
type Runner struct {
	Number  int     `json:"number"`          // from 1
	Segment string  `json:"segment"`         // of the schedule, as k6 writes it
	Share   float64 `json:"share"`           // of the load
	Where   string  `json:"where,omitempty"` // process, machine, pod or task
	// State is how it stands; Reason says how it died.
	State  RunnerState `json:"state"`
	Reason string      `json:"reason,omitempty"`
	// First and Last are its first and last report; Frames counts them, Missing
	// those that were lost on the way.
	First   time.Time `json:"first_frame,omitzero"`
	Last    time.Time `json:"last_frame,omitzero"`
	Frames  int       `json:"frames"`
	Missing int       `json:"missing_frames,omitzero"`

	Accepted      int64 `json:"accepted"`
	Rejected      int64 `json:"rejected,omitzero"`
	Indeterminate int64 `json:"indeterminate,omitzero"`
	NotSent       int64 `json:"not_sent,omitzero"`
	Exceptions    int64 `json:"exceptions,omitzero"`
	// PutP99 is of its calls, LatenessP99 of their starts; nil without any.
	PutP99      *time.Duration `json:"put_p99_ns,omitzero"`
	LatenessP99 *time.Duration `json:"lateness_p99_ns,omitzero"`
	CPU         float64        `json:"cpu"` // cores, mean
	RSSBytes    int64          `json:"rss"` // at most
	// Notices are what it was told by where it runs, such as that a spot
	// instance is to be taken away.
	Notices []string `json:"notices,omitempty"`
}

// RunnerState is how a runner stands.
type RunnerState string

// States of a runner.
const (
	RunnerWaiting  RunnerState = "waiting"  // it has not reported yet
	RunnerRunning  RunnerState = "running"  //
	RunnerFinished RunnerState = "finished" // it said its last word
	RunnerDied     RunnerState = "died"     // it ended without
)

// Trouble says what of the load is unknown because of the runner, one of so
// many; empty where nothing is.
func (r Runner) Trouble(of int) string {
	who := fmt.Sprintf("runner %d of %d (segment %s, %.3g %% of the load)", r.Number, of, r.Segment, 100*r.Share)
	switch {
	case r.State == RunnerFinished && r.Missing > 0:
		return fmt.Sprintf("%s: %d of its reports were lost, what its records met in those seconds is unknown", who, r.Missing)
	case r.State == RunnerFinished:
		return ""
	case r.Frames == 0:
		return fmt.Sprintf("%s never reported: %s; all of its share is unknown", who, r.Reason)
	}
	return fmt.Sprintf("%s died: %s; its share is unknown from %s on, its last report", who, r.Reason, r.Last.UTC().Format("15:04:05"))
}
