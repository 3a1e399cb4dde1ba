package judge

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"weir/internal/metrics"
)

func TestUpperRate(t *testing.T) {
	for _, tt := range []struct {
		k, n int64
		want float64
	}{
		{0, 3000, 1 - math.Pow(0.05, 1.0/3000)}, // 0.000998: below 0.1 %, the rule of three
		{0, 10, 1 - math.Pow(0.05, 0.1)},        // 0.2589
		{1, 10, 0.3942},                         // Clopper-Pearson: the 95 % quantile of Beta(2, 9)
		{10, 10, 1},
		{0, 0, 1},
	} {
		if got := upperRate(tt.k, tt.n); math.Abs(got-tt.want) > 5e-5 {
			t.Errorf("%d of %d: %.5f, want %.5f", tt.k, tt.n, got, tt.want)
		}
	}
}

// The bound is above what was observed and falls with more evidence.
func TestUpperRateProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1e6).Draw(t, "n")
		k := rapid.Int64Range(0, n).Draw(t, "k")
		bound := upperRate(k, n)
		if observed := float64(k) / float64(n); bound < observed || bound > 1 {
			t.Fatalf("%d of %d: bound %v", k, n, bound)
		}
		if k < n && upperRate(2*k, 2*n) > bound+1e-3 {
			t.Fatalf("%d of %d: twice the evidence has a larger bound", k, n)
		}
	})
}

func TestUpperQuantile(t *testing.T) {
	if _, ok := upperQuantile(0.99, 299); ok {
		t.Error("299 samples: want none")
	}
	for _, tt := range []struct {
		n    int64
		want float64
	}{
		{300, 1},          // rank ⌈297 + 1.6449·√2.97⌉ = ⌈299.83⌉: the largest
		{10000, 0.9917},   // rank ⌈9900 + 1.6449·√99⌉ = ⌈9916.4⌉ = 9917
		{1000000, 0.9902}, // rank ⌈990000 + 1.6449·√9900⌉ = 990164
	} {
		if got, ok := upperQuantile(0.99, tt.n); !ok || math.Abs(got-tt.want) > 5e-5 {
			t.Errorf("%d: %v %v, want %v", tt.n, got, ok, tt.want)
		}
	}
}

func TestWarnings(t *testing.T) {
	d := healthy()
	d.Steps[0].FromDue, d.Steps[1].FromDue = times(time.Millisecond, 100), times(time.Millisecond, 199)
	d.Ledger.InFlight, d.Ledger.Processed = 20, 2980
	d.Ledger.Duplicates.Mapping = 7
	warnings := strings.Join(Judge(d, Options{}).Warnings, "\n")
	for _, want := range []string{
		// 1 - 0.05^(1/120) = 2.466 %
		"lambda_errors: observed 0 %, but the 95 % bound of 120 observations is 2.466 %, not below the limit of 0.1 %; it takes 3 000 invocations without error",
		"record_latency: 299 records can't bound a p99; it takes 300",
		"ledger: 20 records were still in the stream when the account was closed",
		"ledger: 7 records were processed twice by the mapping",
	} {
		if !strings.Contains(warnings, want) {
			t.Errorf("missing %q in\n%s", want, warnings)
		}
	}
}

func TestNoWarningWhereTheEvidenceSuffices(t *testing.T) {
	d := healthy()
	set(d, t0+3, metrics.Invocations, 3000)
	if w := Judge(d, Options{}).Warnings; len(w) != 0 {
		t.Errorf("%q", w)
	}
}

func TestNumber(t *testing.T) {
	var got []string
	for _, n := range []struct {
		v    float64
		unit string
	}{{0, "ms"}, {1.25, "ms"}, {999.6, "ms"}, {1234567, "ms"}, {0.0834, "%"}, {100, "%"}, {0.99987, "ratio"}, {15893, "count"}, {12, "records"}, {-1500, "count"}} {
		got = append(got, Number(n.v, n.unit))
	}
	want := []string{"0 ms", "1.2 ms", "1 000 ms", "1 234 567 ms", "0.083 %", "100 %", "0.9999", "15 893", "12 records", "-1 500"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
