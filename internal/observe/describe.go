// Package observe collects what a run shows of itself (the generator's frames,
// CloudWatch's metrics, the function's log lines, the host) on one time axis.
// It knows that metrics come late, come twice, or never come.
package observe

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"weir/internal/pipeline"
	"weir/internal/quota"
	"weir/internal/record"
)

// Describe reads the pipeline's configuration as it is. The error says which
// part could not be read.
func Describe(ctx context.Context, a pipeline.Address) (record.Pipeline, error) {
	p := record.Pipeline{
		Kind: a.Kind, Profile: a.Profile, Region: a.Config.Region, Endpoint: a.Endpoint,
		ResolutionS: int(a.Resolution / time.Second),
		Stream:      a.Stream, Function: a.Function, Mapping: a.Mapping,
	}
	c := a.Clients()
	stream, err := c.Kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &a.Stream})
	if err != nil {
		return p, fmt.Errorf("describe stream %s: %w", a.Stream, err)
	}
	s := stream.StreamDescriptionSummary
	p.Shards, p.RetentionHours = value(s.OpenShardCount), value(s.RetentionPeriodHours)
	p.StreamMode, p.MaxRecordBytes = "PROVISIONED", quota.DefaultMaxRecordBytes
	if s.StreamModeDetails != nil {
		p.StreamMode = string(s.StreamModeDetails.StreamMode)
	}
	if s.MaxRecordSizeInKiB != nil {
		p.MaxRecordBytes = int(*s.MaxRecordSizeInKiB) << 10
	}
	for _, monitored := range s.EnhancedMonitoring {
		for _, metric := range monitored.ShardLevelMetrics {
			p.ShardMetrics = append(p.ShardMetrics, string(metric))
		}
	}
	if a.Function == "" {
		return p, nil
	}
	return p, describeFunction(ctx, c.Lambda, a, &p)
}

func describeFunction(ctx context.Context, c *lambda.Client, a pipeline.Address, p *record.Pipeline) error {
	f, err := c.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &a.Function})
	if err != nil {
		return fmt.Errorf("read the configuration of function %s: %w", a.Function, err)
	}
	p.FunctionTimeout = time.Duration(value(f.Timeout)) * time.Second
	p.FunctionMemoryMB = value(f.MemorySize)
	p.FunctionRuntime = string(f.Runtime)
	concurrency, err := c.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: &a.Function})
	if err != nil {
		return fmt.Errorf("read the concurrency of function %s: %w", a.Function, err)
	}
	p.Concurrency = value(concurrency.ReservedConcurrentExecutions)
	if a.Mapping == "" {
		return nil
	}
	m, err := c.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: &a.Mapping})
	if err != nil {
		return fmt.Errorf("read the event source mapping %s: %w", a.Mapping, err)
	}
	p.BatchSize, p.Parallelization = value(m.BatchSize), max(value(m.ParallelizationFactor), 1)
	p.BatchingWindow = time.Duration(value(m.MaximumBatchingWindowInSeconds)) * time.Second
	p.RetryAttempts = value(m.MaximumRetryAttempts)
	p.Bisect = m.BisectBatchOnFunctionError != nil && *m.BisectBatchOnFunctionError
	p.MaxRecordAge = time.Duration(max(0, value(m.MaximumRecordAgeInSeconds))) * time.Second
	if d := m.DestinationConfig; d != nil && d.OnFailure != nil && d.OnFailure.Destination != nil {
		p.OnFailure = *d.OnFailure.Destination
	}
	if m.MetricsConfig != nil {
		for _, metric := range m.MetricsConfig.Metrics {
			p.MappingEventCount = p.MappingEventCount || metric == lambdatypes.EventSourceMappingMetricEventCount
		}
	}
	return nil
}

func value(n *int32) int {
	if n == nil {
		return 0
	}
	return int(*n)
}
