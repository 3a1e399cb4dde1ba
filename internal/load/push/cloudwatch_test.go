package push

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	logrustest "github.com/sirupsen/logrus/hooks/test"
	"go.k6.io/k6/v2/metrics"

	emulator "weir/internal/emulator/cloudwatch"
)

// embedded is the embedded CloudWatch behind AWS's own client, which gzips each
// body.
func embedded(t *testing.T) *cloudwatch.Client {
	now := func() time.Time { return noon.Add(10 * time.Minute) }
	store := emulator.NewStore(emulator.Options{Now: now})
	server := httptest.NewServer(emulator.New(emulator.Config{Store: store, Logs: emulator.NewLogs(emulator.LogsOptions{Store: store, Now: now})}))
	t.Cleanup(server.Close)
	return cloudwatch.NewFromConfig(aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL,
		Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	})
}

// read is one statistic of a metric over ten minutes.
func read(t *testing.T, client *cloudwatch.Client, name, statistic string, dimensions ...types.Dimension) float64 {
	t.Helper()
	data, err := client.GetMetricData(t.Context(), &cloudwatch.GetMetricDataInput{
		StartTime: &noon, EndTime: aws.Time(noon.Add(10 * time.Minute)),
		MetricDataQueries: []types.MetricDataQuery{{Id: new("m"), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: new("weir"), MetricName: &name, Dimensions: dimensions}, Period: new(int32(600)), Stat: &statistic,
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if values := data.MetricDataResults[0].Values; len(values) == 1 {
		return values[0]
	}
	t.Fatalf("%s %s: no value", statistic, name)
	return 0
}

// A minute of a load comes back through GetMetricData as it was sampled.
func TestReadBack(t *testing.T) {
	client := embedded(t)
	logger, logged := logrustest.NewNullLogger()
	o := newCloudWatch(cloudWatchSettings{namespace: "weir", period: 10 * time.Second, dimensions: defaultTags, maxMetrics: 100}, client, "us-east-1", logger)
	if err := o.Start(); err != nil {
		t.Fatal(err)
	}
	s := newSamples()
	for second := range 60 {
		at := noon.Add(time.Duration(second) * time.Second)
		batch := metrics.Samples{
			s.of(s.counter, at, 200, "test", "spike", "iter", fmt.Sprint(second)),
			s.of(s.counter, at, 3, "test", "spike", "cause", "ProvisionedThroughputExceededException"),
			s.of(s.gauge, at, float64(10*second), "test", "spike"),
		}
		for i := range 100 {
			batch = append(batch, s.of(s.timing, at, float64(1+i), "test", "spike")) // 1 to 100 ms, each once a second
		}
		o.AddMetricSamples([]metrics.SampleContainer{batch})
	}
	if err := o.Stop(); err != nil {
		t.Fatal(err)
	}
	test := types.Dimension{Name: new("test"), Value: new("spike")}
	cause := types.Dimension{Name: new("cause"), Value: new("ProvisionedThroughputExceededException")}
	for _, tt := range []struct {
		name, statistic string
		want, within    float64
		dimensions      []types.Dimension
	}{
		{"records", "Sum", 12_000, 0, []types.Dimension{test}},
		{"records", "Sum", 180, 0, []types.Dimension{test, cause}},
		{"age", "Maximum", 590, 0, []types.Dimension{test}},
		{"age", "Average", 295, 0, []types.Dimension{test}},          // 10 × 59 / 2
		{"put", "SampleCount", 6000, 0, []types.Dimension{test}},     // 60 × 100
		{"put", "Sum", 303_000, 1e-6, []types.Dimension{test}},       // 60 × 5 050
		{"put", "p90", 90, 0.014 * 90, []types.Dimension{test}},      // ours 1 %, the embedded CloudWatch's 0.39 %
		{"put", "Maximum", 100, 0.01 * 100, []types.Dimension{test}}, // of the topmost bucket
	} {
		if got := read(t, client, tt.name, tt.statistic, tt.dimensions...); max(got-tt.want, tt.want-got) > tt.within {
			t.Errorf("%s %s: %g, want %g ± %g", tt.statistic, tt.name, got, tt.want, tt.within)
		}
	}
	// Six periods of four metrics in one call; each metric in one hour:
	// 4/730 × 0.30 USD + 0.00001 USD = 0.00165 USD.
	want := "6180 samples in 24 data and 1 calls to namespace weir; 0 dropped; on AWS about 0.0017 USD: 4 metric-hours, 1 calls, list prices of "
	if got := logged.LastEntry().Message; !strings.HasPrefix(got, want) {
		t.Errorf("report:\n%s\nwant\n%s", got, want)
	}
}

// stuck never answers.
type stuck struct{}

func (stuck) PutMetricData(ctx context.Context, _ *cloudwatch.PutMetricDataInput, _ ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricDataOutput, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

// A service that never answers costs samples and at most stopWithin at the end;
// whoever samples does not wait.
func TestServiceThatNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logger, logged := logrustest.NewNullLogger()
		o := newCloudWatch(cloudWatchSettings{namespace: "weir", period: time.Second, dimensions: defaultTags, maxMetrics: 100}, stuck{}, "us-east-1", logger)
		if err := o.Start(); err != nil {
			t.Fatal(err)
		}
		s := newSamples()
		const seconds = queuedCalls + 50
		for range seconds {
			before := time.Now()
			o.AddMetricSamples([]metrics.SampleContainer{s.of(s.counter, before, 1, "test", "spike")})
			if waited := time.Since(before); waited > 0 {
				t.Fatalf("sampling waited %v", waited)
			}
			time.Sleep(time.Second)
		}
		before := time.Now()
		if err := o.Stop(); err != nil {
			t.Fatal(err)
		}
		if waited := time.Since(before); waited != stopWithin {
			t.Errorf("stopped after %v, want %v", waited, stopWithin)
		}
		if got, want := logged.LastEntry().Message, fmt.Sprintf("0 samples in 0 data and 0 calls to namespace weir; %d dropped (context canceled)", seconds); !strings.HasPrefix(got, want) {
			t.Errorf("report: %s, want %s", got, want)
		}
	})
}

// flaky fails the calls of the given numbers.
type flaky struct {
	calls int
	fail  map[int]bool
}

func (f *flaky) PutMetricData(context.Context, *cloudwatch.PutMetricDataInput, ...func(*cloudwatch.Options)) (*cloudwatch.PutMetricDataOutput, error) {
	f.calls++
	if f.fail[f.calls] {
		return nil, errors.New("throttled")
	}
	return nil, nil
}

func TestDroppedCallsAreCounted(t *testing.T) {
	s := startSender(&flaky{fail: map[int]bool{2: true}}, "weir")
	for _, n := range []int64{3, 4, 5} {
		s.put(call{data: make([]types.MetricDatum, 1), samples: n})
	}
	got := s.stop(time.Minute)
	if got.calls != 2 || got.samples != 8 || got.dropped != 4 || got.err == nil {
		t.Errorf("%+v, want 2 calls with 8 samples, 4 dropped", got)
	}
}
