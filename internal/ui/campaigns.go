package ui

import (
	"net/http"
	"os"
	"path/filepath"
	"time"

	"weir/internal/campaign"
)

// Names in a campaign's directory.
const (
	campaignPlan    = "plan.yaml"
	campaignJournal = "journal.ndjson"
	campaignRuns    = "runs"
)

// calendar is a campaign by its units.
type calendar struct {
	Name    string    `json:"name"`
	Target  string    `json:"target"`
	Started time.Time `json:"started,omitzero"`
	Last    time.Time `json:"last,omitzero"` // something was written then
	Units   []unit    `json:"units"`         // in the order they run
	Error   string    `json:"error,omitempty"`
}

// unit is a piece of a campaign.
type unit struct {
	ID       string    `json:"id"`
	Week     int       `json:"week"`
	Test     string    `json:"test"`
	LoadS    float64   `json:"load_s"` // how long records are put
	Begun    time.Time `json:"begun,omitzero"`
	Ended    time.Time `json:"ended,omitzero"` // zero: not done
	Attempts int       `json:"attempts"`
	Run      string    `json:"run,omitempty"`
	Verdict  string    `json:"verdict,omitempty"`
	Failure  string    `json:"failure,omitempty"` // why the last attempt gave no verdict
}

// serveCampaigns lists the campaigns.
func (s *Server) serveCampaigns(w http.ResponseWriter, _ *http.Request) {
	all := []calendar{}
	for _, name := range directories(s.options.Campaigns) {
		dir := filepath.Join(s.options.Campaigns, name)
		if text, err := os.ReadFile(filepath.Join(dir, campaignPlan)); err == nil {
			all = append(all, readCalendar(name, dir, text))
		}
	}
	answer(w, map[string]any{"campaigns": all, "folder": s.options.Campaigns})
}

// readCalendar reads what was done of a plan. A campaign that can't be read is
// shown with the reason.
func readCalendar(name, dir string, text []byte) calendar {
	c := calendar{Name: name, Units: []unit{}}
	plan, err := campaign.Parse(campaignPlan, text)
	if err != nil {
		c.Error = err.Error()
		return c
	}
	c.Target = plan.Target
	units, err := plan.Units(campaign.Options{})
	if err != nil {
		c.Error = err.Error()
		return c
	}
	entries, err := campaign.ReadJournal(filepath.Join(dir, campaignJournal))
	if err != nil {
		c.Error = err.Error()
		return c
	}
	c.fill(units, entries)
	return c
}

// fill says of each unit what the journal knows.
func (c *calendar) fill(units []campaign.Unit, entries []campaign.Entry) {
	progress := campaign.Fold(entries)
	c.Started, c.Last = progress.Started, progress.Last
	begun := map[string]time.Time{}
	for _, e := range entries {
		if !e.Ended {
			begun[e.Unit] = e.At
		}
	}
	for _, u := range units {
		shown := unit{ID: u.ID, Week: u.Week, Test: u.Test, LoadS: u.Load.Seconds(), Begun: begun[u.ID], Attempts: progress.Begun[u.ID]}
		if done, ok := progress.Done[u.ID]; ok {
			shown.Ended, shown.Run, shown.Verdict = done.At, done.Run, done.Verdict
		}
		if failed, ok := progress.Failed[u.ID]; ok {
			shown.Failure = failed.Failure
		}
		c.Units = append(c.Units, shown)
	}
}
