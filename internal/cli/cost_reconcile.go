package cli

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"weir/internal/price"
	"weir/internal/record"
	"weir/internal/values"
)

// reconciled is an item of a run beside what was billed for it.
type reconciled struct {
	Item   string  `json:"item"`
	Run    float64 `json:"run_usd"`
	Billed float64 `json:"billed_usd"`
}

// reconciliation is `weir cost reconcile --json`.
type reconciliation struct {
	Run    string             `json:"run"`
	From   string             `json:"from"`
	To     string             `json:"to"`
	AsOf   string             `json:"prices_as_of"`
	Items  []reconciled       `json:"items"`
	RunUSD float64            `json:"run_usd"`
	Billed float64            `json:"billed_usd"`
	Other  map[string]float64 `json:"other_billed_usd"` // columns that are no item of the run
	kind   string             // of the run's pipeline
}

func newCostReconcile(p *Process) *cobra.Command {
	var runs, file string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "reconcile RUN", Short: "What a run should cost beside what Cost Explorer says was billed",
		Long: `Compares a run's cost, from its own usage at list prices, with a CSV that the
console's Cost Explorer exports (Download as CSV): daily granularity, grouped by
usage type or by service. The days of the run are added up. Costs appear there
up to a day later.`,
		Example: "  weir cost reconcile latest --csv costs.csv", Args: exactArgs(1, "a run"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := openRun(runs, args[0])
			if err != nil {
				return err
			}
			if file == "" {
				return usagef("--csv is missing: in the console's Cost Explorer choose Daily, group by Usage type, Download as CSV")
			}
			f, err := os.Open(file)
			if err != nil {
				return usage(err, "--csv names Cost Explorer's export")
			}
			defer f.Close() //nolint:errcheck // only read
			billed, err := price.ReadCostExplorer(f)
			if err != nil {
				return usage(fmt.Errorf("%s: %w", file, err), "in the console's Cost Explorer choose Daily, group by Usage type, Download as CSV")
			}
			r, err := reconcile(d, billed)
			if err != nil {
				return err
			}
			if asJSON {
				return writeJSON(p.Stdout, r)
			}
			r.print(p.Stdout)
			return nil
		},
	}
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().StringVar(&file, "csv", "", "Cost Explorer's export")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func reconcile(d *record.Data, billed price.Billed) (reconciliation, error) {
	charged, counted, err := values.CostOf(d)
	if err != nil {
		return reconciliation{}, priced(err)
	}
	if !counted {
		return reconciliation{}, usage(fmt.Errorf("run %s counted no records that the stream took", d.Run.ID), "")
	}
	bill := charged.Bill
	end := slices.MaxFunc([]time.Time{d.Run.LoadStart, d.Run.LoadEnd, d.Run.Ended}, time.Time.Compare)
	costs, days := billed.Between(d.Run.LoadStart, end)
	r := reconciliation{
		Run: d.Run.ID, From: d.Run.LoadStart.UTC().Format(time.DateOnly), To: end.UTC().Format(time.DateOnly),
		AsOf: bill.AsOf, Other: map[string]float64{}, kind: d.Run.Pipeline.Kind,
	}
	if days == 0 {
		return r, usage(fmt.Errorf("the export has %s to %s, the run was on %s", billed.Days[0], billed.Days[len(billed.Days)-1], r.From),
			"export the days of the run, with daily granularity")
	}
	expected, itemOf := map[string]float64{}, service
	if billed.By == "Usage type" {
		itemOf = usageType
	}
	for _, l := range bill.Lines {
		name := string(l.Item)
		if billed.By == "Service" {
			name, _, _ = strings.Cut(name, "/")
		}
		expected[name] += l.USD
	}
	found := map[string]float64{}
	for column, usd := range costs {
		if item := itemOf(column); item != "" && expected[item] > 0 {
			found[item] += usd
		} else if usd != 0 {
			r.Other[column] = usd
		}
	}
	for _, item := range slices.Sorted(maps.Keys(expected)) {
		r.Items = append(r.Items, reconciled{item, expected[item], found[item]})
		r.RunUSD += expected[item]
		r.Billed += found[item]
	}
	return r, nil
}

func usageType(column string) string {
	d, _ := price.UsageTypeOf(column)
	return string(d)
}

func service(column string) string {
	name, _ := price.ServiceOf(column)
	return name
}

func (r reconciliation) print(out io.Writer) {
	fmt.Fprintf(out, "%s, %s to %s (UTC), in USD\n\n", r.Run, r.From, r.To)
	fmt.Fprintf(out, "  %-32s %12s %12s %12s\n", "", "the run", "billed", "more billed")
	for _, i := range append(r.Items, reconciled{"together", r.RunUSD, r.Billed}) {
		fmt.Fprintf(out, "  %-32s %12s %12s %12s\n", i.Item, usd(i.Run), usd(i.Billed), signed(i.Billed-i.Run))
	}
	if len(r.Other) > 0 {
		fmt.Fprintln(out, "\nBilled on those days, and no item of the run:")
		for _, name := range slices.Sorted(maps.Keys(r.Other)) {
			fmt.Fprintf(out, "  %-32s %12s %12s\n", name, "", usd(r.Other[name]))
		}
	}
	fmt.Fprintf(out, "\nThe run's own usage at list prices of %s, hours begun as whole.\n", r.AsOf)
	fmt.Fprintln(out, "More billed: other streams and functions of the account on the same days, hours before and after the load, cold\nstarts. Less billed: the free tier, a savings plan, or costs that have not appeared yet.")
	if r.kind != "aws" {
		fmt.Fprintf(out, "The run's pipeline was not AWS but %s: nothing of it was billed.\n", r.kind)
	}
}

func signed(v float64) string {
	if v > -0.005 && v < 0.005 {
		return "0.00"
	}
	return fmt.Sprintf("%+.2f", v)
}
