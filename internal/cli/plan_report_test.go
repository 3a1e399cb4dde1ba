package cli

import (
	"testing"

	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/report"
	"weir/internal/stats"
)

// A certificate names the lowest knee that was found on its payload. A search
// that broke nothing found none, and one on larger records says nothing of it.
func TestLowestKnee(t *testing.T) {
	sought := func(bytes int, low, high float64) report.Sought {
		return report.Sought{Search: &record.Search{
			Test: plan.Test{Payload: plan.Payload{Bytes: bytes}}, Bracket: stats.Bracket{Low: low, High: high},
		}}
	}
	all := []report.Sought{
		sought(500, 4000, 0), sought(500, 3900, 4200), sought(500, 3700, 4000), sought(500, 3800, 4100), sought(500, 0, 10), sought(10240, 390, 410),
	}
	if s := lowestKnee(all, plan.Payload{Bytes: 500}); s == nil || s.Bracket.Low != 3700 {
		t.Errorf("%+v", s)
	}
	if s := lowestKnee(all[:1], plan.Payload{Bytes: 500}); s != nil {
		t.Errorf("nothing broke, and the knee is at %v", s.Bracket)
	}
}
