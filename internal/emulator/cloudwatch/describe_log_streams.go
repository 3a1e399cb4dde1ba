package cloudwatch

import (
	"cmp"
	"strconv"
	"strings"
)

// DescribeLogStreams lists a group's streams by name or by last event.
type describeLogStreamsInput struct {
	GroupName       string `json:"logGroupName"`
	GroupIdentifier string `json:"logGroupIdentifier"`
	Prefix          string `json:"logStreamNamePrefix"`
	OrderBy         string `json:"orderBy"`
	Descending      bool   `json:"descending"`
	NextToken       string `json:"nextToken"`
	Limit           *int   `json:"limit"`
}

type describeLogStreamsOutput struct {
	LogStreams []logStreamDescription `json:"logStreams"`
	NextToken  string                 `json:"nextToken,omitempty"`
}

type logStreamDescription struct {
	Name                string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	ARN                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"`
}

func (l *Logs) describeLogStreams(in *describeLogStreamsInput) (*describeLogStreamsOutput, error) {
	limit, err := describeLimit(in.Limit)
	if err != nil {
		return nil, err
	}
	order, err := in.order()
	if err != nil {
		return nil, err
	}
	g, err := l.identified(in.GroupName, in.GroupIdentifier)
	if err != nil {
		return nil, err
	}
	skip, err := openCount(in.NextToken)
	if err != nil {
		return nil, err
	}
	streams := g.sortedStreams(in.Prefix, order)
	out := &describeLogStreamsOutput{LogStreams: []logStreamDescription{}}
	for _, s := range streams[min(skip, len(streams)):min(skip+limit, len(streams))] {
		out.LogStreams = append(out.LogStreams, logStreamDescription{
			s.name, s.created, s.first, s.last, s.ingested, l.arn(g.name) + ":log-stream:" + s.name, s.bytes,
		})
	}
	if skip+limit < len(streams) {
		out.NextToken = sealToken(strconv.Itoa(skip + limit))
	}
	return out, nil
}

func (in *describeLogStreamsInput) order() (func(a, b logStream) int, error) {
	sign := 1
	if in.Descending {
		sign = -1
	}
	switch in.OrderBy {
	case "", "LogStreamName":
		return func(a, b logStream) int { return sign * cmp.Compare(a.name, b.name) }, nil
	case "LastEventTime":
		if in.Prefix != "" {
			return nil, invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
		}
		return func(a, b logStream) int {
			return sign * cmp.Or(cmp.Compare(a.last, b.last), cmp.Compare(a.name, b.name))
		}, nil
	}
	return nil, invalidParameter("The parameter orderBy must be LogStreamName or LastEventTime.")
}

// openCount reads a token that is a number of entries already given; none is 0.
func openCount(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	position, err := openLogsToken(token)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(position)
	if err != nil || n < 0 || n > 1<<31 {
		return 0, invalidParameter("The specified nextToken is invalid.")
	}
	return n, nil
}

// identified finds a group by its name or by an identifier, which is the name or
// an ARN; exactly one must be given.
func (l *Logs) identified(name, identifier string) (*logGroup, error) {
	if (name == "") == (identifier == "") {
		return nil, invalidParameter("Exactly one of logGroupName and logGroupIdentifier must be specified.")
	}
	if _, inARN, isARN := strings.Cut(identifier, ":log-group:"); isARN {
		identifier = strings.TrimSuffix(inARN, ":*")
	}
	return l.group(name + identifier)
}
