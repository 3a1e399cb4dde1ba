package cloudwatch

import (
	"fmt"
	"slices"
	"time"
)

// PutRetentionPolicy says how many days a group keeps events;
// DeleteRetentionPolicy, that it keeps them for good.
type putRetentionPolicyInput struct {
	LogGroupName    string `json:"logGroupName"`
	RetentionInDays int    `json:"retentionInDays"`
}

type deleteRetentionPolicyInput struct {
	LogGroupName string `json:"logGroupName"`
}

// retentions are the days that a policy may say (API_PutRetentionPolicy, read
// 2026-11-22).
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func (l *Logs) putRetentionPolicy(in *putRetentionPolicyInput) (*noOutput, error) {
	if !slices.Contains(retentions, in.RetentionInDays) {
		return nil, invalidParameter(fmt.Sprintf("1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: %v", in.RetentionInDays, retentions))
	}
	return l.retain(in.LogGroupName, in.RetentionInDays)
}

func (l *Logs) deleteRetentionPolicy(in *deleteRetentionPolicyInput) (*noOutput, error) {
	return l.retain(in.LogGroupName, 0)
}

// retain sets a group's retention; 0 days is for good.
func (l *Logs) retain(group string, days int) (*noOutput, error) {
	g, err := l.group(group)
	if err != nil {
		return nil, err
	}
	g.mu.Lock()
	g.retentionDays = days
	g.mu.Unlock()
	g.expire(l.options.Now())
	return nil, nil
}

// kept is how long the group keeps events; false for good.
func (g *logGroup) kept() (time.Duration, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return time.Duration(g.retentionDays) * 24 * time.Hour, g.retentionDays > 0
}

// expire drops what is past the group's retention. AWS takes up to 72 hours for
// it; here it is gone at once.
func (g *logGroup) expire(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.retentionDays == 0 {
		return
	}
	oldest := now.AddDate(0, 0, -g.retentionDays).Unix()
	n, _ := g.search(oldest)
	for _, s := range g.segments[:n] {
		for i := range s.events {
			size := s.events[i].size()
			s.events[i].stream.bytes -= size
			g.bytes -= size
		}
	}
	g.segments = slices.Delete(g.segments, 0, n)
}
