package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/metrics"
	"weir/internal/plan"
)

// Names that CloudWatch takes, and that mark what weir made. A stream's name may
// hold a dot, a dashboard's may not.
func TestWatchName(t *testing.T) {
	for _, tt := range []struct{ stream, flag, want string }{
		{"orders", "", "weir-orders"},
		{"orders.eu", "", "weir-orders_eu"},
		{"orders", "weir-team-a", "weir-team-a"},
		{"orders", "team-a", ""},
		{"orders", "weir-", ""},
		{"orders", "weir-a b", ""},
		{"orders", "weir-" + strings.Repeat("x", 201), ""},
	} {
		f := watchFlags{stream: tt.stream, name: tt.flag}
		err := f.checkName()
		if (err == nil) != (tt.want != "") || err == nil && f.name != tt.want {
			t.Errorf("%q, --name %q: %q, %v, want %q", tt.stream, tt.flag, f.name, err, tt.want)
		}
	}
}

func TestRealAccount(t *testing.T) {
	for endpoint, want := range map[string]bool{
		"":                       true,
		"http://127.0.0.1:4567":  false,
		"http://localstack:4566": false,
		"https://monitoring.eu-west-1.amazonaws.com":                 true,
		"https://vpce-1.monitoring.cn-north-1.vpce.amazonaws.com.cn": true,
	} {
		if got := (watchAccount{endpoint: endpoint}).inAWS(); got != want {
			t.Errorf("%q: in AWS %t, want %t", endpoint, got, want)
		}
	}
}

// A change of a real account is made with --yes only, and never in a dry run.
func TestCarryOut(t *testing.T) {
	for _, tt := range []struct {
		flags changeFlags
		inAWS bool
		made  bool
		code  int
	}{
		{changeFlags{}, true, false, ExitUsage},
		{changeFlags{yes: true}, true, true, ExitPass},
		{changeFlags{yes: true, dryRun: true}, true, false, ExitPass},
		{changeFlags{}, false, true, ExitPass},
		{changeFlags{dryRun: true}, false, false, ExitPass},
	} {
		var out, errs bytes.Buffer
		made := false
		c := change{operation: "PutX", input: map[string]string{"Name": "x"}, does: "make x", do: func(context.Context) error {
			made = true
			return nil
		}}
		err := tt.flags.carryOut(t.Context(), &Process{Stdout: &out, Stderr: &errs}, tt.inAWS, []change{c})
		if code := exitCode(err, &errs); made != tt.made || code != tt.code {
			t.Errorf("%+v, in AWS %t: made %t, exit code %d, want %t and %d", tt.flags, tt.inAWS, made, code, tt.made, tt.code)
		}
		if tt.flags.dryRun && out.String() != "PutX {\"Name\":\"x\"}\n" {
			t.Errorf("%+v prints %q", tt.flags, out.String())
		}
	}
}

// Nothing of an alarm is lost on its way to AWS's client.
func TestAlarmInput(t *testing.T) {
	w := metrics.Watched{Region: "r", Stream: "s", Function: "f", Mapping: "m", Limits: watchLimits(plan.DefaultTargets, 3*time.Second)}
	alarms := metrics.Alarms(w, "weir-s")
	metrics.Notify(alarms, "arn:aws:sns:r:1:ops")
	for _, alarm := range alarms {
		in, err := alarmInput(alarm)
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		var back metrics.Alarm
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(alarm, back); diff != "" {
			t.Errorf("%s: %s", alarm.AlarmName, diff)
		}
	}
}
