package cloudwatch

import (
	"bytes"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The AWS CLI is boto: awsJson 1.0 for metrics, 1.1 for logs.
func TestCLI(t *testing.T) {
	if testing.Short() {
		t.Skip("each call of the AWS CLI takes a second")
	}
	path, err := exec.LookPath("aws")
	if err != nil {
		t.Skip("the AWS CLI is not on PATH")
	}
	server, _, logs := newTestServer(clockAt(noon))
	listener := httptest.NewServer(server)
	t.Cleanup(listener.Close)
	logs.Append("g", "s", noon, "hello")

	type step struct {
		args []string
		want any // the answer as JSON; nil: none
	}
	for name, steps := range map[string][]step{
		"cloudwatch": {
			{[]string{"put-metric-data", "--namespace", "T", "--metric-name", "M", "--value", "2.5", "--timestamp", "2026-11-22T12:00:00Z"}, nil},
			{
				[]string{"get-metric-data", "--start-time", "2026-11-22T12:00:00Z", "--end-time", "2026-11-22T12:01:00Z", "--metric-data-queries", `[{"Id":"m","MetricStat":{"Metric":{"Namespace":"T","MetricName":"M"},"Period":60,"Stat":"Sum"}}]`},
				map[string]any{"MetricDataResults": []any{map[string]any{"Id": "m", "Label": "M", "StatusCode": "Complete", "Timestamps": []any{1795348800.}, "Values": []any{2.5}}}},
			},
			{[]string{"list-metrics"}, map[string]any{"Metrics": []any{map[string]any{"Namespace": "T", "MetricName": "M"}}}},
		},
		"cloudwatch alarms": {
			{[]string{"put-metric-alarm", "--alarm-name", "a", "--namespace", "T", "--metric-name", "M", "--statistic", "Sum", "--period", "60", "--evaluation-periods", "1", "--threshold", "1", "--comparison-operator", "GreaterThanThreshold"}, nil},
			{[]string{"set-alarm-state", "--alarm-name", "a", "--state-value", "ALARM", "--state-reason", "drill"}, nil},
			{[]string{"describe-alarms", "--query", "MetricAlarms[].[AlarmName,StateValue,Threshold]"}, []any{[]any{"a", "ALARM", 1.}}},
			{[]string{"describe-alarms-for-metric", "--namespace", "T", "--metric-name", "M", "--query", "MetricAlarms[].AlarmName"}, []any{"a"}},
			{[]string{"describe-alarm-history", "--query", "AlarmHistoryItems[].HistorySummary"}, []any{"Alarm updated from INSUFFICIENT_DATA to ALARM", `Alarm "a" created`}},
			{[]string{"disable-alarm-actions", "--alarm-names", "a"}, nil},
			{[]string{"enable-alarm-actions", "--alarm-names", "a"}, nil},
			{[]string{"delete-alarms", "--alarm-names", "a"}, nil},
		},
		"cloudwatch dashboards": {
			{[]string{"put-dashboard", "--dashboard-name", "d", "--dashboard-body", `{"widgets":[],"owner":"me"}`}, map[string]any{"DashboardValidationMessages": []any{
				map[string]any{"DataPath": "/owner", "Message": `The "owner" property is not expected to be part of a dashboard definition, will be ignored`},
			}}},
			{[]string{"get-dashboard", "--dashboard-name", "d", "--query", "DashboardBody"}, `{"widgets":[],"owner":"me"}`},
			{[]string{"list-dashboards", "--query", "DashboardEntries[].[DashboardName,Size]"}, []any{[]any{"d", 27.}}},
			{[]string{"delete-dashboards", "--dashboard-names", "d"}, nil},
		},
		"logs": {
			{[]string{"put-log-events", "--log-group-name", "g", "--log-stream-name", "s", "--log-events", "timestamp=1795348800001,message=world", "--query", "rejectedLogEventsInfo"}, nil},
			{[]string{"filter-log-events", "--log-group-name", "g", "--filter-pattern", "world", "--query", "events[].message"}, []any{"world"}},
			{[]string{"put-retention-policy", "--log-group-name", "g", "--retention-in-days", "7"}, nil},
			{[]string{"describe-log-groups", "--query", "logGroups[].retentionInDays"}, []any{7.}},
			{[]string{"delete-retention-policy", "--log-group-name", "g"}, nil},
			{[]string{"delete-log-stream", "--log-group-name", "g", "--log-stream-name", "s"}, nil},
			{[]string{"delete-log-group", "--log-group-name", "g"}, nil},
			{[]string{"describe-log-groups"}, map[string]any{"logGroups": []any{}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, s := range steps {
				args := append([]string{"--endpoint-url", listener.URL, "--region", "us-east-1", "--output", "json", strings.Fields(name)[0]}, s.args...)
				if diff := cmp.Diff(s.want, runCLI(t, path, args)); diff != "" {
					t.Errorf("%s: %s", s.args[0], diff)
				}
			}
		})
	}
}

// runCLI is what a call of the AWS CLI prints, as JSON; nil if nothing.
func runCLI(t *testing.T, path string, args []string) any {
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_CONFIG_FILE=/dev/null", "AWS_MAX_ATTEMPTS=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, stderr.Bytes())
	}
	if len(bytes.TrimSpace(out)) == 0 {
		return nil
	}
	var got any
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v: %v in %s", args, err, out)
	}
	return got
}
