package push

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.k6.io/k6/v2/output"
)

func TestParseCloudWatch(t *testing.T) {
	tests := []struct {
		name   string
		config string
		env    map[string]string
		arg    string
		want   cloudWatchSettings
	}{
		{name: "defaults", want: cloudWatchSettings{namespace: "weir", period: time.Minute, dimensions: defaultTags, maxMetrics: 500}},
		{
			// The configuration file gives way to the environment, that to the argument.
			name: "order", config: `{"namespace":"file","region":"file-1","period":"1s"}`,
			env: map[string]string{"K6_CLOUDWATCH_NAMESPACE": "env", "K6_CLOUDWATCH_REGION": "env-1"}, arg: "namespace=Load/Orders,maxMetrics=3",
			want: cloudWatchSettings{namespace: "Load/Orders", region: "env-1", period: time.Second, dimensions: defaultTags, maxMetrics: 3},
		},
		{
			name: "the rest", arg: "dimensions=test+status,endpoint=http://127.0.0.1:4567,period=10s",
			want: cloudWatchSettings{namespace: "weir", period: 10 * time.Second, dimensions: []string{"test", "status"}, maxMetrics: 500, endpoint: "http://127.0.0.1:4567"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseCloudWatch(output.Params{ConfigArgument: tt.arg, Environment: tt.env, JSONConfig: []byte(tt.config)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(cloudWatchSettings{})); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCloudWatchSettingsThatAreRefused(t *testing.T) {
	for arg, want := range map[string]string{
		"weir":                     `"weir" is no name=value`,
		"name=x":                   `unknown option name: use dimensions, endpoint, maxMetrics, namespace, period, region`,
		"namespace=AWS/Kinesis":    "AWS/",
		"period=5s":                "60s, or 10s or 1s",
		"dimensions=test+run_id":   "tag run_id has a new value in every run",
		"dimensions=test+URL":      "tag URL",
		"dimensions=test+":         `"" is no tag's name`,
		"maxMetrics=0":             "a number above 0",
		"namespace=x,,period=1s":   `"" is no name=value`,
		"dimensions=a\u00e4+other": "is no tag's name",
	} {
		_, err := parseCloudWatch(output.Params{ConfigArgument: arg})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", arg, err, want)
		}
	}
}
