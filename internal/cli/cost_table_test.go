package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"weir/internal/price"
)

// What is read before anything runs fits a terminal of 80 columns.
func TestTablesFitATerminal(t *testing.T) {
	for _, args := range []string{"plan list", "cost estimate", "cost estimate --preset document", "cost estimate endurance --generator c7g.large --nat"} {
		code, out, stderr := weir(t, strings.Fields(args)...)
		if code != ExitPass {
			t.Errorf("%s: exit code %d: %s", args, code, stderr)
		}
		for line := range strings.Lines(out) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > usualWidth {
				t.Errorf("%s: %d columns: %s", args, n, line)
			}
		}
	}
}

// Rates that are too many for a line are all there.
func TestListNamesEveryRate(t *testing.T) {
	_, out, _ := weir(t, "plan", "list")
	_, stress, _ := strings.Cut(out, "stress ")
	stress, _, _ = strings.Cut(stress, "spike")
	want := "stress 500 B 1000 1300 1700 2200 2900 3800 4900 6m0s 6400 8300 10800 14000 16000"
	if got := strings.Join(strings.Fields(stress), " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// Columns stand side by side as long as they fit, the mode over its own; dearer
// ones stand one mode below the other.
func TestCostTable(t *testing.T) {
	cost := func(mode price.Mode, batch, usd float64) shownCost {
		return shownCost{Mode: mode, Batch: batch, USD: usd, Bill: price.Bill{Lines: []price.Line{{Item: "kinesis/on-demand-stream-hour", USD: usd}}}}
	}
	for _, tt := range []struct {
		name  string
		costs []shownCost
		want  string
	}{
		{"side by side", []shownCost{cost(price.Provisioned, 1, 5), cost(price.Provisioned, 10, 0.5), cost(price.OnDemand, 1, 70)}, `
  USD                                     provisioned  on-demand
  records an invocation                  1         10          1
  kinesis/on-demand-stream-hour       5.00       0.50      70.00
  together                            5.00       0.50      70.00
`},
		// 2 + 29 for the names and 4 × 13 for amounts of 11 characters are 83.
		{"one below the other", []shownCost{
			cost(price.Provisioned, 1, 1e7), cost(price.Provisioned, 10, 1e6), cost(price.OnDemand, 1, 1e7), cost(price.OnDemand, 10, 1e6),
		}, `
  USD                                         provisioned
  records an invocation                    1           10
  kinesis/on-demand-stream-hour  10000000.00   1000000.00
  together                       10000000.00   1000000.00
  USD                                           on-demand
  records an invocation                    1           10
  kinesis/on-demand-stream-hour  10000000.00   1000000.00
  together                       10000000.00   1000000.00
`},
	} {
		var out strings.Builder
		printCosts(&out, tt.costs)
		if diff := cmp.Diff(tt.want, "\n"+out.String()); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
