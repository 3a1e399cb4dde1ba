package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/plan"
	"weir/internal/record"
)

// tested says what was run against what.
func (c Campaign) tested() Part {
	part := Part{Title: "What was tested, and how", Grid: Grid{
		Head: []string{"test", "why", "records", "rates/s", "runs", "load", "offered"}, Verdict: -1, Words: 4, Numbers: 3,
	}}
	for _, entry := range c.entries() {
		pieces := c.named(entry)
		var rates []string
		var load time.Duration
		var offered int64
		for _, p := range pieces {
			load += p.Data.Run.LoadEnd.Sub(p.Data.Run.LoadStart)
			offered += p.Data.Ledger.Offered
			for _, s := range p.Data.Run.Steps {
				if text := rate(s.Rate); !slices.Contains(rates, text) {
					rates = append(rates, text)
				}
			}
		}
		if len(rates) > 8 {
			rates = append(rates[:4], "…", rates[len(rates)-1])
		}
		part.Grid.Rows = append(part.Grid.Rows, []string{
			entry, pieces[0].Why, pieces[0].Data.Run.Test.Payload.String(), strings.Join(rates, ", "),
			fmt.Sprint(len(pieces)), load.Round(time.Second).String(), judge.Count(offered),
		})
	}
	part.After = append(part.After, c.configurations()...)
	return part
}

