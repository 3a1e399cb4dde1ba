package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/internal/stats"
)

// pieceOf is a finished run of a campaign's week.
func pieceOf(week int, entry, id string, d *record.Data) Piece {
	return Piece{ID: id, Entry: entry, Week: week, Test: d.Run.Test.Name, Why: "because", Data: d, Verdict: judge.Judge(d, judge.Options{})}
}

// smallCampaign is a week of two small runs, one of them throttled, and a
// search.
func smallCampaign() Campaign {
	second := smallRun()
	second.Run.ID = "20261122T201000Z-baseline-500b-2222"
	return Campaign{
		Name: "four-weeks", Rehearsal: "rehearsal: steps shortened, nothing here is a result", Now: loadStart.Add(time.Hour),
		Pieces: []Piece{pieceOf(1, "baseline-500b", "w1/baseline-500b#1", smallRun()), pieceOf(1, "baseline-500b", "w1/baseline-500b#2", second)},
		Searches: []Sought{{ID: "w3/stress#1", Entry: "stress", Week: 3, Outcome: judge.Pass, Search: &record.Search{
			ID: "20261122T203000Z-stress-3333", Test: plan.Test{Name: "stress", Payload: plan.Payload{Bytes: 500}}, Started: loadStart, Step: 8 * time.Second,
			Predicted: []record.PredictedLimit{{Resource: "shard write limit by records", Rate: 1000, Why: "1 shards × 1000 records/s"}}, Spread: 1000,
			Bracket:  stats.Bracket{Low: 951, High: 1040},
			Resource: "shard write limit by records", GaveOut: "1040 of 1000 records/s (104 %)",
			Trials: []record.Trial{{Trial: stats.Trial{Rate: 951, Sustained: new(true)}, Run: "a", Reason: "sustained"}, {Trial: stats.Trial{Rate: 1040, Sustained: new(false)}, Run: "b", Reason: "throttled"}},
		}}},
	}
}

func TestWeekDocumentGolden(t *testing.T) {
	doc := WeekDocument(smallCampaign(), Week{1, "Baseline", "baseline performance report"}, []string{"w1/baseline-10kb@10#1: not run yet"})
	for name, write := range map[string]func(*bytes.Buffer) error{
		"week.md":   func(b *bytes.Buffer) error { return doc.Markdown(b) },
		"week.html": func(b *bytes.Buffer) error { return doc.HTML(b) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(&b); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.String())
		})
	}
}

func TestSearchDocumentGolden(t *testing.T) {
	s := smallCampaign().Searches[0]
	var b bytes.Buffer
	if err := SearchDocument(s.Search, s.Outcome, loadStart).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "search.md", b.String())
}

func TestSummaryHasFiveSentences(t *testing.T) {
	doc := PlanDocument(smallCampaign(), false)
	if len(doc.Summary) != 5 || doc.Overall != judge.Fail || !strings.Contains(doc.Ribbon, "rehearsal") {
		t.Errorf("%d sentences, %s, ribbon %q", len(doc.Summary), doc.Overall, doc.Ribbon)
	}
	empty := PlanDocument(Campaign{Name: "x", Missing: []string{"all"}, Now: loadStart}, true)
	if empty.Overall != "" || len(empty.Summary) != 1 {
		t.Errorf("a campaign without runs: %+v", empty)
	}
}

// A rate that held before a spike and not after it has no bracket.
func TestRateSustainedNotEachTime(t *testing.T) {
	at := func(rate float64, sustained bool) judge.Step { return judge.Step{Rate: rate, Sustained: &sustained} }
	c := Campaign{Pieces: []Piece{
		{Entry: "spike", Verdict: judge.Verdict{Steps: []judge.Step{at(50, true), at(50, false)}, Knee: judge.Knee{Unsustained: new(50.0), GaveOut: "accepted 399 of 400"}}},
		{Entry: "baseline", Verdict: judge.Verdict{Steps: []judge.Step{at(50, true), at(100, false)}, Knee: judge.Knee{Unsustained: new(100.0), GaveOut: "accepted 90 of 100"}}},
	}}
	want := [][]string{
		{"spike", "50, not each time", "50", "–", "", "accepted 399 of 400"},
		{"baseline", "50", "100", "–", "", "accepted 90 of 100"},
	}
	if diff := cmp.Diff(want, c.limits().Grid.Rows); diff != "" {
		t.Error(diff)
	}
}

// The appendix has runs and searches in the order in which they began.
func TestAppendixInOrder(t *testing.T) {
	c := smallCampaign()
	c.Searches[0].Search.Started = loadStart.Add(-time.Hour)
	if first := c.appendix().Grid.Rows[0][0]; first != "w3/stress#1" {
		t.Errorf("the first is %s, want the search that began before the runs", first)
	}
}

func TestKneeSentences(t *testing.T) {
	for _, c := range []struct {
		b    stats.Bracket
		want string
	}{
		{stats.Bracket{Low: 951, High: 1040}, "The knee lies between 951 and 1 040 records/s"},
		{stats.Bracket{High: 1}, "No rate is sustained, not even 1 records/s"},
		{stats.Bracket{Low: 200, Unjudged: 400}, "Sustained up to 200 records/s; at 400 the generator gave out"},
		{stats.Bracket{Low: 500}, "Sustained up to 500 records/s, the highest rate tried"},
		{stats.Bracket{}, "No trial was finished."},
	} {
		if got := KneeSentence(&record.Search{Bracket: c.b}); !strings.HasPrefix(got, c.want) {
			t.Errorf("%+v: %q", c.b, got)
		}
	}
}

func TestSpikes(t *testing.T) {
	for _, filtered := range []float64{0, 30} {
		got := spikesOf(spiked(filtered))
		if len(got) != 1 || got[0].zero != 4*time.Second || got[0].backlog != 2000 || got[0].drain != 500 {
			t.Errorf("%g filtered a second: %+v", filtered, got)
		}
	}
}

// spiked are 10 s at 100/s, 10 s at 1 000/s that leave 2 000 waiting, 20 s at
// 100/s in which those fall by 500 a second: back to what a poll holds after 4 s.
// What the mapping filters in each second is never processed.
func spiked(filtered float64) *record.Data {
	d := emptyRun()
	for i, r := range []float64{100, 1000, 100} {
		start := loadStart.Add(time.Duration(10*i) * time.Second)
		end := start.Add(10 * time.Second)
		if i == 2 {
			end = end.Add(10 * time.Second)
		}
		d.Run.Steps = append(d.Run.Steps, record.Step{Index: i, Rate: r, Start: start, End: end})
	}
	for s := range 40 {
		waiting := 50.0
		switch {
		case s >= 10 && s <= 20:
			waiting = 200 * float64(s-10)
		case s > 20:
			waiting = max(50, 2000-500*float64(s-20))
		}
		d.Series = append(d.Series, record.Point{T: loadStart.Unix() + int64(s), V: map[string]float64{
			metrics.Backlog: waiting + filtered*float64(s+1), metrics.FilteredOut: filtered,
		}})
	}
	return d
}
