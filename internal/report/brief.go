package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"weir/internal/judge"
	"weir/internal/plan"
)

// Brief is what the page for those who decide is made of: a plan, what it would
// cost, and what its campaign has found so far.
type Brief struct {
	Plan     string
	AWS      bool // the plan's target; else the embedded pipeline
	Stream   string
	Function string
	Region   string
	Weeks    []Week
	Quiet    bool // the plan has quiet hours

	Records  int64
	Duration time.Duration // of all that is left, as far as it can be told
	Strained []string      // the tests in which something is predicted to give out, and what

	// Shards, Memory and Timeout are the plan's or the embedded pipeline's;
	// those of runs, where there are any, come before them.
	Shards   int
	MemoryMB int
	Timeout  time.Duration

	Budget   float64 // USD; 0: weir's default was not changed
	Default  float64 // that default
	Costs    []BriefCost
	Idle     []BriefIdle
	PricesOf string // date of the prices

	// Production is what is said to be coming; nil: nobody has said it.
	Production *Production

	Campaign Campaign // Pieces and Searches are empty before it has begun
	Targets  plan.Targets
	Done     int // units of Units
	Units    int
}

// BriefCost is what the tests cost on AWS in one mode, USD.
type BriefCost struct {
	Mode              string
	One, Ten, Hundred float64 // at 1, 10 and 100 records an invocation
}

// BriefIdle is what is paid a day for something left up, USD.
type BriefIdle struct {
	What string
	Day  float64
}

// Production is the load that is expected and what it needs.
type Production struct {
	Rate     float64 // records a second
	Shards   int     // for that rate, with Headroom to spare
	Headroom float64 // 0.25 is a quarter
	MonthUSD float64
	Basis    string // what the month is reckoned with
}

// BriefDocument is the page for those who decide: what to decide, what it
// costs, what may go wrong, and which questions are still open.
func BriefDocument(b Brief) Document {
	return Document{
		Title: "Decisions: " + b.Plan, Subtitle: b.subtitle(), Ribbon: b.Campaign.ribbon(), Overall: b.Campaign.overall(), Made: b.Campaign.Now,
		OnePage: true, Summary: b.summary(),
		Parts: []Part{b.decisions(), b.costs(), b.risks(), b.questions()},
	}
}

func (b Brief) subtitle() string {
	var weeks []string
	for _, w := range b.Weeks {
		weeks = append(weeks, fmt.Sprintf("week %d %s", w.Number, strings.ToLower(w.Title)))
	}
	return strings.Join(weeks, " · ")
}

func (b Brief) summary() []string {
	where := "on the pipeline that weir carries, without an AWS account"
	if b.AWS {
		where = fmt.Sprintf("on AWS against %s and %s in %s", cmp.Or(b.Stream, "a stream not named yet"), cmp.Or(b.Function, "a function not named yet"), cmp.Or(b.Region, "a region not named yet"))
	}
	said := []string{fmt.Sprintf("The plan puts %s synthetic records %s, to tell how much the pipeline takes, at what latency, losing nothing, and what gives out first.", judge.Count(b.Records), where)}
	switch {
	case b.Done == 0:
		said = append(said, "Nothing has been run yet.")
	case b.Done < b.Units:
		said = append(said, fmt.Sprintf("%d of %d units are done.", b.Done, b.Units), b.Campaign.came())
	default:
		said = append(said, b.Campaign.came(), b.Campaign.firstToGive())
	}
	return said
}

// decisions are what somebody has to say yes or no to, with what weir proposes.
func (b Brief) decisions() Part {
	rows := [][]string{{"Spend on the tests", b.spend()}, {"Where they run", b.where()}, {"When", b.when()}, {"What counts as good", "The targets of question 8, unless the service needs stricter ones"}}
	if b.Done > 0 {
		rows = append(rows, []string{"Whether it may go live", b.release()})
	}
	return Part{Title: "Decisions to take", Grid: Grid{Head: []string{"decide", "proposed"}, Rows: rows, Verdict: -1, Words: 2}}
}

func (b Brief) spend() string {
	least, most := b.costRange()
	if !b.AWS {
		return fmt.Sprintf("Nothing: the embedded pipeline is free. The same tests on AWS would cost %s to %s USD", dollars(least), dollars(most))
	}
	return fmt.Sprintf("%s to %s USD; weir asks again above %s USD", dollars(least), dollars(most), dollars(b.budget()))
}

