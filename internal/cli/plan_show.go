package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/campaign"
	"weir/internal/capacity"
	"weir/internal/judge"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/price"
)

// defaultBudget is what may be spent on AWS without a word, USD.
const defaultBudget = 5

// shownTest is one test of a plan as `weir plan show` prints it.
type shownTest struct {
	Week       int           `json:"week"`
	Test       string        `json:"test"`
	Units      int           `json:"units"`
	Records    int64         `json:"records"`
	RecordSize string        `json:"record_size"`
	Load       time.Duration `json:"load_ns"`
	Highest    float64       `json:"highest_rate"`
	Predicted  string        `json:"predicted"` // what will give out, empty: nothing
	knee       string        // what a search is predicted to find
	bytes      float64
	shards     float64
}

// prediction is what will happen, in words.
func (t shownTest) prediction() string { return first(t.Predicted, t.knee, "holds") }

// shownPlan is `weir plan show --json`.
type shownPlan struct {
	Name     string        `json:"name"`
	Target   string        `json:"target"`
	Units    int           `json:"units"`
	Records  int64         `json:"records"`
	Duration time.Duration `json:"duration_ns"`
	Tests    []shownTest   `json:"tests"`
	Costs    []shownCost   `json:"costs_on_aws"`
	// Unpriced says why there are no costs: a price of the region is not known.
	Unpriced string `json:"costs_unknown,omitempty"`
}

func newPlanShow(*Process) *cobra.Command {
	var flags planFlags
	var asJSON, copied, asMarkdown bool
	cmd := &cobra.Command{
		Use: "show [PLAN.yaml]", Short: "What a plan will do, take and cost, before anything runs",
		Example: "  weir plan show\n  weir plan show --copy > plan.yaml", Args: atMostOnePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			if copied {
				_, err := cmd.OutOrStdout().Write(campaign.FourWeeks)
				return err
			}
			c, err := readCampaign(args, flags)
			if err != nil {
				return err
			}
			shown, err := c.show()
			if err != nil {
				return err
			}
			switch {
			case asJSON && asMarkdown:
				return usagef("--json and --markdown exclude each other")
			case asJSON:
				return writeJSON(cmd.OutOrStdout(), shown)
			case asMarkdown:
				return c.markdown(cmd.OutOrStdout(), shown)
			}
			return shown.print(cmd.OutOrStdout())
		},
	}
	flags.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.Flags().BoolVar(&asMarkdown, "markdown", false, "as Markdown, to agree upon")
	cmd.Flags().BoolVar(&copied, "copy", false, "print the four-week plan's file, to change")
	return cmd
}

func newPlanSchema(*Process) *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of plan files, for editors",
		Example: "  weir plan schema > plan.schema.json", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(campaign.Schema)
			return err
		},
	}
}

func (c *carried) show() (shownPlan, error) {
	s := shownPlan{Name: first(c.file.Name, "plan"), Target: c.file.Target, Units: len(c.units), Duration: c.remaining(c.units)}
	for _, u := range c.units {
		if n := len(s.Tests); n == 0 || s.Tests[n-1].Test != u.Entry || s.Tests[n-1].Week != u.Week {
			s.Tests = append(s.Tests, shownTest{Week: u.Week, Test: u.Entry})
		}
		if err := c.showUnit(&s.Tests[len(s.Tests)-1], u); err != nil {
			return s, err
		}
	}
	for _, t := range s.Tests {
		s.Records += t.Records
	}
	var err error
	s.Costs, err = c.costs(s.Tests)
	if missing, ok := errors.AsType[*price.MissingError](err); ok {
		s.Costs, s.Unpriced = []shownCost{}, missing.Error()
		return s, nil
	}
	return s, err
}

// showPriced is show where there is nothing to say without prices.
func (c *carried) showPriced() (shownPlan, error) {
	s, err := c.show()
	if err == nil && s.Unpriced != "" {
		err = usage(errors.New(s.Unpriced), unpricedHint)
	}
	return s, err
}

// showUnit adds a unit to its test's line.
func (c *carried) showUnit(t *shownTest, u campaign.Unit) error {
	test, err := c.prepared(u)
	if err != nil {
		return err
	}
	config := c.config(c.entry(u.Entry), test)
	t.Units++
	t.RecordSize, t.bytes, t.shards = test.Payload.String(), config.RecordBytes, float64(config.Shards)
	limit := capacity.Limits(config)[0]
	steps := test.Steps
	if isSearch(u) {
		steps = plan.StepsAt([]float64{limit.Rate}, trials*c.trialStep())
		t.knee = fmt.Sprintf("knee at about %.0f/s: %s (%s)", limit.Rate, limit.Resource, limit.Why)
	}
	for _, s := range steps {
		t.Load += s.Duration
		t.Records += int64(s.Records())
		t.Highest = max(t.Highest, s.Peak())
	}
	if t.Highest > limit.Rate && t.Predicted == "" {
		t.Predicted = fmt.Sprintf("%s gives out at about %.0f/s (%s)", limit.Resource, limit.Rate, limit.Why)
	}
	return nil
}

