package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"weir/internal/judge"
	"weir/internal/plan"
)

// embeddedBrief is a plan on the embedded pipeline that has not begun.
func embeddedBrief() Brief {
	return Brief{
		Targets: plan.DefaultTargets,
		Plan:    "orders", Records: 1_234_567, Duration: 26 * time.Hour, Shards: 4, MemoryMB: 128, Timeout: 3 * time.Second,
		Default: 5, PricesOf: "2026-11-22", Units: 40, Campaign: Campaign{Now: loadStart},
		Weeks: []Week{{1, "Baseline performance", "baseline performance report"}, {2, "Stability", "stability confirmation"}},
		Costs: []BriefCost{{"provisioned", 65.62, 9.59, 3.99}, {"on-demand", 70.14, 14.11, 8.51}},
		Idle:  []BriefIdle{{"provisioned stream, 4 shards", 1.44}, {"NAT gateway", 1.08}},
	}
}

// awsBrief is one on AWS that is half done, with everything that can be said.
func awsBrief() Brief {
	b := embeddedBrief()
	b.AWS, b.Stream, b.Function, b.Region, b.Quiet, b.Budget = true, "orders", "orders-consumer", "eu-west-1", true, 20
	b.Strained = []string{"baseline-10kb (up to 2000/s; shard write limit by bytes gives out at about 409/s)"}
	b.Production = &Production{Rate: 3000, Shards: 4, Headroom: 0.25, MonthUSD: 1187.9, Basis: "all assumed"}
	b.Done, b.Campaign = 3, smallCampaign()
	b.Campaign.Rehearsal, b.Campaign.Missing = "", []string{"w2/smoke#1: not run yet", "w2/sustained#1: not run yet"}
	for _, p := range b.Campaign.Pieces {
		p.Data.Run.Pipeline.Kind = "aws"
		p.Data.Run.Pipeline.FunctionMemoryMB, p.Data.Run.Pipeline.FunctionTimeout = 512, 30*time.Second
	}
	return b
}

func TestBriefGolden(t *testing.T) {
	var b bytes.Buffer
	if err := BriefDocument(awsBrief()).Markdown(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "brief.md", b.String())
}

// Each of the ten questions is known, assumed or open, and says no more than
// is known.
func TestBriefQuestions(t *testing.T) {
	begun := embeddedBrief()
	begun.Done, begun.Campaign.Pieces, begun.Campaign.Searches = 3, smallCampaign().Pieces, smallCampaign().Searches
	for _, tt := range []struct {
		name         string
		brief        Brief
		number       int
		state, words string
	}{
		{"nobody said the load", embeddedBrief(), 1, "open", "--production-rate"},
		{"a knee was found", begun, 1, "open", "951 records/s"},
		{"the load was said", awsBrief(), 1, "known", "3 000 records/s"},
		{"shards of the plan", embeddedBrief(), 2, "assumed", "4 in the plan"},
		{"shards as found, and as needed", awsBrief(), 2, "known", "4 needed for the load of question 1 with 25 % to spare"},
		{"an embedded function says nothing of yours", begun, 3, "open", "say what yours will have"},
		{"the function as found", awsBrief(), 3, "known", "512 MB, 30s"},
		{"nothing ran on AWS", embeddedBrief(), 4, "open", "need a stream"},
		{"tests ran on AWS", awsBrief(), 4, "known", "Yes: 2 runs on orders"},
		{"no budget in the plan", embeddedBrief(), 5, "assumed", "5.00 USD, weir's default"},
		{"a budget in the plan", awsBrief(), 5, "known", "20.00 USD in the plan"},
		{"done so far", awsBrief(), 6, "assumed", "3 of 40 units done"},
		{"nobody is named", awsBrief(), 7, "open", "SRE"},
		{"the targets", embeddedBrief(), 8, "assumed", "errors < 0.1 %"},
		{"targets of its own", withTargets(embeddedBrief(), plan.Targets{RecordLatency: 5 * time.Second}), 8, "known", "processed < 5s"},
		{"synthetic records", embeddedBrief(), 9, "assumed", "no personal data"},
		{"no stage without AWS", embeddedBrief(), 10, "assumed", "Neither"},
		{"a stream to be confirmed", awsBrief(), 10, "open", "Confirm that orders"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows := tt.brief.questions().Grid.Rows
			if len(rows) != 10 {
				t.Fatalf("%d questions, want 10", len(rows))
			}
			row := rows[tt.number-1]
			if row[2] != tt.state || !strings.Contains(row[3], tt.words) {
				t.Errorf("question %v; want %s, with %q", row, tt.state, tt.words)
			}
		})
	}
}

// Whether it may go live follows the verdicts: a failure forbids it, and what
// is not done leaves it open.
func TestBriefRelease(t *testing.T) {
	passed := func(missing ...string) Brief {
		b := awsBrief()
		b.Campaign.Searches, b.Campaign.Missing = nil, missing
		for i := range b.Campaign.Pieces {
			b.Campaign.Pieces[i].Verdict.Overall = judge.Pass
		}
		return b
	}
	failed := passed("w2/smoke#1: not run yet")
	failed.Campaign.Pieces[0].Verdict.Overall = judge.Fail
	for _, tt := range []struct {
		name  string
		brief Brief
		want  string
	}{
		{"all passed", passed(), "Yes, for the load tested"},
		{"something is left", passed("w2/smoke#1: not run yet"), "Can't be told yet: something is not done or could not be judged"},
		{"one failed", failed, "Not yet: a run failed, see the plan's report"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rows := BriefDocument(tt.brief).Parts[0].Grid.Rows
			if got := rows[len(rows)-1][1]; got != tt.want {
				t.Errorf("release: %q, want %q", got, tt.want)
			}
		})
	}
	if rows := BriefDocument(embeddedBrief()).Parts[0].Grid.Rows; len(rows) != 4 {
		t.Errorf("%d decisions before anything ran, want 4: nothing is to be released", len(rows))
	}
}

func withTargets(b Brief, t plan.Targets) Brief {
	b.Targets = t
	return b
}
