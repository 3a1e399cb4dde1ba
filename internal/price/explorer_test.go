package price

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const exported = "\ufeff\"Usage type\",\"EUC1-Storage-ShardHour($)\",\"EUC1-Request($)\",\"Total costs($)\"\n" +
	`"Usage type total","1,234.50","0.3","1,234.80"
"2026-11-21","1,234.00","","1,234.00"
"2026-11-22","0.5","0.3","0.8"
`

func TestReadCostExplorer(t *testing.T) {
	b, err := ReadCostExplorer(strings.NewReader(exported))
	if err != nil {
		t.Fatal(err)
	}
	want := Billed{By: "Usage type", Days: []string{"2026-11-21", "2026-11-22"}, USD: map[string]map[string]float64{
		"EUC1-Storage-ShardHour": {"2026-11-21": 1234, "2026-11-22": 0.5}, "EUC1-Request": {"2026-11-22": 0.3},
	}}
	if diff := cmp.Diff(want, b); diff != "" {
		t.Error(diff)
	}
	day := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	usd, days := b.Between(day, day.Add(5*time.Hour)) // the 22nd and the 23rd
	if diff := cmp.Diff(map[string]float64{"EUC1-Storage-ShardHour": 0.5, "EUC1-Request": 0.3}, usd); diff != "" || days != 1 {
		t.Errorf("%d days %s", days, diff)
	}
}

func TestReadCostExplorerNamesThePlace(t *testing.T) {
	for text, place := range map[string]string{
		"":                                "EOF",
		"Region,a($)\n":                   "line 1",
		"Service,a($)\nService total,1\n": "no row of a day",
		"Service,a($)\n2026-11-22,much\n": "line 2, column 12",
		"Service,a($)\n2026-11-22\n":      "line 2",
	} {
		if _, err := ReadCostExplorer(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), place) {
			t.Errorf("%q: %v, want %s", text, err, place)
		}
	}
}

func TestUsageTypeOf(t *testing.T) {
	for usageType, want := range map[string]Dimension{
		"Storage-ShardHour": ShardHour, "APN1-PutRequestPayloadUnits": PutUnit, "EU-Lambda-GB-Second": LambdaX86,
		"USE1-Lambda-GB-Second-ARM": LambdaARM, "OnDemand-BilledIncomingBytes": OnDemandIn, "EUC1-Request": LambdaRequest, "CW:GMD-Metrics": GetMetricData,
		"EUC1-BoxUsage:c7g.large": "", "Requests-Tier1": "",
	} {
		if got, ok := UsageTypeOf(usageType); got != want || ok != (want != "") {
			t.Errorf("%s is %s, want %s", usageType, got, want)
		}
	}
	for name, want := range map[string]string{"Kinesis": "kinesis", "AWS Lambda": "lambda", "AmazonCloudWatch": "cloudwatch", "Amazon Kinesis Firehose": "", "S3": ""} {
		if got, _ := ServiceOf(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func FuzzReadCostExplorer(f *testing.F) {
	f.Add(exported)
	f.Add("Service,Lambda($)\n2026-11-22,0.1\n")
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ReadCostExplorer(strings.NewReader(text))
		if err == nil && len(b.Days) == 0 {
			t.Error("no day and no error")
		}
	})
}