// costRange is from the cheapest to the dearest of the costs.
func (b Brief) costRange() (least, most float64) {
	for i, c := range b.Costs {
		if i == 0 || c.Hundred < least {
			least = c.Hundred
		}
		most = max(most, c.One)
	}
	return least, most
}

func (b Brief) budget() float64 {
	if b.Budget > 0 {
		return b.Budget
	}
	return b.Default
}

func (b Brief) where() string {
	if b.AWS {
		return "A stream and function of their own in a test account; weir puts records and reads, and changes nothing that it did not create"
	}
	return "Here first. Then on AWS, on a stream and function of their own in a test account: the figures that count come from there"
}

func (b Brief) when() string {
	text := fmt.Sprintf("%s, about %s of machine time left", plural(len(b.Weeks), "week"), hours(b.Duration))
	if b.Quiet {
		text += "; not in the plan's quiet hours"
	}
	return text
}

// release says what the verdicts so far allow.
func (b Brief) release() string {
	switch b.Campaign.overall() {
	case judge.Pass:
		return "Yes, for the load tested"
	case judge.Fail:
		return "Not yet: a run failed, see the plan's report"
	}
	return "Can't be told yet: something is not done or could not be judged"
}

func (b Brief) costs() Part {
	part := Part{Title: "Costs on AWS, USD", Grid: Grid{
		Head: []string{"", "1 record an invocation", "10", "100"}, Verdict: -1, Words: 1, Numbers: 3,
	}}
	for _, c := range b.Costs {
		part.Grid.Rows = append(part.Grid.Rows, []string{"the tests, stream " + c.Mode, dollars(c.One), dollars(c.Ten), dollars(c.Hundred)})
	}
	var left []string
	for _, i := range b.Idle {
		left = append(left, fmt.Sprintf("%s: %s", i.What, dollars(i.Day)))
	}
	part.After = append(part.After, fmt.Sprintf("Left up unused, USD a day: %s. List prices of %s before tax.", strings.Join(left, "; "), b.PricesOf))
	if p := b.Production; p != nil {
		part.After = append(part.After, fmt.Sprintf("Production at %s records/s: about %s USD a month (%s).", rate(p.Rate), dollars(p.MonthUSD), p.Basis))
	}
	return part
}

// risks are what may go wrong by testing, and by believing the result.
func (b Brief) risks() Part {
	part := Part{Title: "Risks"}
	if len(b.Strained) > 0 {
		part.List = append(part.List, "Meant to be throttled, by arithmetic: "+strings.Join(b.Strained, "; ")+".")
	}
	part.List = append(part.List, "All functions of an account and region share its concurrency: on AWS a test takes from what others need. Reserve some for the function, or use an account of its own.")
	if b.AWS {
		part.List = append(part.List, "Whatever the function writes to is loaded as well: point it at something that may be filled.")
	} else {
		part.List = append(part.List, "The embedded pipeline's timing is a model: it finds what breaks first and what gets lost; latency is settled on AWS only.")
	}
	if n := len(b.Campaign.Missing); n > 0 && b.Done > 0 {
		part.List = append(part.List, fmt.Sprintf("%s of the plan not done yet: what they would show is unknown.", plural(n, "unit")))
	}
	return part
}

// What is known about a question.
const (
	known   = "known"
	assumed = "assumed"
	open    = "open"
)

// questions are the ten that every such test begins with, answered as far as
// weir can.
func (b Brief) questions() Part {
	rows := [][]string{
		b.load(), b.shards(), b.function(), b.environment(), b.testBudget(), b.timeline(),
		{"Who else is involved", open, "Name them: DevOps (quotas, permissions), SRE (alarms that will go off), teams whose functions share the concurrency"},
		b.good(),
		{"Which data", assumed, "Synthetic records, no personal data. A payload file or template of one's own must be cleared by its owner"},
		b.stage(),
	}
	for i, row := range rows {
		rows[i] = slices.Insert(row, 0, fmt.Sprint(i+1))
	}
	return Part{Title: "Ten questions", Grid: Grid{Head: []string{"", "question", "", "what is known"}, Rows: rows, Verdict: -1, Words: 4}}
}

