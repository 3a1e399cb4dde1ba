package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"github.com/spf13/cobra"

	"weir/internal/campaign"
	"weir/internal/judge"
	"weir/internal/plan"
	"weir/internal/price"
)

// forgottenHours are the four weeks that a forgotten resource is left up.
const forgottenHours = 4 * 7 * 24

// idle is what stands there and is paid for while nothing is put.
type idle struct {
	What      string  `json:"what"`
	Hourly    float64 `json:"hourly_usd"`
	FourWeeks float64 `json:"four_weeks_usd"`
}

// estimated is `weir cost estimate --json`.
type estimated struct {
	Name        string            `json:"name"`
	Region      string            `json:"region"`
	AsOf        string            `json:"prices_as_of"`
	Unconfirmed []price.Dimension `json:"unconfirmed_prices"`
	Records     int64             `json:"records"`
	LoadHours   float64           `json:"load_hours"`
	Costs       []shownCost       `json:"costs"`
	Idle        []idle            `json:"idle"`
	Claims      []price.Claim     `json:"claims,omitempty"`
	unpaid      string            // what is left out of Costs
}

func newCostEstimate(*Process) *cobra.Command {
	var region, preset string
	var machines machineFlags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "estimate [PLAN.yaml|TEST]",
		Short: "What a plan or a test of the catalogue costs on AWS, before it runs",
		Long: `What a plan costs on AWS by item, in both modes of a stream, for 1, 10 and 100
records an invocation, and what is paid for a resource that is left up. Without a
file it is the four-week plan's.`,
		Example: "  weir cost estimate plan.yaml\n  weir cost estimate endurance --generator c7g.large --nat\n  weir cost estimate --preset document", Args: atMostOnePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := planOrTest(args)
			if err != nil {
				return err
			}
			c.file.Region = first(region, c.file.Region)
			setup, err := machines.setup()
			if err != nil {
				return err
			}
			c.setup = &setup
			e, err := c.estimate()
			if err != nil {
				return err
			}
			if preset != "" {
				if e.Claims, err = c.claims(preset); err != nil {
					return err
				}
			}
			if asJSON {
				return writeJSON(cmd.OutOrStdout(), e)
			}
			e.print(cmd.OutOrStdout())
			return nil
		},
	}
	cmd.Flags().StringVar(&region, "region", "", "whose prices (default the plan's, or us-east-1)")
	cmd.Flags().StringVar(&preset, "preset", "", "document: beside the figures of 15 to 20 USD a cycle, 0.50 to 2.00 a run and 5 a month for CloudWatch")
	machines.register(cmd.Flags())
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

// planOrTest is a plan, or one that holds the named test alone, whether a
// campaign was begun with it or not.
func planOrTest(args []string) (*carried, error) {
	c := &carried{}
	var err error
	if len(args) > 0 && slices.Contains(plan.Names(), args[0]) {
		c.file = campaign.File{Name: args[0], Target: "local", Weeks: []campaign.Week{{Week: 1, Tests: []campaign.Test{{Test: args[0]}}}}}
	} else if c, err = loadPlan(args); errors.Is(err, fs.ErrNotExist) {
		return nil, usage(fmt.Errorf("%q is neither a plan's file nor a test", args[0]), "weir plan list names the tests")
	} else if err != nil {
		return nil, err
	}
	c.options.TimeScale = 1
	c.units, err = c.file.Units(c.options)
	return c, usage(err, "weir plan show lists weeks and tests")
}

func (c *carried) estimate() (estimated, error) {
	shown, err := c.showPriced()
	if err != nil {
		return estimated{}, err
	}
	e := estimated{
		Name: shown.Name, Region: first(c.file.Region, price.TypicalSetup.Region), AsOf: shown.Costs[0].Bill.AsOf,
		Records: shown.Records, Costs: shown.Costs, Unconfirmed: unconfirmed(shown.Costs),
	}
	if len(cmp.Or(c.setup, &price.TypicalSetup).Hourly) == 0 {
		e.unpaid = "; of these there are none (--generator, --nat, --endpoint-zones)"
	}
	most := 0.0
	for _, t := range shown.Tests {
		e.LoadHours += t.Load.Hours()
		most = max(most, t.shards)
	}
	e.Idle, err = idleOf(e.Region, most)
	return e, err
}

// idleOf prices what a plan on AWS may leave behind.
func idleOf(region string, shards float64) ([]idle, error) {
	var all []idle
	for _, left := range []struct {
		what     string
		quantity []price.Quantity
	}{
		{fmt.Sprintf("provisioned stream, %g shards", shards), price.Stream{Mode: price.Provisioned, Hours: 1, Shards: shards}.Quantities()},
		{"on-demand stream", price.Stream{Mode: price.OnDemand, Hours: 1}.Quantities()},
		{"generator, c7g.large", []price.Quantity{{Item: price.GeneratorC7gLarge, Amount: 1}}},
		{"NAT gateway", []price.Quantity{{Item: price.NATHour, Amount: 1}}},
		{"interface endpoint, a zone", []price.Quantity{{Item: price.InterfaceEndpointHour, Amount: 1}}},
	} {
		bill, err := price.List().Bill(region, left.quantity...)
		if err != nil {
			return nil, priced(err)
		}
		all = append(all, idle{left.what, bill.USD(), bill.USD() * forgottenHours})
	}
	return all, nil
}

func (e estimated) print(out io.Writer) {
	fmt.Fprintf(out, "%s: %s records, %.1f h of load\n\n", e.Name, judge.Count(e.Records), e.LoadHours)
	printCosts(out, e.Costs)
	fmt.Fprintf(out, "\n  %-32s %12s %12s\n", "left up, nothing put", "an hour", "four weeks")
	for _, i := range e.Idle {
		fmt.Fprintf(out, "  %-32s %12.4f %12s\n", i.What, i.Hourly, usd(i.FourWeeks))
	}
	printClaims(out, e.Claims)
	printPriceNotes(out, e.Region, e.Costs)
	s := price.TypicalSetup
	printWrapped(out, "", fmt.Sprintf("Assumed: %g MB, %g ms and %g bytes of log an invocation, %g metrics asked for a minute; streams by whole hours of each test, generators and gateways by the hours of load%s.",
		s.MemoryMB, s.BilledMillis, s.LogBytes, s.MetricsPerMinute, e.unpaid))
}
