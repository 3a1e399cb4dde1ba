package report

import (
	"fmt"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/ledger"
)

// summary is the document in five sentences: what was done, what came out, the
// worst figures, the account, and what gives out first.
func (c Campaign) summary() []string {
	if len(c.Pieces)+len(c.Searches) == 0 {
		return []string{"Nothing has been run yet."}
	}
	return []string{c.done(), c.came(), c.worstSentence(), c.accounted(), c.firstToGive()}
}

func (c Campaign) done() string {
	var load time.Duration
	var offered int64
	first, last := c.Now, time.Time{}
	for _, p := range c.Pieces {
		load += p.Data.Run.LoadEnd.Sub(p.Data.Run.LoadStart)
		offered += p.Data.Ledger.Offered
		if p.Data.Run.Started.Before(first) {
			first = p.Data.Run.Started
		}
		if p.Data.Run.Ended.After(last) {
			last = p.Data.Run.Ended
		}
	}
	trials := 0
	for _, s := range c.Searches {
		trials += len(s.Search.Trials)
	}
	text := fmt.Sprintf("%s of %s offered %s records in %s of load", plural(len(c.Pieces), "run"), plural(len(c.entries()), "test"),
		judge.Count(offered), load.Round(time.Second))
	if trials > 0 {
		text += fmt.Sprintf(", and %s looked for the knee in %s", plural(len(c.Searches), "search"), plural(trials, "trial"))
	}
	if !last.IsZero() {
		text += fmt.Sprintf(", between %s and %s UTC", first.UTC().Format("2006-01-02 15:04"), last.UTC().Format("2006-01-02 15:04"))
	}
	return text + "."
}

func (c Campaign) came() string {
	counts := map[judge.Outcome]int{}
	for _, o := range c.outcomes() {
		counts[o]++
	}
	text := fmt.Sprintf("%d passed, %d failed, %d could not be judged", counts[judge.Pass], counts[judge.Fail], counts[judge.Unknown])
	if len(c.Missing) > 0 {
		text += fmt.Sprintf("; %d not done", len(c.Missing))
	}
	var best []string
	for _, entry := range c.entries() {
		if low, high := c.bounds(entry); low > 0 && high >= 0 && len(c.named(entry)) > 1 {
			best = append(best, fmt.Sprintf("%s %s", entry, rate(low)))
		}
	}
	if len(best) > 0 {
		text += "; highest sustained rates in records/s: " + strings.Join(best, ", ")
	}
	return text + "."
}

// bounds are the highest rate sustained and the lowest not sustained by a
// test's runs, 0 where there is none.
func (c Campaign) bounds(entry string) (low, high float64) {
	for _, p := range c.named(entry) {
		for _, s := range p.Verdict.Steps {
			switch {
			case s.Sustained == nil:
			case *s.Sustained:
				low = max(low, s.Rate)
			case high == 0 || s.Rate < high:
				high = s.Rate
			}
		}
	}
	return low, high
}

func (c Campaign) worstSentence() string {
	var parts []string
	for _, w := range c.worstTargets() {
		if w.target.ID != judge.Ledger && w.target.Value != nil {
			parts = append(parts, fmt.Sprintf("%s %s (limit %s)", strings.ToLower(targetNames[w.target.ID]), measured(w.target), limit(w.target)))
		}
	}
	if len(parts) == 0 {
		return "None of the critical figures was measured."
	}
	return "The worst of the critical figures: " + strings.Join(parts, ", ") + "."
}

func (c Campaign) accounted() string {
	var sum ledger.Account
	closed := 0
	for _, p := range c.Pieces {
		a := p.Data.Ledger.Account
		sum.Offered, sum.Accepted = sum.Offered+a.Offered, sum.Accepted+a.Accepted
		sum.Processed, sum.Lost, sum.Unexplained = sum.Processed+a.Processed, sum.Lost+a.Lost, sum.Unexplained+a.Unexplained
		if p.Data.Ledger.Closed {
			closed++
		}
	}
	return fmt.Sprintf("Of %s offered records %s were accepted and %s processed; %s were lost and %s are unexplained, with %d of %d accounts closed.",
		judge.Count(sum.Offered), judge.Count(sum.Accepted), judge.Count(sum.Processed), judge.Count(sum.Lost), judge.Count(sum.Unexplained),
		closed, len(c.Pieces))
}

func (c Campaign) firstToGive() string {
	for _, s := range c.Searches {
		if s.Search.Bracket.High > 0 {
			return fmt.Sprintf("What gives out first: %s, between %s and %s records/s.", s.Search.Resource, rate(s.Search.Bracket.Low), rate(s.Search.Bracket.High))
		}
	}
	var lowest *Piece
	for i, p := range c.Pieces {
		k := p.Verdict.Knee
		if k.Unsustained != nil && (lowest == nil || *k.Unsustained < *lowest.Verdict.Knee.Unsustained) {
			lowest = &c.Pieces[i]
		}
	}
	if lowest == nil {
		return "Nothing gave out at the rates that were tried."
	}
	return fmt.Sprintf("What gave out at the lowest rate: in %s at %s records/s %s.", lowest.Entry, rate(*lowest.Verdict.Knee.Unsustained), lowest.Verdict.Knee.GaveOut)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	if strings.HasSuffix(what, "ch") {
		return fmt.Sprintf("%d %ses", n, what)
	}
	return fmt.Sprintf("%d %ss", n, what)
}
