package metrics

import "strings"

// PushedPrefix begins the names of what k6's outputs get of the pipeline: the
// series' own name follows.
const PushedPrefix = "pipeline_"

// Names of the account's sums, which k6's outputs get when it has been closed.
const (
	LedgerOffered       = "ledger_offered"
	LedgerAccepted      = "ledger_accepted"
	LedgerRejected      = "ledger_rejected"
	LedgerIndeterminate = "ledger_indeterminate"
	LedgerNotSent       = "ledger_not_sent"
	LedgerProcessed     = "ledger_processed"
	LedgerFiltered      = "ledger_filtered"
	LedgerDeadLettered  = "ledger_dead_lettered"
	LedgerExpired       = "ledger_expired"
	LedgerInFlight      = "ledger_in_flight"
	LedgerLost          = "ledger_lost"
	LedgerUnexplained   = "ledger_unexplained"
)

// Pushed is one series as k6's outputs get it.
type Pushed struct {
	Series string
	// Counter says that values of the same series add up; others stand for their
	// moment.
	Counter bool
	Millis  bool // its unit
	Bytes   bool // its unit
}

// Name is the metric's name in k6.
func (p Pushed) Name() string { return PushedPrefix + p.Series }

// AllPushed are the series that travel to k6's outputs: what was offered, all
// that was seen of stream, mapping and function, and the account. What the
// generator's own metrics in k6 say is left out.
func AllPushed() []Pushed {
	all := []Pushed{{Series: Offered, Counter: true}, {Series: Processed, Counter: true}, {Series: ColdStarts, Counter: true}}
	for _, series := range []string{
		E2EP50, E2EP95, E2EP99, E2EMax, ArriveP99, Backlog, BatchMean, InitMax, MaxMemoryUsed, HotShardShare, HotKeyShare,
		LedgerOffered, LedgerAccepted, LedgerRejected, LedgerIndeterminate, LedgerNotSent, LedgerProcessed, LedgerFiltered,
		LedgerDeadLettered, LedgerExpired, LedgerInFlight, LedgerLost, LedgerUnexplained,
	} {
		all = append(all, Pushed{Series: series})
	}
	for _, q := range Queries() {
		all = append(all, Pushed{Series: q.Series, Counter: q.Counter})
	}
	for i := range all {
		all[i].Millis = strings.HasSuffix(all[i].Series, "_ms")
		all[i].Bytes = strings.HasSuffix(all[i].Series, "_bytes")
	}
	return all
}