// configurations are the pipelines as they were found, each once.
func (c Campaign) configurations() []string {
	var lines []string
	for _, p := range c.Pieces {
		words := []string{}
		for _, f := range configuration(p.Data) {
			if slices.Contains([]string{"Pipeline", "Stream", "Function", "Event source mapping"}, f.Name) {
				words = append(words, f.Value)
			}
		}
		if line := strings.Join(words, " · "); !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// verdicts is the table of all steps.
func (c Campaign) verdicts() Part {
	part := Part{Title: "Verdicts", Grid: Grid{
		Head:    []string{"test", "rate/s", "verdict", "accepted", "e2e p50", "e2e p99", "e2e max", "age max", "lost", "why"},
		Verdict: 2, Words: 1, Numbers: 8,
	}}
	for _, p := range c.Pieces {
		for i, s := range p.Verdict.Steps {
			row := stepRow(s)
			verdict, why := string(s.Verdict), s.Reason
			if !s.Judged {
				verdict, why = "not judged", "meant to break"
			}
			if why == "sustained" {
				why = ""
			}
			lost := "–"
			if a := p.Data.StepLedger(p.Data.Run.Steps[i].Index); a != nil {
				lost = judge.Count(a.Lost)
			}
			accepted := "–"
			if s.Offered > 0 {
				accepted = judge.Number(100*float64(s.Accepted)/float64(s.Offered), "%")
			}
			part.Grid.Rows = append(part.Grid.Rows, []string{p.Entry, rate(s.Rate), verdict, accepted, row[5], row[6], row[7], row[8], lost, why})
		}
	}
	return part
}

// worstTarget is the worst verdict on one target with the run it is of.
type worstTarget struct {
	target judge.Target
	of     string
}

// worstTargets are, for each target, the run that failed it worst, or came
// nearest to its limit.
func (c Campaign) worstTargets() []worstTarget {
	var all []worstTarget
	for _, p := range c.Pieces {
		for _, t := range p.Verdict.Targets {
			i := slices.IndexFunc(all, func(w worstTarget) bool { return w.target.ID == t.ID })
			if i < 0 {
				all = append(all, worstTarget{t, p.ID})
			} else if worse(t, all[i].target) {
				all[i] = worstTarget{t, p.ID}
			}
		}
	}
	return all
}

// worse orders verdicts: fail, unknown, pass; within one the larger share of
// the limit.
func worse(a, b judge.Target) bool {
	order := []judge.Outcome{judge.Pass, judge.Unknown, judge.Fail}
	if x, y := slices.Index(order, a.Verdict), slices.Index(order, b.Verdict); x != y {
		return x > y
	}
	return burden(a) > burden(b)
}

// burden is a target's value in parts of its limit; where match is wanted, how
// far it is off.
func burden(t judge.Target) float64 {
	switch {
	case t.Value == nil || t.Limit == nil:
		return -1
	case t.ID == judge.ThroughputMatch:
		return max(*t.Value-*t.Limit, *t.Limit-*t.Value)
	case *t.Limit == 0:
		return *t.Value
	}
	return *t.Value / *t.Limit
}

func (c Campaign) worst() Part {
	part := Part{Title: "Critical targets", Grid: Grid{
		Head: []string{"target", "verdict", "worst", "limit", "in", "statistic", "reason"}, Verdict: 1, Words: 2, Numbers: 2,
	}}
	for _, w := range c.worstTargets() {
		part.Grid.Rows = append(part.Grid.Rows, []string{
			targetNames[w.target.ID], string(w.target.Verdict), measured(w.target), limit(w.target), w.of, w.target.Statistic, w.target.Reason,
		})
	}
	return part
}

// mostTimelines bounds how many runs a document shows over time.
const mostTimelines = 6

// targets are those of the first run: a plan has one set, and a picture one line.
func (c Campaign) targets() plan.Targets {
	for _, p := range c.Pieces {
		if t := p.Data.Run.Test.Targets; t != (plan.Targets{}) {
			return t
		}
	}
	return plan.DefaultTargets
}

// pictures are latency by rate for tests of several rates, and load and
// latency over time for the others.
func (c Campaign) pictures() Part {
	part := Part{Title: "Pictures"}
	limit := float64(c.targets().RecordLatency / time.Millisecond)
	p99 := rateChart{
		title: "Latency from due to processed, p99", unit: "ms, by records a second", source: "probe, every record of a step",
		limit: &limit, limitName: "target " + judge.Number(limit, "ms"),
	}
	share := rateChart{title: "Accepted of offered", unit: "%, by records a second", source: "ledger"}
	timelines := 0
	for _, entry := range c.entries() {
		pieces := c.named(entry)
		latency, accepted := byRate(pieces)
		if len(latency) > 1 && len(pieces) > 1 {
			class := classes[len(p99.curves)%len(classes)]
			p99.curves = append(p99.curves, curve{name: entry, class: class, samples: latency})
			share.curves = append(share.curves, curve{name: entry, class: class, samples: accepted})
			continue
		}
		for _, p := range pieces {
			if timelines++; timelines <= mostTimelines {
				part.Charts = append(part.Charts, timeline(p)...)
			}
		}
	}
	if !p99.empty() {
		part.Charts = append([]Picture{p99.picture(), share.picture()}, part.Charts...)
	}
	if timelines > mostTimelines {
		part.After = append(part.After, fmt.Sprintf("%d more runs are shown over time in their own reports.", timelines-mostTimelines))
	}
	return part
}

// byRate are the steps' p99 latencies and accepted shares over their rates, the
// mean where a rate was repeated.
func byRate(pieces []Piece) (latency, accepted []sample) {
	type sums struct{ n, p99, share float64 }
	all := map[float64]sums{}
	for _, p := range pieces {
		for _, s := range p.Verdict.Steps {
			if s.E2E != nil && s.Offered > 0 {
				at := all[s.Rate]
				all[s.Rate] = sums{at.n + 1, at.p99 + s.E2E.P99, at.share + 100*float64(s.Accepted)/float64(s.Offered)}
			}
		}
	}
	var rates []float64
	for r := range all {
		rates = append(rates, r)
	}
	slices.Sort(rates)
	for _, r := range rates {
		latency = append(latency, sample{r, all[r].p99 / all[r].n})
		accepted = append(accepted, sample{r, all[r].share / all[r].n})
	}
	return latency, accepted
}

// timeline is load and latency of one run.
func timeline(p Piece) []Picture {
	draw := plotter{d: p.Data, v: p.Verdict, origin: origin(p.Data)}
	var pictures []Picture
	for _, c := range []chart{draw.load(), draw.latency()} {
		if !c.Empty() {
			c.Title = p.Entry + ": " + c.Title
			pictures = append(pictures, pictureOf(c, c.Source))
		}
	}
	return pictures
}

// limits is what was found to give out, and where.
func (c Campaign) limits() Part {
	part := Part{Title: "Limits found", Grid: Grid{
		Head: []string{"test", "sustained/s", "not sustained/s", "predicted/s", "what gave out", "how it shows"}, Verdict: -1, Words: 1, Numbers: 3,
	}}
	for _, s := range c.Searches {
		predicted := "–"
		if len(s.Search.Predicted) > 0 {
			predicted = rate(s.Search.Predicted[0].Rate)
		}
		part.Grid.Rows = append(part.Grid.Rows, []string{s.Entry, orNone(s.Search.Bracket.Low), orNone(s.Search.Bracket.High), predicted, s.Search.Resource, s.Search.GaveOut})
	}
	for _, entry := range c.entries() {
		low, high := c.bounds(entry)
		if high == 0 {
			continue
		}
		for _, p := range c.named(entry) {
			if k := p.Verdict.Knee; k.Unsustained != nil && *k.Unsustained == high {
				sustained := orNone(low)
				if low >= high { // after a spike, or in one repetition of several
					sustained += ", not each time"
				}
				part.Grid.Rows = append(part.Grid.Rows, []string{entry, sustained, rate(high), "–", string(k.Resource), k.GaveOut})
				break
			}
		}
	}
	if len(part.Grid.Rows) == 0 && len(c.Pieces) > 0 {
		part.Text = []string{"Nothing gave out at the rates that were tried."}
	}
	return part
}

func orNone(perSecond float64) string {
	if perSecond == 0 {
		return "none"
	}
	return rate(perSecond)
}

// notJudged names what there is no verdict on, and why.
func (c Campaign) notJudged() Part {
	part := Part{Title: "What could not be judged, and why"}
	for _, p := range c.Pieces {
		if p.Verdict.Overall == judge.Unknown {
			part.List = append(part.List, p.ID+": "+p.Verdict.Reason)
		}
	}
	for _, s := range c.Searches {
		if s.Outcome == judge.Unknown {
			part.List = append(part.List, s.ID+": "+s.Search.Reason)
		}
	}
	part.List = append(part.List, c.Missing...)
	return part
}

// appendix lists the records that everything above was made from, in the order
// in which they began.
func (c Campaign) appendix() Part {
	part := Part{Title: "Appendix: the records", Grid: Grid{
		Head: []string{"unit", "verdict", "started (UTC)", "run"}, Verdict: 1, Words: 4,
	}}
	for _, p := range c.Pieces {
		part.Grid.Rows = append(part.Grid.Rows, []string{p.ID, string(p.Verdict.Overall), p.Data.Run.Started.UTC().Format("2006-01-02 15:04:05"), p.Data.Run.ID})
	}
	for _, s := range c.Searches {
		part.Grid.Rows = append(part.Grid.Rows, []string{s.ID, string(s.Outcome), s.Search.Started.UTC().Format("2006-01-02 15:04:05"), s.Search.ID})
	}
	slices.SortStableFunc(part.Grid.Rows, func(a, b []string) int { return strings.Compare(a[2], b[2]) })
	if len(c.Pieces) > 0 {
		part.After = append(method(c.Pieces[0].Data), trialMethod(c.Searches)...)
	}
	return part
}

func trialMethod(searches []Sought) []string {
	if len(searches) == 0 {
		return nil
	}
	return []string{"A knee is searched by climbing until a rate is not sustained and halving the distance; both ends of the bracket are tried at least twice, and the majority counts."}
}

// SearchDocument is the report of one search for the knee.
func SearchDocument(s *record.Search, outcome judge.Outcome, now time.Time) Document {
	doc := Document{
		Title: "Knee: " + s.Test.Name, Overall: outcome, Made: now,
		Subtitle: fmt.Sprintf("%s · trials of %v · %s", s.Test.Payload, s.Step, s.ID),
		Summary:  []string{KneeSentence(s)},
	}
	if s.Simulated {
		doc.Summary = append(doc.Summary, SimulatedSearch)
	}
	predicted := Part{Title: "Predicted from the configuration", Grid: Grid{Head: []string{"resource", "records/s", "arithmetic"}, Verdict: -1, Words: 1, Numbers: 1}}
	for _, p := range s.Predicted {
		predicted.Grid.Rows = append(predicted.Grid.Rows, []string{p.Resource, rate(float64(int64(p.Rate))), p.Why})
	}
	if s.Spread > 0 {
		predicted.After = []string{fmt.Sprintf("With random keys the shards' shares spread, and refusals are to be expected from %s records/s on in a trial of %v.", rate(float64(int64(s.Spread))), s.Step)}
	}
	trials := Part{Title: "Trials", Grid: Grid{Head: []string{"#", "rate/s", "sustained", "why", "run"}, Verdict: -1, Numbers: 2}}
	for i, t := range s.Trials {
		held := "unknown"
		if t.Sustained != nil {
			held = map[bool]string{true: "yes", false: "no"}[*t.Sustained]
		}
		trials.Grid.Rows = append(trials.Grid.Rows, []string{fmt.Sprint(i + 1), rate(t.Rate), held, t.Reason, t.Run})
	}
	doc.Parts = []Part{predicted, trials}
	return doc
}

// SimulatedSearch says of a search what its runs' reports say of each.
const SimulatedSearch = "Simulated in virtual time: nothing here was measured."

// KneeSentence is what a search found, in a sentence.
func KneeSentence(s *record.Search) string {
	b := s.Bracket
	switch {
	case b.High > 0 && b.Low > 0:
		return fmt.Sprintf("The knee lies between %s and %s records/s; what gives out is the %s: %s.", rate(b.Low), rate(b.High), s.Resource, s.GaveOut)
	case b.High > 0:
		return fmt.Sprintf("No rate is sustained, not even %s records/s: %s.", rate(b.High), s.GaveOut)
	case b.Unjudged > 0:
		return fmt.Sprintf("Sustained up to %s records/s; at %s the generator gave out, so the knee may lie higher: use a larger or a second machine.", orNone(b.Low), rate(b.Unjudged))
	case b.Low > 0:
		return fmt.Sprintf("Sustained up to %s records/s, the highest rate tried; no knee was found.", rate(b.Low))
	}
	return "No trial was finished."
}
