package account

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"

	"weir/internal/stack"
)

// Leftover is a part that is there though its stack is not.
type Leftover struct {
	What string `json:"what"`
	Fix  string `json:"fix"` // the command that removes it
}

// Left looks for every part by its name. It removes nothing: without the stack
// nothing says that weir made it.
func (a *Account) Left(ctx context.Context, n stack.Names) ([]Leftover, error) {
	var left []Leftover
	for _, look := range []struct {
		what, fix string
		there     func() (bool, error)
	}{
		{"stream " + n.Stream, "aws kinesis delete-stream --stream-name " + n.Stream, func() (bool, error) { return a.stream(ctx, n.Stream) }},
		{"function " + n.Function, "aws lambda delete-function --function-name " + n.Function, func() (bool, error) { return a.function(ctx, n.Function) }},
		{"queue " + n.Queue, "aws sqs delete-queue --queue-url $(aws sqs get-queue-url --queue-name " + n.Queue + " --output text)", func() (bool, error) { return a.queue(ctx, n.Queue) }},
		{"log group " + n.LogGroup, "aws logs delete-log-group --log-group-name " + n.LogGroup, func() (bool, error) { return a.logGroup(ctx, n.LogGroup) }},
		{"role " + n.Role, "aws iam delete-role --role-name " + n.Role, func() (bool, error) { return a.role(ctx, n.Role) }},
		{"dashboard " + n.Dashboard, "aws cloudwatch delete-dashboards --dashboard-names " + n.Dashboard, func() (bool, error) { return a.dashboard(ctx, n.Dashboard) }},
	} {
		there, err := look.there()
		if err != nil {
			return left, fmt.Errorf("look whether %s is left: %w", look.what, err)
		}
		if there {
			left = append(left, Leftover{look.what, look.fix})
		}
	}
	for _, list := range []func(context.Context, stack.Names) ([]Leftover, error){a.mappings, a.alarms} {
		more, err := list(ctx, n)
		if err != nil {
			return left, err
		}
		left = append(left, more...)
	}
	return left, nil
}

// present is whether a call that describes a thing found it.
func present(err error) (bool, error) {
	api, ok := errors.AsType[smithy.APIError](err)
	if ok && slices.Contains([]string{
		"ResourceNotFoundException", "ResourceNotFound", "NoSuchEntity", "NoSuchEntityException",
		"QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "DashboardNotFoundError",
	}, api.ErrorCode()) {
		return false, nil
	}
	return err == nil, err
}

func (a *Account) stream(ctx context.Context, name string) (bool, error) {
	out, err := a.kinesis.DescribeStreamSummary(ctx, &kinesis.DescribeStreamSummaryInput{StreamName: &name})
	if err == nil && out.StreamDescriptionSummary.StreamStatus == "DELETING" {
		return false, nil
	}
	return present(err)
}

func (a *Account) function(ctx context.Context, name string) (bool, error) {
	_, err := a.lambda.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &name})
	return present(err)
}

func (a *Account) queue(ctx context.Context, name string) (bool, error) {
	_, err := a.sqs.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: &name})
	return present(err)
}

func (a *Account) logGroup(ctx context.Context, name string) (bool, error) {
	out, err := a.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &name})
	if err != nil {
		return present(err)
	}
	for _, g := range out.LogGroups {
		if aws.ToString(g.LogGroupName) == name {
			return true, nil
		}
	}
	return false, nil
}

func (a *Account) role(ctx context.Context, name string) (bool, error) {
	_, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	return present(err)
}

func (a *Account) dashboard(ctx context.Context, name string) (bool, error) {
	_, err := a.metrics.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: &name})
	return present(err)
}

func (a *Account) mappings(ctx context.Context, n stack.Names) ([]Leftover, error) {
	out, err := a.lambda.ListEventSourceMappings(ctx, &lambda.ListEventSourceMappingsInput{FunctionName: &n.Function})
	if err != nil {
		if _, err = present(err); err != nil {
			err = fmt.Errorf("look whether an event source mapping is left: %w", err)
		}
		return nil, err
	}
	var left []Leftover
	for _, m := range out.EventSourceMappings {
		if id := aws.ToString(m.UUID); aws.ToString(m.State) != "Deleting" {
			left = append(left, Leftover{"event source mapping " + id, "aws lambda delete-event-source-mapping --uuid " + id})
		}
	}
	return left, nil
}

func (a *Account) alarms(ctx context.Context, n stack.Names) ([]Leftover, error) {
	out, err := a.metrics.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNamePrefix: &n.AlarmPrefix})
	if err != nil {
		return nil, fmt.Errorf("look whether alarms are left: %w", err)
	}
	var left []Leftover
	for _, alarm := range out.MetricAlarms {
		name := aws.ToString(alarm.AlarmName)
		left = append(left, Leftover{"alarm " + name, "aws cloudwatch delete-alarms --alarm-names " + name})
	}
	return left, nil
}
