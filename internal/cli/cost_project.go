package cli

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/capacity"
	"weir/internal/plan"
	"weir/internal/price"
	"weir/internal/quota"
)

// presetDocument names the table of price.Document.
const presetDocument = "document"

// projectFlags say what production is projected.
type projectFlags struct {
	rate, payload, billed, batch, headroom string
	memory, logBytes, fanOut               float64
	retention                              int
	arm                                    bool
	region, from, runs, preset             string
	json                                   bool
}

func (f *projectFlags) register(s *pflag.FlagSet) {
	s.StringVar(&f.rate, "rate", "100,500,1000", "records per second, day and night; a list projects each")
	s.StringVar(&f.payload, "payload", "2KB", "size of a record, data and key")
	s.Float64Var(&f.memory, "memory", price.TypicalSetup.MemoryMB, "the function's memory, MB")
	s.StringVar(&f.billed, "billed", "100ms", "billed time of an invocation")
	s.StringVar(&f.batch, "batch", "1,10,100", "records per invocation; a list projects each")
	s.Float64Var(&f.logBytes, "log-bytes", price.TypicalSetup.LogBytes, "of the function's log, an invocation")
	s.BoolVar(&f.arm, "arm", false, "the function runs on arm64")
	s.Float64Var(&f.fanOut, "fan-out", 0, "consumers with enhanced fan-out beside the mapping")
	s.IntVar(&f.retention, "retention", quota.DefaultRetentionHours, "hours that the stream keeps records, 24 to 8760")
	s.StringVar(&f.headroom, "headroom", "25%", "what the shards of a provisioned stream have to spare")
	s.StringVar(&f.region, "region", price.TypicalSetup.Region, "whose prices")
	s.StringVar(&f.from, "from", "", "a run: its records per invocation, billed time, record size and memory are used where no flag\nsays otherwise")
	s.StringVar(&f.runs, "runs", "runs", "folder of the runs")
	s.StringVar(&f.preset, "preset", "", "document: the table of 95, 367 and 734 USD a month, how it comes about and what is true")
	s.BoolVar(&f.json, "json", false, "as JSON, an array by rate")
}

func newCostProject(*Process) *cobra.Command {
	var flags projectFlags
	cmd := &cobra.Command{
		Use: "project", Short: "What production costs a month, by rate, mode and records an invocation",
		Long: `What a steady load costs a month of 730 h, by item, on a provisioned stream and on
demand. What decides the bill is records per invocation and billed time: --from
takes them from a run instead of assuming them.`,
		Example: `  weir cost project --rate 100,500,1000 --from latest
  weir cost project --rate 500 --payload 1KB --batch 20 --billed 40ms --arm
  weir cost project --preset document`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.preset != "" {
				if err := flags.usePreset(cmd.Flags()); err != nil {
					return err
				}
			}
			all, err := flags.project(cmd.Flags())
			if err != nil {
				return err
			}
			if flags.json {
				return writeJSON(cmd.OutOrStdout(), all)
			}
			printProjections(cmd.OutOrStdout(), all)
			return nil
		},
	}
	flags.register(cmd.Flags())
	return cmd
}

// usePreset sets what the document states, and what AWS charges for it at the
// least: no shard to spare, no log. A preset leaves nothing else to choose.
func (f *projectFlags) usePreset(set *pflag.FlagSet) error {
	if f.preset != presetDocument {
		return usagef("--preset %q: document", f.preset)
	}
	var err error
	set.Visit(func(flag *pflag.Flag) {
		if flag.Name != "preset" && flag.Name != "json" {
			err = usagef("--preset %s excludes --%s: it has figures of its own", f.preset, flag.Name)
		}
	})
	f.payload, f.memory = strconv.Itoa(price.DocumentPayload), price.DocumentMemoryMB
	f.billed, f.headroom, f.logBytes = strconv.Itoa(price.DocumentMillis)+"ms", "0%", 0
	return err
}

// assumed is what the flags say, before a run is asked.
type assumed struct {
	rates, batches []float64
	production     price.Production
	headroom       float64
}

func (f *projectFlags) assumptions() (assumed, error) {
	var a assumed
	var err error
	if a.rates, err = plan.ParseRates(f.rate); err != nil {
		return a, usage(fmt.Errorf("--rate: %w", err), "")
	}
	bytes, err := plan.ParseSize(f.payload)
	if err != nil {
		return a, usage(fmt.Errorf("--payload: %w", err), "")
	}
	if bytes < 1 || bytes > quota.LargestRecordBytes {
		return a, usagef("--payload %s: 1 byte to 10MiB", f.payload)
	}
	billed, err := parseMillis(f.billed)
	if err != nil {
		return a, err
	}
	if a.batches, err = parseBatches(f.batch); err != nil {
		return a, err
	}
	if a.headroom, err = parseHeadroom(f.headroom); err != nil {
		return a, err
	}
	if !(f.memory > 0) || !(f.logBytes >= 0) {
		return a, usagef("--memory must be above 0 MB, --log-bytes not below 0")
	}
	if !(f.fanOut >= 0 && f.fanOut <= quota.MaxConsumersPerStream) || f.retention < quota.DefaultRetentionHours || f.retention > quota.MaxRetentionHours {
		return a, usagef("--fan-out takes 0 to %d consumers, --retention %d to %d hours", quota.MaxConsumersPerStream, quota.DefaultRetentionHours, quota.MaxRetentionHours)
	}
	a.production = price.Production{
		RecordBytes: float64(bytes), ARM: f.arm, MemoryMB: f.memory, BilledMillis: billed, LogBytes: f.logBytes,
		FanOut: f.fanOut, RetentionHours: float64(f.retention),
	}
	return a, nil
}

// project projects each rate.
func (f *projectFlags) project(set *pflag.FlagSet) ([]projection, error) {
	a, err := f.assumptions()
	if err != nil {
		return nil, err
	}
	run, measured, err := f.measured()
	if err != nil {
		return nil, err
	}
	var document []price.DocumentRow
	if f.preset != "" {
		if document, err = price.List().Document(); err != nil {
			return nil, priced(err)
		}
	}
	var all []projection
	for i, rate := range a.rates {
		one := projection{Rate: rate}
		at, batches := a.production, a.batches
		if run != nil {
			one.Run, one.Measured = run.ID, new(capacity.Nearest(measured, rate))
			at, batches = withMeasured(set, at, batches, *one.Measured, float64(run.Pipeline.FunctionMemoryMB))
		}
		if document != nil {
			one.Document = &documentRow{USD: document[i].Shown, Items: document[i].Decoded.Lines, Decoded: document[i].Decoded.USD()}
		}
		at.Rate, at.Shards = rate, float64(capacity.Shards(rate, at.RecordBytes, a.headroom))
		if err := one.fill(f.region, at, batches, a.headroom); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// withMeasured puts a run's figures where no flag was given.
func withMeasured(set *pflag.FlagSet, p price.Production, batches []float64, m capacity.Measured, memory float64) (price.Production, []float64) {
	if !set.Changed("batch") {
		batches = []float64{m.RecordsPerInvocation}
	}
	if !set.Changed("billed") {
		p.BilledMillis = m.BilledMillis
	}
	if !set.Changed("payload") {
		p.RecordBytes = m.RecordBytes
	}
	if !set.Changed("memory") && memory > 0 {
		p.MemoryMB = memory
	}
	return p, batches
}
