package cloudwatch

import (
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// PutLogEvents takes a batch in order of time. Sequence tokens are ignored, as
// CloudWatch Logs does since 2023, and so are entities.
type putLogEventsInput struct {
	LogGroupName  string `json:"logGroupName"`
	LogStreamName string `json:"logStreamName"`
	LogEvents     []struct {
		Timestamp int64  `json:"timestamp"`
		Message   string `json:"message"`
	} `json:"logEvents"`
}

type putLogEventsOutput struct {
	NextSequenceToken string          `json:"nextSequenceToken"`
	Rejected          *rejectedEvents `json:"rejectedLogEventsInfo,omitempty"`
}

// rejectedEvents tells which events of an accepted batch were not taken, by
// index.
type rejectedEvents struct {
	TooNewStart *int `json:"tooNewLogEventStartIndex,omitempty"` // the first too new
	TooOldEnd   *int `json:"tooOldLogEventEndIndex,omitempty"`   // the one after the last too old
}

func (l *Logs) putLogEvents(in *putLogEventsInput) (*putLogEventsOutput, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	g, err := l.group(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	if !g.hasStream(in.LogStreamName) {
		return nil, noStream()
	}
	now := l.options.Now()
	from, to := in.acceptable(g, now)
	if !in.inOneDay(from, to) {
		return nil, invalidParameter("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	var events []newEvent
	for _, e := range in.LogEvents[from:to] {
		events = append(events, newEvent{e.Timestamp, e.Message})
	}
	g.append(in.LogStreamName, events, now)
	for _, e := range events {
		l.extractMetrics(in.LogGroupName, e.message)
	}
	return &putLogEventsOutput{NextSequenceToken: wire.RequestID(), Rejected: in.rejected(from, to)}, nil
}

func noStream() error {
	return &wire.Error{Code: "ResourceNotFoundException", Message: "The specified log stream does not exist."}
}

func (in *putLogEventsInput) check() error {
	if n := len(in.LogEvents); n < 1 || n > quota.PutLogEventsMaxEvents {
		return invalidParameter("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and 10000")
	}
	bytes := 0
	for i, e := range in.LogEvents {
		bytes += len(e.Message) + quota.LogEventOverheadBytes
		switch {
		case e.Message == "":
			return invalidParameter("Log event message must not be empty.")
		case i > 0 && e.Timestamp < in.LogEvents[i-1].Timestamp:
			return invalidParameter("Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	if bytes > quota.PutLogEventsMaxBytes {
		return invalidParameter("Upload too large: the batch of log events exceeds 1048576 bytes.")
	}
	return nil
}

// acceptable is the range of events that are neither too old, for Logs or for
// the group's retention, nor too new; in order of time as they are, those stand
// together.
func (in *putLogEventsInput) acceptable(g *logGroup, now time.Time) (from, to int) {
	age := quota.LogEventMaxAge
	if kept, limited := g.kept(); limited {
		age = min(age, kept)
	}
	oldest := now.Add(-age).UnixMilli()
	newest := now.Add(quota.LogEventMaxLead).UnixMilli()
	for from < len(in.LogEvents) && in.LogEvents[from].Timestamp < oldest {
		from++
	}
	to = len(in.LogEvents)
	for to > from && in.LogEvents[to-1].Timestamp > newest {
		to--
	}
	return from, to
}

func (in *putLogEventsInput) inOneDay(from, to int) bool {
	return from == to || in.LogEvents[to-1].Timestamp-in.LogEvents[from].Timestamp <= quota.PutLogEventsMaxSpan.Milliseconds()
}

func (in *putLogEventsInput) rejected(from, to int) *rejectedEvents {
	if from == 0 && to == len(in.LogEvents) {
		return nil
	}
	r := &rejectedEvents{}
	if from > 0 {
		r.TooOldEnd = &from
	}
	if to < len(in.LogEvents) {
		r.TooNewStart = &to
	}
	return r
}