func (b Brief) load() []string {
	const question = "Expected production load"
	if p := b.Production; p != nil {
		return []string{question, known, rate(p.Rate) + " records/s at the peak"}
	}
	for _, s := range b.Campaign.Searches {
		if low := s.Search.Bracket.Low; low > 0 {
			return []string{question, open, fmt.Sprintf("Sustained in the test: %s records/s. How that compares needs a figure: --production-rate", rate(low))}
		}
	}
	return []string{question, open, "Records a second at the peak: give it with --production-rate"}
}

func (b Brief) shards() []string {
	state, text := assumed, fmt.Sprintf("%d in the plan's pipeline", b.Shards)
	if b.AWS {
		state, text = open, "Read from the stream when the first test begins"
	}
	if len(b.Campaign.Pieces) > 0 {
		p := b.Campaign.Pieces[len(b.Campaign.Pieces)-1].Data.Run.Pipeline
		state, text = known, fmt.Sprintf("%d open in the last run (%s)", p.Shards, p.StreamMode)
	}
	if p := b.Production; p != nil {
		text += fmt.Sprintf("; %d needed for the load of question 1 with %.0f %% to spare", p.Shards, 100*p.Headroom)
	}
	return []string{"Shards", state, text}
}

func (b Brief) function() []string {
	const question = "Memory and timeout"
	if len(b.Campaign.Pieces) > 0 {
		p := b.Campaign.Pieces[len(b.Campaign.Pieces)-1].Data.Run.Pipeline
		if p.Kind == "aws" {
			return []string{question, known, fmt.Sprintf("%d MB, %v in the last run", p.FunctionMemoryMB, p.FunctionTimeout)}
		}
	}
	if b.AWS {
		return []string{question, open, "Read from the function when the first test begins"}
	}
	return []string{question, open, fmt.Sprintf("The embedded function has %d MB and %v; say what yours will have", b.MemoryMB, b.Timeout)}
}

func (b Brief) environment() []string {
	const question = "Is a test environment ready"
	if !b.AWS {
		return []string{question, open, "Not needed for the embedded pipeline; the tests on AWS need a stream, a function and a mapping, which weir env up makes"}
	}
	if len(b.Campaign.Pieces) > 0 {
		return []string{question, known, fmt.Sprintf("Yes: %s on %s", plural(len(b.Campaign.Pieces), "run"), b.Stream)}
	}
	return []string{question, open, fmt.Sprintf("%s and %s are to be there, and nobody else's; weir env up makes such, weir doctor looks them over", cmp.Or(b.Stream, "A stream"), cmp.Or(b.Function, "a function"))}
}

func (b Brief) testBudget() []string {
	const question = "Testing budget"
	if b.Budget > 0 {
		return []string{question, known, dollars(b.Budget) + " USD in the plan"}
	}
	return []string{question, assumed, fmt.Sprintf("%s USD, weir's default; budget_usd in the plan sets it", dollars(b.Default))}
}

func (b Brief) timeline() []string {
	var weeks []string
	for _, w := range b.Weeks {
		weeks = append(weeks, fmt.Sprintf("%d %s", w.Number, cmp.Or(w.Deliverable, w.Title)))
	}
	text := "Documents by week: " + strings.Join(weeks, ", ")
	if b.Done > 0 {
		text = fmt.Sprintf("%d of %d units done. %s", b.Done, b.Units, text)
	}
	return []string{"Timeline", assumed, text + ". The first day is open"}
}

func (b Brief) stage() []string {
	const question = "Production or staging"
	if b.AWS {
		return []string{question, open, fmt.Sprintf("Proposed: staging. Confirm that %s is no production stream", cmp.Or(b.Stream, "the stream"))}
	}
	return []string{question, assumed, "Neither: the embedded pipeline. On AWS, staging"}
}

// good is by what verdicts are made.
func (b Brief) good() []string {
	state := assumed
	if b.Targets != plan.DefaultTargets {
		state = known
	}
	return []string{"What is good", state, b.Targets.String()}
}

// hours is a length of days or minutes, rounded to what matters.
func hours(d time.Duration) string {
	if d < time.Hour {
		return fmt.Sprintf("%.0f minutes", max(1, d.Minutes()))
	}
	return fmt.Sprintf("%.0f hours", d.Hours())
}
