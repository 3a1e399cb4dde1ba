package cli

import (
	"fmt"
	"io"

	"weir/internal/advice"
	"weir/internal/metrics"
	"weir/internal/pipeline/local"
	"weir/internal/plan"
	"weir/internal/price"
)

// claims are a document's figures beside the plan's.
func (c *carried) claims(preset string) ([]price.Claim, error) {
	if preset != presetDocument {
		return nil, usagef("--preset %q: document", preset)
	}
	shown, err := c.showPriced()
	if err != nil {
		return nil, err
	}
	d := local.Defaults()
	alarms := metrics.Alarms(metrics.Watched{Region: d.Region, Stream: d.Stream, Function: d.Function, Limits: watchLimits(plan.DefaultTargets, d.Timeout)}, watchPrefix+d.Stream)
	setup, phases := c.spending(shown.Tests)
	claims, err := price.List().Claims(setup, phases, float64(advice.WatchedMetrics(alarms)))
	return claims, priced(err)
}

func printClaims(out io.Writer, claims []price.Claim) {
	if len(claims) == 0 {
		return
	}
	fmt.Fprintf(out, "\n  %-29s %14s %7s %24s\n", "what a document claims", "claimed", "decoded", "true at 1/10/100 records")
	for _, c := range claims {
		claimed := usd(c.Low)
		if c.High != c.Low {
			claimed += " to " + usd(c.High)
		}
		fmt.Fprintf(out, "  %-29s %14s %7s %24s\n", c.What, claimed, usd(c.Decoded),
			usd(c.ByBatch[0].USD())+", "+usd(c.ByBatch[1].USD())+", "+usd(c.ByBatch[2].USD()))
	}
	for _, c := range claims {
		printWrapped(out, "  ", "- "+c.What+": "+c.Explained)
	}
}
