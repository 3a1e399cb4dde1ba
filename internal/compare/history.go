package compare

import (
	"fmt"
	"slices"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/stats"
)

// LeastHistory is the fewest runs that a history is searched in.
const LeastHistory = 10

// History is what `weir compare --history --json` prints. Keys may be added,
// none renamed.
type History struct {
	Verdict judge.Outcome `json:"verdict"` // fail: the last change of a metric was for the worse
	Reason  string        `json:"reason"`
	Alpha   float64       `json:"alpha"`
	Side                  // in the order of their start
	// Differences between the runs' configurations, all of them in Base.
	Differences []Difference    `json:"differences"`
	Metrics     []HistoryMetric `json:"metrics"`
}

// HistoryMetric is one metric over the runs.
type HistoryMetric struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Unit    string   `json:"unit"`
	Better  string   `json:"better"`
	Runs    int      `json:"runs"` // that measured it
	Changes []Change `json:"changes"`
}

// Change is a run from which on a metric lies on another level.
type Change struct {
	Run           string    `json:"run"`
	Started       time.Time `json:"started"`
	Before        float64   `json:"before"` // median of the runs since the change before
	After         float64   `json:"after"`  // median of the runs until the next change
	ChangePercent *float64  `json:"change_percent"`
	P             float64   `json:"p"`
	Result        Result    `json:"result"`
}

// Over finds the runs of a history at which metrics changed, at level Alpha
// over all metrics together.
func Over(runs []*record.Data, o Options) History {
	runs = slices.SortedStableFunc(slices.Values(runs), func(a, b *record.Data) int {
		return a.Run.Started.Compare(b.Run.Started)
	})
	h := History{Verdict: judge.Unknown, Alpha: Alpha, Differences: []Difference{}, Metrics: []HistoryMetric{}}
	all := read(runs, &h.Side)
	if len(all) < LeastHistory {
		h.Reason = fmt.Sprintf("%d runs that can be compared are too few for a history: it takes %d", len(all), LeastHistory)
		return h
	}
	h.Differences = differences(all, all)
	if len(h.Differences) > 0 && !o.Force {
		h.Reason = "the runs' configurations differ, so a change could come from that: --force compares all the same"
		return h
	}
	chosen := choose(o.Metrics)
	for _, m := range chosen {
		h.Metrics = append(h.Metrics, m.over(all, Alpha/float64(len(chosen))))
	}
	h.conclude()
	return h
}

// over finds a measure's changes over the runs that have it.
func (m *measure) over(runs []reading, alpha float64) HistoryMetric {
	x := HistoryMetric{ID: m.id, Name: m.name, Unit: m.unit, Better: m.better, Changes: []Change{}}
	var figures []float64
	var of []*record.Data
	for _, r := range runs {
		if v, known := m.of(r); known {
			figures, of = append(figures, v), append(of, r.data)
		}
	}
	x.Runs = len(figures)
	for _, s := range stats.LevelShifts(figures, alpha, seed) {
		c := Change{
			Run: of[s.At].Run.ID, Started: of[s.At].Run.Started, P: s.P,
			Before: s.Before, After: s.After, Result: m.outcome(s.After - s.Before),
		}
		if s.Before != 0 {
			c.ChangePercent = new(100 * (s.After - s.Before) / s.Before)
		}
		x.Changes = append(x.Changes, c)
	}
	return x
}

// conclude looks at each metric's last change: an earlier one was followed by
// another.
func (h *History) conclude() {
	var worse []string
	changes := 0
	for _, m := range h.Metrics {
		changes += len(m.Changes)
		if n := len(m.Changes); n > 0 && m.Changes[n-1].Result == Regression {
			worse = append(worse, fmt.Sprintf("%s since %s", m.Name, m.Changes[n-1].Run))
		}
	}
	switch {
	case len(worse) > 0:
		h.Verdict, h.Reason = judge.Fail, "worse: "+list(worse)
	case changes > 0:
		h.Verdict, h.Reason = judge.Pass, "the last change of every metric was not for the worse"
	default:
		h.Verdict, h.Reason = judge.Pass, fmt.Sprintf("no change over %d runs that they could prove", len(h.Runs))
	}
}