// prepared is a unit's test as weir run will carry it out, so that what a plan
// asks for and can't be had is found before anything runs. A function is not
// looked for: it may be built later.
func (c *carried) prepared(u campaign.Unit) (plan.Test, error) {
	var f runFlags
	set := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.register(set)
	test, err := plan.Named(u.Test)
	if err == nil {
		err = set.Parse(u.Args[1:])
	}
	if f.target == "aws" {
		f.load.shortest = plan.AWSStep
	}
	f.embedded.function = ""
	switch {
	case err != nil:
	case seeks(test, &f.load):
		err = atOneRate(&test, &f.embedded, &f.load)
	default:
		err = prepare(&test, &f.embedded, &f.load)
	}
	if err == nil {
		_, err = f.embedded.options()
	}
	if err != nil {
		return plan.Test{}, usage(c.file.Wrong(c.name, c.text, u.Entry, err), schemaHint)
	}
	return test, nil
}

func (c *carried) entry(id string) campaign.Test {
	for _, w := range c.file.Weeks {
		for _, t := range w.Tests {
			if first(t.ID, t.Test) == id {
				return t
			}
		}
	}
	return campaign.Test{}
}

// config is the pipeline that a test of the plan meets, as far as it is known.
func (c *carried) config(entry campaign.Test, test plan.Test) capacity.Config {
	o := local.Defaults()
	p := c.file.Pipeline.With(entry.Pipeline)
	o.Shards = first(p.Shards, o.Shards)
	o.BatchSize = first(p.BatchSize, o.BatchSize)
	o.Parallelization = first(p.Parallelization, o.Parallelization)
	o.Work.PerBatch = first(time.Duration(p.Work), o.Work.PerBatch)
	o.Work.PerRecord = first(time.Duration(p.WorkPerRecord), o.Work.PerRecord)
	o.Work.ErrorRate = first(p.ErrorRate, o.Work.ErrorRate)
	o.Concurrency = first(p.Concurrency, o.Concurrency)
	config := embeddedConfig(o, test)
	config.Step = 0 // for good: what a plan promises does not rest on a saved-up second
	return config
}

// spending is what there is to pay for.
func (c *carried) spending(tests []shownTest) (price.Setup, []price.Phase) {
	setup := *cmp.Or(c.setup, &price.TypicalSetup)
	setup.Region = first(c.file.Region, setup.Region)
	var phases []price.Phase
	for _, t := range tests {
		phases = append(phases, price.Phase{Name: t.Test, Load: t.Load, Shards: t.shards, Records: float64(t.Records), RecordBytes: t.bytes})
	}
	return setup, phases
}

// costs are the plan's on AWS in both modes, over the batch sizes that the
// mapping may turn out to have.
func (c *carried) costs(tests []shownTest) ([]shownCost, error) {
	setup, phases := c.spending(tests)
	var all []shownCost
	for _, mode := range []price.Mode{price.Provisioned, price.OnDemand} {
		for _, batch := range []float64{1, 10, 100} {
			bill, err := price.List().Estimate(setup, phases, mode, batch)
			if err != nil {
				return nil, priced(err)
			}
			all = append(all, shownCost{Mode: mode, Batch: batch, Bill: bill, USD: bill.USD()})
		}
	}
	return all, nil
}

// confirmed says what a plan on AWS may cost, and refuses it until somebody has
// said yes to that.
func (c *carried) confirmed(p *Process, shown shownPlan, yes bool) error {
	if c.file.Target != "aws" {
		return nil
	}
	if shown.Unpriced != "" {
		fmt.Fprintf(p.Stderr, "%s records on AWS, at a cost that is not known: %s\n", judge.Count(shown.Records), shown.Unpriced)
		if yes {
			return nil
		}
		return usage(errors.New("nothing was sent: what the plan costs is not known"), "read the prices as said above, or start the load all the same with --yes")
	}
	budget, most := first(c.file.Budget, defaultBudget), shown.Costs[0].USD
	fmt.Fprintf(p.Stderr, "%s records on AWS, up to %.2f USD (one record an invocation)\n", judge.Count(shown.Records), most)
	switch {
	case yes:
		return nil
	case most > budget:
		return usage(fmt.Errorf("nothing was sent: the plan may cost %.2f USD, above the budget of %.2f", most, budget),
			"set budget_usd in the plan, or leave tests out; --yes starts the load all the same")
	}
	return errUnconfirmed
}

func (s shownPlan) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WEEK\tTEST\tUNITS\tRECORDS\tOF\tLOAD\tUP TO\tPREDICTED")
	for _, t := range s.Tests {
		fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\t%v\t%g/s\t%s\n", t.Week, t.Test, t.Units, judge.Count(t.Records), t.RecordSize, t.Load, t.Highest, t.prediction())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	where := "on the embedded pipeline, which costs nothing"
	if s.Target == "aws" {
		where = "on AWS"
	}
	fmt.Fprintf(out, "\n%s: %s records in about %v %s\n", s.Name, judge.Count(s.Records), s.Duration.Round(time.Second), where)
	if s.Unpriced != "" {
		fmt.Fprintf(out, "what it costs on AWS is not known: %s\n", s.Unpriced)
		return nil
	}
	fmt.Fprintf(out, "on AWS, list prices of %s, by records an invocation:\n", s.Costs[0].Bill.AsOf)
	for i := 0; i < len(s.Costs); i += 3 {
		a, b, c := s.Costs[i], s.Costs[i+1], s.Costs[i+2]
		fmt.Fprintf(out, "  %-12s %.2f USD at %g, %.2f at %g, %.2f at %g\n", a.Mode, a.USD, a.Batch, b.USD, b.Batch, c.USD, c.Batch)
	}
	return nil
}
