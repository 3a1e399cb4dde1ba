package cloudwatch

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// DescribeLogGroups lists groups by name. Classes and linked accounts do not
// exist.
type describeLogGroupsInput struct {
	Prefix    string `json:"logGroupNamePrefix"`
	Pattern   string `json:"logGroupNamePattern"` // a part of the name
	NextToken string `json:"nextToken"`
	Limit     *int   `json:"limit"`
}

type describeLogGroupsOutput struct {
	LogGroups []logGroupDescription `json:"logGroups"`
	NextToken string                `json:"nextToken,omitempty"`
}

type logGroupDescription struct {
	Name              string `json:"logGroupName"`
	CreationTime      int64  `json:"creationTime"`
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
	MetricFilterCount int    `json:"metricFilterCount"`
	ARN               string `json:"arn"`
	LogGroupARN       string `json:"logGroupArn"`
	LogGroupClass     string `json:"logGroupClass"`
	StoredBytes       int64  `json:"storedBytes"`
}

const maxDescribed = 50 // API_DescribeLogGroups, API_DescribeLogStreams; also the default

func (l *Logs) describeLogGroups(in *describeLogGroupsInput) (*describeLogGroupsOutput, error) {
	limit, err := describeLimit(in.Limit)
	if err != nil {
		return nil, err
	}
	if in.Prefix != "" && in.Pattern != "" {
		return nil, invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
	}
	after, err := openLogsToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	out := &describeLogGroupsOutput{LogGroups: []logGroupDescription{}}
	for _, g := range l.sortedGroups() {
		g.expire(l.options.Now())
		if g.name <= after || !strings.HasPrefix(g.name, in.Prefix) || !strings.Contains(g.name, in.Pattern) {
			continue
		}
		if len(out.LogGroups) == limit {
			out.NextToken = sealToken(out.LogGroups[limit-1].Name)
			break
		}
		out.LogGroups = append(out.LogGroups, l.describe(g))
	}
	return out, nil
}

func (l *Logs) sortedGroups() []*logGroup {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.SortedFunc(maps.Values(l.groups), func(a, b *logGroup) int { return cmp.Compare(a.name, b.name) })
}

func (l *Logs) describe(g *logGroup) logGroupDescription {
	g.mu.Lock()
	defer g.mu.Unlock()
	return logGroupDescription{
		Name: g.name, CreationTime: g.created.UnixMilli(), RetentionInDays: g.retentionDays, ARN: l.arn(g.name) + ":*", LogGroupARN: l.arn(g.name),
		LogGroupClass: "STANDARD", StoredBytes: g.bytes,
	}
}

func describeLimit(limit *int) (int, error) {
	switch {
	case limit == nil:
		return maxDescribed, nil
	case *limit < 1 || *limit > maxDescribed:
		return 0, invalidParameter("The parameter limit must be from 1 to 50.")
	}
	return *limit, nil
}

func openLogsToken(token string) (string, error) {
	position, err := openToken(token)
	if err != nil {
		return "", invalidParameter("The specified nextToken is invalid.")
	}
	return position, nil
}
