// Package aws finds a pipeline in an AWS account. It reads only.
package aws

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"weir/internal/pipeline"
)

// Options name the pipeline; empty fields fall to the SDK's configuration.
type Options struct {
	Region   string
	Stream   string
	Function string
}

// Identity is who the calls are made as.
type Identity struct {
	Account string
	ARN     string
	Region  string
}

// Find loads the SDK's whole credential chain, asks who it is and finds the
// mapping from stream to function. The error of each part says what is
// missing.
func Find(ctx context.Context, o Options) (pipeline.Address, Identity, error) {
	// The SDK's own log would stand between the lines of the progress. What goes
	// wrong comes back as an error, or is counted.
	load := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})}
	if o.Region != "" {
		load = append(load, config.WithRegion(o.Region))
	}
	cfg, err := config.LoadDefaultConfig(ctx, load...)
	if err != nil {
		return pipeline.Address{}, Identity{}, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return pipeline.Address{}, Identity{}, fmt.Errorf("no AWS region: set AWS_REGION or give --region")
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return pipeline.Address{}, Identity{}, fmt.Errorf("ask AWS who the credentials belong to: %w", err)
	}
	a := pipeline.Address{
		Kind: pipeline.AWS, Config: cfg, Stream: o.Stream, Function: o.Function,
		// CloudWatch's points are a minute apart and up to three late
		// (AmazonCloudWatch monitoring pages, 2026-11-22).
		Resolution: time.Minute, Settle: 3 * time.Minute, DeliveryDelay: 10 * time.Second,
	}
	// An endpoint of the user's (AWS_ENDPOINT_URL and its kin) holds for the
	// generator too, which does not put records through the SDK.
	if base := a.Clients().Kinesis.Options().BaseEndpoint; base != nil {
		a.Endpoint = *base
	}
	id := Identity{Region: cfg.Region}
	if who.Account != nil && who.Arn != nil {
		id.Account, id.ARN = *who.Account, *who.Arn
	}
	if o.Function == "" {
		return a, id, nil
	}
	a.Mapping, err = findMapping(ctx, a, id)
	return a, id, err
}

func findMapping(ctx context.Context, a pipeline.Address, id Identity) (string, error) {
	stream := fmt.Sprintf("arn:aws:kinesis:%s:%s:stream/%s", id.Region, id.Account, a.Stream)
	got, err := a.Clients().Lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{
		FunctionName: &a.Function, EventSourceArn: &stream,
	})
	if err != nil {
		return "", fmt.Errorf("list the event source mappings of %s: %w", a.Function, err)
	}
	if len(got.EventSourceMappings) == 0 || got.EventSourceMappings[0].UUID == nil {
		return "", fmt.Errorf("function %s has no event source mapping from stream %s", a.Function, a.Stream)
	}
	return *got.EventSourceMappings[0].UUID, nil
}
