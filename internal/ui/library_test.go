package ui

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

// Runs of all folders and searches stand in the library, the newest first; what
// is no run does not, and what changes is read again.
func TestLibrary(t *testing.T) {
	root := t.TempDir()
	runs, campaigns := filepath.Join(root, "runs"), filepath.Join(root, "campaigns")
	old := finished(t, runs, "old", evening, time.Second, 10)
	other := finished(t, filepath.Join(campaigns, "mine", campaignRuns), "other", evening.Add(time.Hour), time.Second, 10)
	fresh := begin(t, runs, "fresh", evening.Add(3*time.Hour), 20*time.Second, 10)
	search := filepath.Join(runs, "20261122T220000Z-stress-0a1b")
	for _, dir := range []string{search, filepath.Join(runs, "notes"), filepath.Join(runs, ".hidden")} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := record.WriteSearch(search, &record.Search{
		Format: 1, ID: filepath.Base(search), Test: plan.Test{Name: "stress"}, Status: record.Complete, Started: evening.Add(2 * time.Hour),
		Trials: []record.Trial{{Trial: stats.Trial{Rate: 100}}, {Trial: stats.Trial{Rate: 200}}}, Bracket: stats.Bracket{Low: 100, High: 200},
	}); err != nil {
		t.Fatal(err)
	}
	ended := false
	s := New(Options{Runs: runs, Campaigns: campaigns, Alive: func(record.Run) bool { return !ended }})
	list := func() []summary {
		t.Helper()
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/api/runs", nil))
		var got struct{ Runs []summary }
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		return got.Runs
	}
	type seen struct {
		ID, Kind, Overall string
		Live              bool
	}
	look := func() []seen {
		var all []seen
		for _, r := range list() {
			all = append(all, seen{r.ID, r.Kind, string(r.Overall), r.Live})
		}
		return all
	}
	want := []seen{
		{fresh.w.ID(), "fresh", "", true},
		{filepath.Base(search), kindSearch, "", false},
		{other.w.ID(), "other", "pass", false},
		{old.w.ID(), "old", "pass", false},
	}
	if diff := cmp.Diff(want, look()); diff != "" {
		t.Error(diff)
	}
	if got := list()[1]; *got.Sustained != 100 || *got.Unsustained != 200 || len(got.Load) != 2 {
		t.Errorf("the search is %+v, want it between 100 and 200 by 2 trials", got)
	}
	fresh.load(0, 20, time.Second)
	fresh.end()
	want[0].Live, want[0].Overall = false, "pass"
	if diff := cmp.Diff(want, look()); diff != "" {
		t.Errorf("after the run has ended: %s", diff)
	}
	ended = true
	killed := begin(t, runs, "killed", evening.Add(4*time.Hour), 20*time.Second, 10)
	if got := list()[0]; got.ID != killed.w.ID() || got.Live || got.Status != record.Running {
		t.Errorf("a run whose process has gone is %+v, want it not live", got)
	}
}
