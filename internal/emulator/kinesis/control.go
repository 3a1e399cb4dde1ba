package kinesis

import (
	"time"

	"weir/internal/emulator/wire"
)

// current is a copy of the settings. Its map and slices are replaced by changes
// and never written to.
func (st *stream) current() settings {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return st.settings
}

// locked finds a stream that is not being deleted and does something to it
// under its lock.
func (s *Server) locked(ref streamRef, now time.Time, do func(*stream) error) error {
	name, err := ref.name()
	if err != nil {
		return err
	}
	st, status, err := s.find(name, now)
	if err != nil {
		return err
	}
	if status == statusDeleting {
		return s.notActive(st, status)
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	return do(st)
}

// update is locked for what needs an ACTIVE stream and leaves it UPDATING for
// the configured time. The change itself holds at once.
func (s *Server) update(ref streamRef, now time.Time, do func(*stream) error) error {
	return s.locked(ref, now, func(st *stream) error {
		if now.Before(st.active) {
			return s.notActive(st, statusCreating)
		}
		if now.Before(st.updating) {
			return s.notActive(st, statusUpdating)
		}
		if err := do(st); err != nil {
			return err
		}
		st.updating = now.Add(s.cfg.CreateTime)
		return nil
	})
}

func (s *Server) notActive(st *stream, status string) *wire.Error {
	return &wire.Error{
		Code:    "ResourceInUseException",
		Message: "Stream " + st.name + " under account " + s.cfg.AccountID + " not ACTIVE, instead in state " + status,
	}
}

func limitExceeded(message string) *wire.Error {
	return &wire.Error{Code: "LimitExceededException", Message: message}
}

// sinceADayAgo are the times of the last 24 hours; they rise.
func sinceADayAgo(times []time.Time, now time.Time) (recent []time.Time) {
	for _, t := range times {
		if now.Sub(t) < 24*time.Hour {
			recent = append(recent, t)
		}
	}
	return recent
}

func notFound(message string) *wire.Error {
	return &wire.Error{Code: "ResourceNotFoundException", Message: message}
}

// invalidRequest is a ValidationException that no member's constraint gives.
func invalidRequest(message string) *wire.Error {
	return &wire.Error{Code: "ValidationException", Message: message}
}
