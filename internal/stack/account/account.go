// Package account carries out in an AWS account what package stack decides: it
// makes, changes, removes and looks at the stack of a test pipeline.
package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"weir/internal/stack"
)

// Account is AWS's clients in one region.
type Account struct {
	stacks  *cloudformation.Client
	kinesis *kinesis.Client
	lambda  *lambda.Client
	sqs     *sqs.Client
	logs    *cloudwatchlogs.Client
	metrics *cloudwatch.Client
	iam     *iam.Client

	// Every is how often CloudFormation is asked how far it is.
	Every time.Duration
}

// New makes the clients; none calls anything yet.
func New(cfg aws.Config) *Account {
	return &Account{
		stacks: cloudformation.NewFromConfig(cfg), kinesis: kinesis.NewFromConfig(cfg), lambda: lambda.NewFromConfig(cfg),
		sqs: sqs.NewFromConfig(cfg), logs: cloudwatchlogs.NewFromConfig(cfg), metrics: cloudwatch.NewFromConfig(cfg), iam: iam.NewFromConfig(cfg),
		Every: 5 * time.Second,
	}
}

// State is the stack of that name or ID. That there is none is a state.
func (a *Account) State(ctx context.Context, name string) (stack.State, error) {
	out, err := a.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if said(err, "ValidationError", "does not exist") || err == nil && len(out.Stacks) == 0 {
		return stack.State{}, nil
	}
	if said(err, "UnknownError", "") { // the SDK's word for an answer that is not CloudFormation's
		return stack.State{}, fmt.Errorf("look at the stack %s: the endpoint has no CloudFormation, and neither has weir local: unset AWS_ENDPOINT_URL for an account, or have AWS_ENDPOINT_URL_CLOUDFORMATION name one that has it: %w", name, err)
	}
	if err != nil {
		return stack.State{}, fmt.Errorf("look at the stack %s: %w", name, err)
	}
	got := out.Stacks[0]
	s := stack.State{
		Exists: true, ID: aws.ToString(got.StackId), Status: string(got.StackStatus), Reason: aws.ToString(got.StackStatusReason),
		Created: aws.ToTime(got.CreationTime), Tags: map[string]string{}, Outputs: map[string]string{},
	}
	for _, t := range got.Tags {
		s.Tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	for _, o := range got.Outputs {
		s.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return s, nil
}

// Create starts the making of a stack.
func (a *Account) Create(ctx context.Context, in *cloudformation.CreateStackInput) error {
	_, err := a.stacks.CreateStack(ctx, in)
	return err
}

// Update starts the changing of a stack. That nothing is to change is no error.
func (a *Account) Update(ctx context.Context, in *cloudformation.UpdateStackInput) error {
	_, err := a.stacks.UpdateStack(ctx, in)
	if said(err, "ValidationError", "No updates are to be performed") {
		return nil
	}
	return err
}

// Delete starts the removal of a stack.
func (a *Account) Delete(ctx context.Context, in *cloudformation.DeleteStackInput) error {
	_, err := a.stacks.DeleteStack(ctx, in)
	return err
}

// CreateInput is the call that makes a stack.
func CreateInput(s stack.Spec, template string, tags []stack.Tag) *cloudformation.CreateStackInput {
	return &cloudformation.CreateStackInput{
		StackName: &s.Name, TemplateBody: &template, Parameters: parameters(s), Tags: tagsOf(tags),
		Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam}, TimeoutInMinutes: aws.Int32(15),
	}
}

// UpdateInput is the call that changes it.
func UpdateInput(s stack.Spec, template string, tags []stack.Tag) *cloudformation.UpdateStackInput {
	return &cloudformation.UpdateStackInput{
		StackName: &s.Name, TemplateBody: &template, Parameters: parameters(s), Tags: tagsOf(tags),
		Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
	}
}

func parameters(s stack.Spec) []types.Parameter {
	parameter := func(key string, value any) types.Parameter {
		return types.Parameter{ParameterKey: &key, ParameterValue: aws.String(fmt.Sprint(value))}
	}
	return []types.Parameter{
		parameter("Shards", s.Shards), parameter("BatchSize", s.BatchSize),
		parameter("ParallelizationFactor", s.Parallelization), parameter("Architecture", s.Architecture),
	}
}

func tagsOf(tags []stack.Tag) []types.Tag {
	var all []types.Tag
	for _, t := range tags {
		all = append(all, types.Tag{Key: &t.Key, Value: &t.Value})
	}
	return all
}

// patience is twice the time that a stack may take to be made.
const patience = 30 * time.Minute

// Wait asks until CloudFormation has finished with the stack, and tells each
// change of its status. Where ctx ends first, or after half an hour, it gives up
// and CloudFormation goes on.
func (a *Account) Wait(ctx context.Context, id string, tell func(status string)) (stack.State, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	before := ""
	for {
		s, err := a.State(ctx, id)
		if err != nil || !s.Moving() {
			return s, err
		}
		if s.Status != before {
			tell(s.Status)
			before = s.Status
		}
		select {
		case <-ctx.Done():
			return s, fmt.Errorf("wait for the stack, which is %s: %w", s.Status, ctx.Err())
		case <-time.After(a.Every):
		}
	}
}

// Failures are the reasons that CloudFormation gives for what failed, the first
// failure first: the others follow from it.
func (a *Account) Failures(ctx context.Context, id string) ([]string, error) {
	out, err := a.stacks.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &id})
	if err != nil {
		return nil, fmt.Errorf("read the stack's events: %w", err)
	}
	var reasons []string
	for _, e := range slices.Backward(out.StackEvents) { // they come newest first
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			reasons = append(reasons, fmt.Sprintf("%s %s: %s", aws.ToString(e.LogicalResourceId), e.ResourceStatus, aws.ToString(e.ResourceStatusReason)))
		}
	}
	return reasons, nil
}

// said reports whether err is an answer of AWS's with that code and text.
func said(err error, code, text string) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == code && strings.Contains(api.ErrorMessage(), text)
}
