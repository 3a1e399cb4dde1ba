package cloudwatch

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"weir/internal/quota"
)

// FilterLogEvents reads a group's events in order of timestamp and arrival, with
// both ends of the time range included. Reading the same range again gives the
// same events under the same ids, and those that came in late. A page ends where
// it is full, not after an amount searched, so none is empty but the last.
type filterLogEventsInput struct {
	GroupName       string   `json:"logGroupName"`
	GroupIdentifier string   `json:"logGroupIdentifier"`
	StreamNames     []string `json:"logStreamNames"`
	StreamPrefix    string   `json:"logStreamNamePrefix"`
	StartTime       int64    `json:"startTime"`
	EndTime         *int64   `json:"endTime"`
	FilterPattern   string   `json:"filterPattern"`
	NextToken       string   `json:"nextToken"`
	Limit           *int     `json:"limit"`
}

type filterLogEventsOutput struct {
	Events    []filteredEvent `json:"events"`
	Searched  []struct{}      `json:"searchedLogStreams"` // always empty, as since 2020
	NextToken string          `json:"nextToken,omitempty"`
}

type filteredEvent struct {
	LogStreamName string `json:"logStreamName"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId"`
}

func (l *Logs) filterLogEvents(in *filterLogEventsInput) (*filterLogEventsOutput, error) {
	g, err := l.identified(in.GroupName, in.GroupIdentifier)
	if err != nil {
		return nil, err
	}
	if len(in.StreamNames) > 0 && in.StreamPrefix != "" {
		return nil, invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
	}
	for _, name := range in.StreamNames {
		if !g.hasStream(name) {
			return nil, noStream()
		}
	}
	pattern, err := parseFilterPattern(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	page, err := newEventPage(in.Limit)
	if err != nil {
		return nil, err
	}
	after := position{at: in.StartTime}
	if in.NextToken != "" {
		if after, err = openPosition(in.NextToken); err != nil {
			return nil, err
		}
	}
	end, err := exclusiveEnd(in.StartTime, in.EndTime)
	if err != nil {
		return nil, err
	}
	g.each(after, end, func(e *logEvent) bool {
		return !in.wants(e.stream.name) || !pattern.matches(e.message) || page.take(e)
	})
	return page.filtered(), nil
}

func (in *filterLogEventsInput) wants(stream string) bool {
	if len(in.StreamNames) > 0 {
		return slices.Contains(in.StreamNames, stream)
	}
	return strings.HasPrefix(stream, in.StreamPrefix)
}

// exclusiveEnd is the first millisecond after an end that is included; no end
// is the end of time.
func exclusiveEnd(start int64, end *int64) (int64, error) {
	switch {
	case end == nil || *end == math.MaxInt64:
		return math.MaxInt64, nil
	case start > *end:
		return 0, invalidParameter("startTime must not be after endTime.")
	}
	return *end + 1, nil
}

// eventPage gathers events up to the bounds of one answer.
type eventPage struct {
	limit  int
	bytes  int
	events []logEvent
	more   bool // there was an event that no longer went in
}

func newEventPage(limit *int) (*eventPage, error) {
	switch {
	case limit == nil:
		return &eventPage{limit: quota.FilterLogEventsMaxEvents}, nil
	case *limit < 1 || *limit > quota.FilterLogEventsMaxEvents:
		return nil, invalidParameter(fmt.Sprintf("The parameter limit must be from 1 to %d.", quota.FilterLogEventsMaxEvents))
	}
	return &eventPage{limit: *limit}, nil
}

// take adds an event, or returns false if the page is full. The first always
// goes in.
func (p *eventPage) take(e *logEvent) bool {
	size := int(e.size())
	if len(p.events) == p.limit || len(p.events) > 0 && p.bytes+size > quota.FilterLogEventsMaxBytes {
		p.more = true
		return false
	}
	p.events = append(p.events, *e)
	p.bytes += size
	return true
}

func (p *eventPage) filtered() *filterLogEventsOutput {
	out := &filterLogEventsOutput{Events: []filteredEvent{}, Searched: []struct{}{}}
	for _, e := range p.events {
		out.Events = append(out.Events, filteredEvent{e.stream.name, e.at, e.message, e.ingested, e.id()})
	}
	if p.more {
		out.NextToken = p.events[len(p.events)-1].token()
	}
	return out
}

// id is AWS's form of an event id, 56 decimals, and like it stable and rising
// with the event's place.
func (p position) id() string { return fmt.Sprintf("%020d%036d", p.at, p.arrival) }

func (p position) token() string { return sealToken(fmt.Sprintf("%d %d", p.at, p.arrival)) }

func openPosition(token string) (position, error) {
	text, err := openLogsToken(token)
	if err != nil {
		return position{}, err
	}
	var p position
	if n, err := fmt.Sscanf(text, "%d %d", &p.at, &p.arrival); n != 2 || err != nil {
		return position{}, invalidParameter("The specified nextToken is invalid.")
	}
	return p, nil
}
