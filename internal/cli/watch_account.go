package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"weir/internal/metrics"
	"weir/internal/pipeline"
	awspipeline "weir/internal/pipeline/aws"
)

// watchAccount is where CloudWatch is.
type watchAccount struct {
	who      awspipeline.Identity
	address  pipeline.Address
	client   *cloudwatch.Client
	endpoint string // empty: AWS's own
}

// open asks whom the credentials belong to. Without function the mapping is not
// looked for.
func (f *watchFlags) open(ctx context.Context, p *Process, function string) (watchAccount, error) {
	if err := f.checkName(); err != nil {
		return watchAccount{}, err
	}
	address, who, err := awspipeline.Find(ctx, awspipeline.Options{Region: f.region, Stream: f.stream, Function: function})
	if err != nil {
		return watchAccount{}, usage(err, "check the credentials (aws sts get-caller-identity), the region and the names;\nfor the embedded pipeline set what weir local prints")
	}
	a := watchAccount{who: who, address: address, client: address.Clients().CloudWatch}
	if base := a.client.Options().BaseEndpoint; base != nil {
		a.endpoint = *base
	}
	fmt.Fprintf(p.Stderr, "account %s (%s), region %s%s\n", who.Account, who.ARN, who.Region, at(a.endpoint))
	return a, nil
}

func at(endpoint string) string {
	if endpoint == "" {
		return ""
	}
	return ", endpoint " + endpoint
}

// inAWS reports whether changes would be made in an AWS account.
func (a watchAccount) inAWS() bool {
	u, err := url.Parse(a.endpoint)
	if a.endpoint == "" || err != nil {
		return true
	}
	host := u.Hostname()
	return strings.HasSuffix(host, ".amazonaws.com") || strings.HasSuffix(host, ".amazonaws.com.cn") || strings.HasSuffix(host, ".api.aws")
}

// found is the pipeline as the account has it: the mapping, whether it sends
// metrics, and the function's timeout.
func (f *watchFlags) found(ctx context.Context, p *Process) (metrics.Watched, watchAccount, error) {
	f.fill(p)
	switch {
	case f.stream == "":
		return metrics.Watched{}, watchAccount{}, usage(errNoStream, "give --stream or set KINESIS_STREAM_NAME")
	case f.function == "":
		return metrics.Watched{}, watchAccount{}, usage(errors.New("no function"), "give --function or set LAMBDA_FUNCTION_NAME")
	}
	if _, err := f.limits(0); err != nil { // before the account is asked
		return metrics.Watched{}, watchAccount{}, err
	}
	a, err := f.open(ctx, p, f.function)
	if err != nil {
		return metrics.Watched{}, a, err
	}
	client := a.address.Clients().Lambda
	function, err := client.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &f.function})
	if err != nil {
		return metrics.Watched{}, a, fmt.Errorf("read the configuration of %s: %w", f.function, err)
	}
	mapping, err := client.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &a.address.Mapping})
	if err != nil {
		return metrics.Watched{}, a, fmt.Errorf("read the event source mapping %s: %w", a.address.Mapping, err)
	}
	w := metrics.Watched{Region: a.who.Region, Stream: f.stream, Function: f.function, Mapping: a.address.Mapping}
	if function.Timeout != nil {
		w.Limits, err = f.limits(time.Duration(*function.Timeout) * time.Second)
	}
	if c := mapping.MetricsConfig; c == nil || !slices.Contains(c.Metrics, types.EventSourceMappingMetricEventCount) {
		fmt.Fprintf(p.Stderr, "the mapping sends no EventCount metrics, so throughput match counts what the probe received; to enable them:\n  aws lambda update-event-source-mapping --uuid %s --metrics-config Metrics=EventCount\n", w.Mapping)
		w.Mapping = ""
	}
	return w, a, err
}

// named opens the account for what goes by the name alone.
func (f *watchFlags) named(ctx context.Context, p *Process) (watchAccount, error) {
	f.fill(p)
	if f.stream == "" && f.name == "" {
		return watchAccount{}, usage(errNoStream, "give --stream or --name, or set KINESIS_STREAM_NAME")
	}
	return f.open(ctx, p, "")
}
