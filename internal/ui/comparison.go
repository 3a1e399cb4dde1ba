package ui

import (
	"net/http"

	"weir/internal/compare"
	"weir/internal/record"
	"weir/internal/report"
)

// comparison says what is different between two runs, in words.
type comparison struct {
	Verdict     string               `json:"verdict"`
	Reason      string               `json:"reason"`
	Head        []string             `json:"head"`
	Rows        [][]string           `json:"rows"`    // a metric each, its result last
	Reasons     []string             `json:"reasons"` // of the rows' results
	Differences []compare.Difference `json:"differences"`
	Notes       []string             `json:"notes"`
}

// serveComparison compares two runs, also ones of different configurations:
// whoever lays them over each other knows that they differ.
func (s *Server) serveComparison(w http.ResponseWriter, r *http.Request) {
	var sides [2]*record.Data
	for i, name := range []string{"base", "fresh"} {
		dir, ok := s.find(r.PathValue(name))
		if !ok {
			refuse(w, http.StatusNotFound, errNoRun)
			return
		}
		d, err := record.Read(dir)
		if err != nil {
			refuse(w, http.StatusInternalServerError, err)
			return
		}
		sides[i] = d
	}
	c := compare.Runs(sides[:1], sides[1:], compare.Options{Force: true})
	head, rows := report.ComparisonTable(c)
	shown := comparison{
		Verdict: string(c.Verdict), Reason: c.Reason, Head: head, Rows: rows,
		Differences: c.Differences, Notes: c.Notes,
	}
	for _, m := range c.Metrics {
		shown.Reasons = append(shown.Reasons, m.Reason)
	}
	answer(w, shown)
}
