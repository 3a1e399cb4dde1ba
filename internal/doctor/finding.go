package doctor

import (
	"cmp"
	"slices"
)

// Severity is how hard a finding bites.
type Severity string

// Severities. A blocker keeps a load test from giving a result; a warning makes
// the result worse than it need be, or unknown; a note is worth knowing.
const (
	Blocker Severity = "blocker"
	Warning Severity = "warning"
	Note    Severity = "note"
)

func (s Severity) weight() int {
	return slices.Index([]Severity{Blocker, Warning, Note}, s)
}

// Finding is one thing that will bite. Its ID is a promise to users.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	What     string   `json:"what"`
	Why      string   `json:"why"`
	Fix      string   `json:"fix"` // a command, or what to do; never empty
}

// rule looks at one part of the facts.
type rule func(f *Facts) []Finding

// rules are in the order in which findings of one severity are told: what
// keeps anything from working, what loses records, what limits the rate, what
// leaves the result unknown, what costs.
var rules = []rule{
	unreadable, clock, permissions,
	streamState, functionState, mappingState, noConcurrency,
	recordSize,
	endlessRetries, silentDrop, filtered, ageBeyondRetention, startsAtLatest,
	demand, hotKey, concurrency, otherReaders, fewRecordsPerEvent,
	batchTimeout, nearTimeout, wholeBatchRetried,
	ageFloor, probe, eventCount, probeLanes,
	overdue, shardMetrics, logRetention, customerKey, smallMemory, shardQuota,
}

// Examine is what will bite, the hardest first.
func Examine(f Facts) []Finding {
	findings := []Finding{} // [] in JSON
	for _, r := range rules {
		findings = append(findings, r(&f)...)
	}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Compare(a.Severity.weight(), b.Severity.weight())
	})
	return findings
}

// Blocked reports whether one of the findings is a blocker.
func Blocked(findings []Finding) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Severity == Blocker })
}
