package inspect

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"weir/internal/doctor"
)

func (r *reader) readFunction(ctx context.Context) {
	name := r.Address.Function
	if name == "" {
		return
	}
	got, err := r.clients.Lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
	if !r.noted("lambda:GetFunctionConfiguration", "function "+name, err) {
		return
	}
	f := &doctor.Function{
		Name: name, State: string(got.State), Timeout: time.Duration(aws.ToInt32(got.Timeout)) * time.Second,
		MemoryMB: int(aws.ToInt32(got.MemorySize)), Runtime: string(got.Runtime), Architecture: string(types.ArchitectureX8664),
		InVPC: got.VpcConfig != nil && len(got.VpcConfig.SubnetIds) > 0,
	}
	if len(got.Architectures) > 0 {
		f.Architecture = string(got.Architectures[0])
	}
	if got.Environment != nil {
		f.ProbeLanes = got.Environment.Variables["WEIR_PROBE_LANES"] == "1"
	}
	concurrency, err := r.clients.Lambda.GetFunctionConcurrency(ctx, &lambda.GetFunctionConcurrencyInput{FunctionName: &name})
	if r.noted("lambda:GetFunctionConcurrency", "concurrency of function "+name, err) && concurrency.ReservedConcurrentExecutions != nil {
		f.Reserved = new(int(*concurrency.ReservedConcurrentExecutions))
	}
	r.facts.Function = f
}

// readMapping finds the function's mapping of the stream, or of a consumer of
// it, and counts who else polls the stream.
func (r *reader) readMapping(ctx context.Context) {
	if r.facts.Function == nil || r.facts.Stream == nil {
		return
	}
	part := "event source mapping from " + r.facts.Stream.Name + " to " + r.facts.Function.Name
	var found *types.EventSourceMappingConfiguration
	pages := lambda.NewListEventSourceMappingsPaginator(r.clients.Lambda, &lambda.ListEventSourceMappingsInput{FunctionName: &r.facts.Function.Name})
	for pages.HasMorePages() && found == nil {
		page, err := pages.NextPage(ctx)
		if !r.noted("lambda:ListEventSourceMappings", part, err) {
			return
		}
		for i, m := range page.EventSourceMappings {
			if source := aws.ToString(m.EventSourceArn); source == r.stream || strings.HasPrefix(source, r.stream+"/consumer/") {
				found = &page.EventSourceMappings[i]
				break
			}
		}
	}
	if found == nil {
		r.facts.Unreadable = append(r.facts.Unreadable, doctor.Unreadable{Part: part, Error: "the function has no mapping of this stream", Missing: true})
		return
	}
	got, err := r.clients.Lambda.GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: found.UUID})
	if !r.noted("lambda:GetEventSourceMapping", part, err) {
		return
	}
	r.facts.Mapping = mapping(got)
	r.facts.Stream.Readers = r.readers(ctx)
}

func mapping(got *lambda.GetEventSourceMappingOutput) *doctor.Mapping {
	seconds := func(n *int32) time.Duration { return time.Duration(aws.ToInt32(n)) * time.Second }
	m := &doctor.Mapping{
		UUID: aws.ToString(got.UUID), State: aws.ToString(got.State), LastResult: aws.ToString(got.LastProcessingResult),
		BatchSize: int(aws.ToInt32(got.BatchSize)), Window: seconds(got.MaximumBatchingWindowInSeconds),
		Parallelization: max(int(aws.ToInt32(got.ParallelizationFactor)), 1), RetryAttempts: -1, MaxRecordAge: -1,
		Bisect: aws.ToBool(got.BisectBatchOnFunctionError), StartingPosition: string(got.StartingPosition),
		Tumbling: seconds(got.TumblingWindowInSeconds), FanOut: strings.Contains(aws.ToString(got.EventSourceArn), "/consumer/"),
	}
	if got.MaximumRetryAttempts != nil {
		m.RetryAttempts = int(*got.MaximumRetryAttempts)
	}
	if got.MaximumRecordAgeInSeconds != nil && *got.MaximumRecordAgeInSeconds > 0 {
		m.MaxRecordAge = seconds(got.MaximumRecordAgeInSeconds)
	}
	for _, kind := range got.FunctionResponseTypes {
		m.ReportsFailures = m.ReportsFailures || kind == types.FunctionResponseTypeReportBatchItemFailures
	}
	if d := got.DestinationConfig; d != nil && d.OnFailure != nil {
		m.OnFailure = aws.ToString(d.OnFailure.Destination)
	}
	if got.FilterCriteria != nil {
		m.Filters = len(got.FilterCriteria.Filters)
	}
	if got.MetricsConfig != nil {
		for _, metric := range got.MetricsConfig.Metrics {
			m.EventCount = m.EventCount || metric == types.EventSourceMappingMetricEventCount
		}
	}
	return m
}

// readers counts the enabled mappings that poll the stream; at least the one
// that was found.
func (r *reader) readers(ctx context.Context) int {
	n := 0
	pages := lambda.NewListEventSourceMappingsPaginator(r.clients.Lambda, &lambda.ListEventSourceMappingsInput{EventSourceArn: &r.stream})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			break
		}
		for _, m := range page.EventSourceMappings {
			if aws.ToString(m.State) != "Disabled" && aws.ToString(m.EventSourceArn) == r.stream {
				n++
			}
		}
	}
	return max(n, 1)
}
