package stack

import (
	"strings"
	"time"
)

// State is the stack as DescribeStacks has it.
type State struct {
	Exists  bool
	ID      string
	Status  string // CREATE_COMPLETE, …; empty where there is none
	Reason  string // of a failure
	Tags    map[string]string
	Outputs map[string]string
	Created time.Time
}

// Ours reports whether weir made the stack.
func (s State) Ours() bool { return s.Tags[MadeBy] != "" }

// Moving reports whether CloudFormation is at work on the stack.
func (s State) Moving() bool { return strings.HasSuffix(s.Status, "_IN_PROGRESS") }

// Up reports whether the stack is whole.
func (s State) Up() bool {
	return s.Status == "CREATE_COMPLETE" || s.Status == "UPDATE_COMPLETE"
}

// Expires is when the stack was to be removed; false where it doesn't say.
func (s State) Expires() (time.Time, bool) {
	at, err := time.Parse(time.RFC3339, s.Tags[ExpiresAt])
	return at, err == nil
}

// Step is what is to be done next with a stack.
type Step string

// Steps.
const (
	Nothing Step = "nothing"
	Create  Step = "create"
	Update  Step = "update"
	Delete  Step = "delete"
	Wait    Step = "wait" // until CloudFormation has finished, then ask again
	Refuse  Step = "refuse"
)

// ToUp is the next step towards a stack that is up with these tags. It is taken
// again from the stack's state each time, so that weir can be killed at any
// point and goes on where CloudFormation is.
func ToUp(s State, wanted []Tag, now time.Time) Step {
	switch {
	case !s.Exists || s.Status == "DELETE_COMPLETE":
		return Create
	case !s.Ours():
		return Refuse
	case s.Moving():
		return Wait
	case s.Up() || s.Status == "UPDATE_ROLLBACK_COMPLETE":
		if s.Up() && s.Tags[TemplateTag] == valueOf(wanted, TemplateTag) && !s.expiresSoon(wanted, now) {
			return Nothing
		}
		return Update
	}
	// A creation that failed leaves parts that only a deletion takes away.
	return Delete
}

// ToDown is the next step towards no stack.
func ToDown(s State) Step {
	switch {
	case !s.Exists || s.Status == "DELETE_COMPLETE":
		return Nothing
	case !s.Ours():
		return Refuse
	case s.Status == "DELETE_IN_PROGRESS":
		return Wait
	}
	return Delete // CloudFormation also deletes what it is still making
}

// expiresSoon reports whether less than half of the time to live is left, so
// that an `up` some minutes later changes nothing.
func (s State) expiresSoon(wanted []Tag, now time.Time) bool {
	until, known := s.Expires()
	fresh, err := time.Parse(time.RFC3339, valueOf(wanted, ExpiresAt))
	return !known || err != nil || until.Sub(now) < fresh.Sub(now)/2
}

func valueOf(tags []Tag, key string) string {
	for _, t := range tags {
		if t.Key == key {
			return t.Value
		}
	}
	return ""
}
