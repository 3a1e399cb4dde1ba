package push

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/sirupsen/logrus"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"
)

// CloudWatchName is the output's name: --out cloudwatch.
const CloudWatchName = "cloudwatch"

const (
	collectEvery = time.Second
	// samples reach outputs up to a second after their time.
	samplesComeLate = 2 * time.Second
	callTimeout     = 10 * time.Second
	callAttempts    = 5
	longestBackoff  = 20 * time.Second
	// stopWithin bounds what the end of a test waits for a service.
	stopWithin = 15 * time.Second
)

// cloudWatch is the k6 output "cloudwatch".
type cloudWatch struct {
	output.SampleBuffer

	settings cloudWatchSettings
	region   string
	client   putMetricData
	logger   logrus.FieldLogger

	// The flusher's goroutine owns what follows, and Stop once it has ended.
	flusher *output.PeriodicFlusher
	sums    *summaries
	sender  *sender
	charge  charge
}

// NewCloudWatch is the constructor of the k6 output "cloudwatch". It reads
// AWS's configuration and calls nothing yet.
func NewCloudWatch(p output.Params) (output.Output, error) {
	s, err := parseCloudWatch(p)
	if err != nil {
		return nil, err
	}
	client, region, err := newCloudWatchClient(s)
	if err != nil {
		return nil, err
	}
	return newCloudWatch(s, client, region, p.Logger), nil
}

func newCloudWatch(s cloudWatchSettings, client putMetricData, region string, logger logrus.FieldLogger) *cloudWatch {
	return &cloudWatch{
		settings: s, region: region, client: client, logger: logger.WithField("output", CloudWatchName),
		sums: newSummaries(s.period, newBounds(s.dimensions, s.maxMetrics)),
	}
}

func newCloudWatchClient(s cloudWatchSettings) (*cloudwatch.Client, string, error) {
	var options []func(*config.LoadOptions) error
	if s.region != "" {
		options = append(options, config.WithRegion(s.region))
	}
	if s.endpoint != "" {
		options = append(options, config.WithBaseEndpoint(s.endpoint))
	}
	options = append(options,
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(callTimeout)),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts, o.MaxBackoff = callAttempts, longestBackoff
			})
		}))
	c, err := config.LoadDefaultConfig(context.Background(), options...)
	if err != nil {
		return nil, "", fmt.Errorf("load AWS configuration: %w", err)
	}
	if c.Region == "" {
		return nil, "", errors.New("no region: set AWS_REGION, or give --out cloudwatch=region=eu-west-1")
	}
	return cloudwatch.NewFromConfig(c), c.Region, nil
}

// Description implements output.Output.
func (o *cloudWatch) Description() string {
	return fmt.Sprintf("CloudWatch (namespace %s, region %s, every %v)", o.settings.namespace, o.region, o.settings.period)
}

// Start implements output.Output.
func (o *cloudWatch) Start() error {
	o.sender = startSender(o.client, o.settings.namespace)
	var err error
	o.flusher, err = output.NewPeriodicFlusher(collectEvery, func() { o.collect(time.Now().Add(-samplesComeLate)) })
	return err
}

// Stop implements output.Output: it sends what is left and says what became of
// everything.
func (o *cloudWatch) Stop() error {
	o.flusher.Stop()
	o.collect(time.Now().Add(2 * o.settings.period)) // windows that have not ended yet, too
	o.logger.Info(o.report(o.sender.stop(stopWithin)))
	return nil
}

// collect sums up what was sampled and sends what ended by the given moment.
func (o *cloudWatch) collect(ended time.Time) {
	addAll(o.sums, o.GetBufferedSamples())
	windows := o.sums.take(ended)
	o.charge.add(windows)
	for _, c := range calls(windows, o.settings.period) {
		o.sender.put(c)
	}
}

func addAll(s *summaries, containers []metrics.SampleContainer) {
	for _, c := range containers {
		for _, sample := range c.GetSamples() {
			s.add(sample)
		}
	}
}

// report says in one line what became of the samples.
func (o *cloudWatch) report(s sent) string {
	o.charge.calls = s.calls
	var b strings.Builder
	fmt.Fprintf(&b, "%d samples in %d data and %d calls to namespace %s; %d dropped", s.samples, s.data, s.calls, o.settings.namespace, s.dropped)
	if s.err != nil {
		fmt.Fprintf(&b, " (%v)", s.err)
	}
	b.WriteString(o.sums.losses())
	fmt.Fprintf(&b, "; %s", o.charge.text(o.region))
	return b.String()
}
