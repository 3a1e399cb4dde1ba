package cloudwatch

import (
	"math"
	"slices"
	"strings"
)

// GetLogEvents reads one stream in order of time, from its head or, by default,
// its last page; unlike FilterLogEvents it leaves the end of the time range out.
// Tokens lead on in both directions; the one that was followed is given back
// unchanged where there is nothing further.
type getLogEventsInput struct {
	GroupName       string `json:"logGroupName"`
	GroupIdentifier string `json:"logGroupIdentifier"`
	StreamName      string `json:"logStreamName"`
	StartTime       int64  `json:"startTime"`
	EndTime         *int64 `json:"endTime"`
	StartFromHead   bool   `json:"startFromHead"`
	NextToken       string `json:"nextToken"`
	Limit           *int   `json:"limit"`
}

type getLogEventsOutput struct {
	Events            []streamEvent `json:"events"`
	NextForwardToken  string        `json:"nextForwardToken"`
	NextBackwardToken string        `json:"nextBackwardToken"`
}

type streamEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

// Directions of a token: events after its position, or before it.
const (
	forward  = "f/"
	backward = "b/"
)

func (l *Logs) getLogEvents(in *getLogEventsInput) (*getLogEventsOutput, error) {
	g, err := l.identified(in.GroupName, in.GroupIdentifier)
	if err != nil {
		return nil, err
	}
	if !g.hasStream(in.StreamName) {
		return nil, noStream()
	}
	page, err := newEventPage(in.Limit)
	if err != nil {
		return nil, err
	}
	direction, from, err := in.place()
	if err != nil {
		return nil, err
	}
	if direction == forward {
		in.readForward(g, from, page)
		return page.streamEvents(position{from.at, from.arrival + 1}, from), nil
	}
	in.readBackward(g, from, page)
	return page.streamEvents(from, position{at: in.StartTime}), nil
}

// place is where the page begins and which way it goes.
func (in *getLogEventsInput) place() (direction string, from position, err error) {
	switch {
	case strings.HasPrefix(in.NextToken, forward):
		from, err = openPosition(strings.TrimPrefix(in.NextToken, forward))
		return forward, from, err
	case strings.HasPrefix(in.NextToken, backward):
		from, err = openPosition(strings.TrimPrefix(in.NextToken, backward))
		return backward, from, err
	case in.NextToken != "":
		return "", position{}, invalidParameter("The specified nextToken is invalid.")
	case in.StartFromHead:
		return forward, position{at: in.StartTime}, nil
	}
	return backward, position{at: in.end()}, nil
}

func (in *getLogEventsInput) end() int64 {
	if in.EndTime == nil {
		return math.MaxInt64
	}
	return *in.EndTime
}

func (in *getLogEventsInput) readForward(g *logGroup, after position, page *eventPage) {
	g.each(after, in.end(), func(e *logEvent) bool {
		return e.stream.name != in.StreamName || page.take(e)
	})
}

func (in *getLogEventsInput) readBackward(g *logGroup, before position, page *eventPage) {
	var all []logEvent
	g.each(position{at: in.StartTime}, in.end(), func(e *logEvent) bool {
		if e.compare(before) >= 0 {
			return false
		}
		if e.stream.name == in.StreamName {
			all = append(all, *e)
		}
		return true
	})
	for i := len(all) - 1; i >= 0 && page.take(&all[i]); i-- {
	}
	slices.Reverse(page.events)
}

// streamEvents answers with the page; first and last are where an empty one
// leads on from, backward and forward.
func (p *eventPage) streamEvents(first, last position) *getLogEventsOutput {
	out := &getLogEventsOutput{Events: []streamEvent{}}
	if n := len(p.events); n > 0 {
		first, last = p.events[0].position, p.events[n-1].position
	}
	out.NextForwardToken, out.NextBackwardToken = forward+last.token(), backward+first.token()
	for _, e := range p.events {
		out.Events = append(out.Events, streamEvent{e.at, e.message, e.ingested})
	}
	return out
}
