package report

import (
	"strings"
	"testing"
	"time"

	"weir/internal/judge"
	"weir/internal/ledger"
	"weir/internal/plan"
	"weir/internal/record"
)

// What a reader is told for each way a run can go.
func TestStory(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*record.Data)
		want   map[string]string // a part of each sentence
	}{
		{"throttled at the second step", func(*record.Data) {}, map[string]string{
			"Asked":          "500-byte records at 100 → 1 500 a second, each for about 5 s, put to stream weir-try with 1 open shard, from there in batches of up to 100 to function weir-probe.",
			"Happened":       "Of 8 000 offered records 5 500 were accepted and 5 500 processed, 2 500 rejected; none was lost. From due to processed half of them took at most 641 ms",
			"Gave out first": "At 1 500 records/s: the shards' write limit (1 open)",
			"To do":          "Add shards (each takes 1 000 records/s)",
		}},
		{"carried", func(d *record.Data) { onlyStep(d, 0) }, map[string]string{
			"Asked":          "at 100 a second, for 5 s",
			"Gave out first": "Nothing, up to 100 records/s.",
			"To do":          "offer more: weir run baseline-500b --rate 200, or weir run stress",
		}},
		{"carried in try", func(d *record.Data) { onlyStep(d, 0); d.Run.Test.Name = "try" }, map[string]string{
			"To do": "weir try --rate 200",
		}},
		{"bound by the generator", func(d *record.Data) {
			onlyStep(d, 0)
			d.Steps[0].Lateness.RecordN(time.Second, 1000)
		}, map[string]string{
			"Gave out first": "The generator, at 100 records/s, before the pipeline did",
			"To do":          "Lower the rate",
		}},
		{"lost", func(d *record.Data) {
			onlyStep(d, 0)
			d.Ledger.Lost, d.Ledger.Processed, d.Ledger.LostIDs = 1, 499, []ledger.ID{{Sequence: 7}}
		}, map[string]string{
			"Happened":       "499 processed, 1 lost. From",
			"Gave out first": "No resource; what failed: ledger:",
			"To do":          "Find out why records are missing before anything else",
		}},
		{"cut short", func(d *record.Data) { onlyStep(d, 0); d.Ledger.Closed = false }, map[string]string{
			"Happened": "The account was not closed",
		}},
		{"a script", func(d *record.Data) { onlyStep(d, 0); d.Run.Test.Kind = plan.Script }, map[string]string{
			"Asked": "the load of a k6 script, put to",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := smallRun()
			test.change(d)
			told := map[string]string{}
			for _, f := range story(d, judge.Judge(d, judge.Options{}), false) {
				told[f.Name] = f.Value
			}
			for name, want := range test.want {
				if !strings.Contains(told[name], want) {
					t.Errorf("%s: %q lacks %q", name, told[name], want)
				}
			}
		})
	}
}

// onlyStep leaves one step of smallRun, with its account and its seconds.
func onlyStep(d *record.Data, i int) {
	s := d.Run.Steps[i]
	d.Run.Steps, d.Steps = d.Run.Steps[i:i+1], d.Steps[i:i+1]
	d.Ledger.Account = d.Ledger.Steps[i].Account
	d.Ledger.Steps = d.Ledger.Steps[i : i+1]
	d.Ledger.Reordered = new(int64(0))
	if d.Ledger.Rejected == nil {
		d.Ledger.Rejected = map[string]int64{}
	}
	var within []record.Point
	for _, p := range d.Series {
		if p.T >= s.Start.Unix() && p.T < s.End.Unix() {
			within = append(within, p)
		}
	}
	d.Series = within
}
