package ui

import (
	"slices"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/record"
	"weir/internal/report"
	"weir/internal/stats"
)

// state is how a run stands, beside its series.
type state struct {
	Run      shownRun         `json:"run"`
	Live     bool             `json:"live"`
	CutShort bool             `json:"cut_short"`
	At       time.Time        `json:"at"`
	Ledger   ledger.Account   `json:"ledger"`
	Closed   bool             `json:"closed"` // the ledger is final
	Verdict  judge.Verdict    `json:"verdict"`
	Phases   []phase          `json:"phases"` // of the run's steps, in their order
	Shards   []shard          `json:"shards"` // by name
	Cost     []report.Amount  `json:"cost"`
	Capacity string           `json:"capacity"` // which rates were sustained, in a sentence
	Where    string           `json:"where"`    // what was tested, in words
	Bands    map[string]bands `json:"bands"`    // latencies over the whole run
}

// shownRun is what a page shows of run.json.
type shownRun struct {
	ID        string          `json:"id"`
	Dir       string          `json:"dir"`
	Test      string          `json:"test"`
	Kind      string          `json:"kind"`
	Payload   string          `json:"payload"`
	Status    record.Status   `json:"status"`
	Reason    string          `json:"reason,omitempty"`
	Started   time.Time       `json:"started"`
	LoadStart time.Time       `json:"load_start,omitzero"`
	LoadEnd   time.Time       `json:"load_end,omitzero"`
	Ended     time.Time       `json:"ended,omitzero"`
	Version   string          `json:"version"`
	Command   []string        `json:"command"`
	Pipeline  record.Pipeline `json:"pipeline"`
	Host      record.Host     `json:"host"`
	Steps     []record.Step   `json:"steps"`
	Notes     []string        `json:"notes"`
	Rehearsal bool            `json:"rehearsal,omitzero"`
}

// phase says how far a step is.
type phase string

const (
	toCome   phase = "to come"
	underWay phase = "under way"
	over     phase = "over"
)

// shard is what one shard took so far.
type shard struct {
	Name string `json:"name"`
	record.ShardLoad
}

// bands are quantiles in milliseconds.
type bands struct {
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	Max float64 `json:"max"`
	N   int64   `json:"n"`
}

// stateOf says how a run stands at a moment.
func stateOf(d *record.Data, live bool, now time.Time) state {
	st := state{
		Run: shown(d), Live: live, CutShort: d.CutShort(func(int) bool { return live }), At: now.UTC(),
		Ledger: d.Ledger.Account, Closed: d.Ledger.Closed,
		Shards: shardsOf(d), Bands: bandsOf(d), Phases: make([]phase, len(d.Run.Steps)),
	}
	for i, s := range d.Run.Steps {
		st.Phases[i] = phaseOf(d, s, live, now)
	}
	sofar := d
	if live {
		sofar = reached(d, now)
	}
	st.Verdict = judge.Judge(sofar, judge.Options{})
	st.Capacity, st.Where = report.CapacityLine(st.Verdict), report.PipelineLine(d)
	st.Cost = report.Cost(sofar)
	return st
}

func shown(d *record.Data) shownRun {
	r := d.Run
	return shownRun{
		ID: r.ID, Dir: d.Dir, Test: r.Test.Name, Kind: string(r.Test.Kind), Payload: r.Test.Payload.String(),
		Status: r.Status, Reason: r.Reason, Started: r.Started, LoadStart: r.LoadStart, LoadEnd: r.LoadEnd, Ended: r.Ended,
		Version: r.Version, Command: r.Command, Pipeline: r.Pipeline, Host: r.Host, Steps: r.Steps, Notes: r.Notes,
		Rehearsal: r.TimeScale > 0 && r.TimeScale < 1,
	}
}

// phaseOf says how far a step is. The last one lasts until the pipeline has
// drained: what it leaves behind is its own.
func phaseOf(d *record.Data, s record.Step, live bool, now time.Time) phase {
	last := s.Index == len(d.Run.Steps)-1
	switch {
	case !live:
		return over
	case s.Start.IsZero() || now.Before(s.Start):
		return toCome
	case last || s.End.IsZero() || now.Before(s.End):
		return underWay
	}
	return over
}

// reached is a run under way as if it ended now, for its verdicts as they
// stand: with the steps it has begun, and paid for until now.
func reached(d *record.Data, now time.Time) *record.Data {
	cut := *d
	cut.Run.Steps = slices.DeleteFunc(slices.Clone(d.Run.Steps), func(s record.Step) bool {
		return s.Start.IsZero() || now.Before(s.Start)
	})
	if n := len(cut.Run.Steps); n > 0 && cut.Run.Steps[n-1].End.After(now) {
		cut.Run.Steps[n-1].End = now
	}
	if cut.Run.Ended.IsZero() {
		cut.Run.Ended = now
	}
	return &cut
}

// shardsOf adds the steps' shards up.
func shardsOf(d *record.Data) []shard {
	sum := map[string]record.ShardLoad{}
	for _, s := range d.Steps {
		for name, load := range s.Shards {
			l := sum[name]
			l.Accepted += load.Accepted
			l.Throttled += load.Throttled
			sum[name] = l
		}
	}
	all := make([]shard, 0, len(sum))
	for name, load := range sum {
		all = append(all, shard{name, load})
	}
	slices.SortFunc(all, func(a, b shard) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// bandsOf are the latencies over all steps: of records from due and from their
// arrival in the stream to processed, and of put calls.
func bandsOf(d *record.Data) map[string]bands {
	all := map[string]bands{}
	for name, of := range map[string]func(record.StepResult) *stats.Histogram{
		"from_due":     func(r record.StepResult) *stats.Histogram { return r.FromDue },
		"from_arrival": func(r record.StepResult) *stats.Histogram { return r.FromArrive },
		"put":          func(r record.StepResult) *stats.Histogram { return r.Put },
	} {
		var h stats.Histogram
		for _, r := range d.Steps {
			h.Merge(of(r))
		}
		if h.Count() > 0 {
			all[name] = bands{
				P50: millis(h.Quantile(0.5)), P95: millis(h.Quantile(0.95)), P99: millis(h.Quantile(0.99)),
				Max: millis(h.Max()), N: h.Count(),
			}
		}
	}
	return all
}

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
