package observe

import (
	"weir/internal/record"
	"weir/internal/stats"
)

// rememberedReports is how many REPORT lines are known again when they come a
// second time: logs deliver at least once, within moments.
const rememberedReports = 1 << 16

// reportTally adds REPORT lines up, each invocation once.
type reportTally struct {
	sum    record.Reports
	seen   map[string]bool
	recent []string // the keys of seen, oldest first
}

// add reports whether the invocation was new.
func (t *reportTally) add(inv Invocation) bool {
	if t.seen[inv.RequestID] {
		return false
	}
	t.remember(inv.RequestID)
	s := &t.sum
	s.Lines++
	if inv.Failed {
		s.Failed++
	}
	s.Billed += inv.Billed
	s.MaxMemoryMB = max(s.MaxMemoryMB, inv.MaxMemoryMB)
	if s.Duration == nil {
		s.Duration = new(stats.Histogram)
	}
	s.Duration.Record(inv.Duration)
	if inv.Init > 0 {
		s.ColdStarts++
		if s.Init == nil {
			s.Init = new(stats.Histogram)
		}
		s.Init.Record(inv.Init)
	}
	return true
}

func (t *reportTally) remember(id string) {
	if id == "" {
		return
	}
	if t.seen == nil {
		t.seen = map[string]bool{}
	}
	if len(t.recent) == rememberedReports {
		delete(t.seen, t.recent[0])
		t.recent = t.recent[1:]
	}
	t.seen[id] = true
	t.recent = append(t.recent, id)
}

// reports are the lines so far, nil where there was none.
func (t *reportTally) reports() *record.Reports {
	if t.sum.Lines == 0 {
		return nil
	}
	return new(t.sum)
}
