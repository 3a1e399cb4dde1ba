package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/record"
)

// Piece is a finished run of a campaign.
type Piece struct {
	ID, Entry string // of the unit; of the test in the plan
	Week      int
	Test, Why string
	Kind      string // of the test in the catalogue
	Data      *record.Data
	Verdict   judge.Verdict
}

// Sought is a finished search for the knee in a campaign.
type Sought struct {
	ID, Entry string
	Week      int
	Search    *record.Search
	Outcome   judge.Outcome
}

// Campaign is what documents over several runs are made of.
type Campaign struct {
	Name string
	// Rehearsal is said on every page where the steps were shortened.
	Rehearsal string
	Pieces    []Piece
	Searches  []Sought
	Missing   []string // what is not done yet or could not be carried out, and why
	Now       time.Time
}

// Week is a week's heading.
type Week struct {
	Number             int
	Title, Deliverable string
}

// of is the campaign's part in one week.
func (c Campaign) of(week int) Campaign {
	c.Pieces = slices.DeleteFunc(slices.Clone(c.Pieces), func(p Piece) bool { return p.Week != week })
	c.Searches = slices.DeleteFunc(slices.Clone(c.Searches), func(s Sought) bool { return s.Week != week })
	return c
}

// WeekDocument is the document at the end of a week. Missing names what of that
// week there is nothing of.
func WeekDocument(c Campaign, w Week, missing []string) Document {
	c = c.of(w.Number)
	c.Missing = missing
	title := w.Deliverable
	if title == "" {
		title = w.Title
	}
	doc := c.document(fmt.Sprintf("Week %d: %s", w.Number, title))
	doc.Subtitle = c.Name + " · " + strings.Join(c.pipelines(), "; ")
	return doc
}

// PlanDocument is the report over the whole campaign. In a progress report,
// what is missing is what comes next.
func PlanDocument(c Campaign, progress bool) Document {
	title := "Closing report"
	if progress {
		title = "Progress report"
	}
	doc := c.document(title + ": " + c.Name)
	doc.Subtitle = strings.Join(c.pipelines(), "; ")
	return doc
}

func (c Campaign) document(title string) Document {
	return Document{
		Title: title, Ribbon: c.ribbon(), Overall: c.overall(), Made: c.Now, Summary: c.summary(),
		Parts: []Part{
			c.tested(), c.verdicts(), c.worst(), c.pictures(), c.limits(), c.recovery(), c.notJudged(), c.recommendations(), c.appendix(),
		},
	}
}

// ribbon is what a reader of any page must know.
func (c Campaign) ribbon() string {
	var said []string
	if c.Rehearsal != "" {
		said = append(said, c.Rehearsal)
	}
	if slices.ContainsFunc(c.Pieces, func(p Piece) bool { return p.Data.Run.Pipeline.Kind == "embedded" }) {
		said = append(said, "embedded pipeline: local timing is a model")
	}
	if slices.ContainsFunc(c.Pieces, func(p Piece) bool { return p.Data.Run.Pipeline.Kind == record.Simulated }) {
		said = append(said, "simulated: nothing here was measured")
	}
	return strings.Join(said, " · ")
}

// pipelines are the pipelines tested, each once.
func (c Campaign) pipelines() []string {
	var lines []string
	for _, p := range c.Pieces {
		if line := pipelineLine(p.Data); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// overall is fail where a run failed, else unknown where one could not be
// judged or is missing, else pass; empty where nothing was done.
func (c Campaign) overall() judge.Outcome {
	if len(c.Pieces)+len(c.Searches) == 0 {
		return ""
	}
	outcome := judge.Pass
	if len(c.Missing) > 0 {
		outcome = judge.Unknown
	}
	for _, o := range c.outcomes() {
		switch o {
		case judge.Fail:
			return judge.Fail
		case judge.Unknown:
			outcome = judge.Unknown
		}
	}
	return outcome
}

func (c Campaign) outcomes() []judge.Outcome {
	var all []judge.Outcome
	for _, p := range c.Pieces {
		all = append(all, p.Verdict.Overall)
	}
	for _, s := range c.Searches {
		all = append(all, s.Outcome)
	}
	return all
}

// entries are the tests' names in the plan, in the order of their runs.
func (c Campaign) entries() []string {
	var names []string
	for _, p := range c.Pieces {
		if !slices.Contains(names, p.Entry) {
			names = append(names, p.Entry)
		}
	}
	return names
}

// named are the pieces of one test of the plan.
func (c Campaign) named(entry string) []Piece {
	return slices.DeleteFunc(slices.Clone(c.Pieces), func(p Piece) bool { return p.Entry != entry })
}
