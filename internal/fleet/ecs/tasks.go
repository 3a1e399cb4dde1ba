// Package ecs carries out a fleet's test by tasks of Amazon ECS, each a runner.
package ecs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go/middleware"
)

// Options say what the fleet is.
type Options struct {
	Cluster        string // name or ARN
	TaskDefinition string // family, family:revision or ARN; its image has weir as its entry point
	Container      string // of the task definition; empty: its first
	Subnets        []string
	SecurityGroups []string
	PublicIP       bool // where the subnets have no NAT gateway and no endpoints
	Spot           bool // FARGATE_SPOT: cheaper, and taken away with two minutes' notice
	StartedBy      string
}

// Tasks are the tasks of one fleet. Once started they are safe for concurrent use.
type Tasks struct {
	client  *ecs.Client
	options Options
	arns    []string
	retries atomic.Int64
}

// New is a fleet that has not started anything.
func New(client *ecs.Client, o Options) *Tasks { return &Tasks{client: client, options: o} }

// Log says where a task definition's container logs to: a group of CloudWatch
// Logs, and the prefix of the streams in it.
type Log struct{ Group, Prefix, Container string }

// Stream is the name of a task's log stream (Amazon ECS developer guide, "Send
// Amazon ECS logs to CloudWatch", 2026-11-22).
func (l Log) Stream(arn string) string {
	return l.Prefix + "/" + l.Container + "/" + arn[strings.LastIndexByte(arn, '/')+1:]
}

// FindLog finds where the task definition logs to, and the container.
func (t *Tasks) FindLog(ctx context.Context) (Log, error) {
	got, err := t.client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &t.options.TaskDefinition})
	if err != nil {
		return Log{}, fmt.Errorf("describe task definition %s: %w", t.options.TaskDefinition, err)
	}
	t.count(got.ResultMetadata)
	all := got.TaskDefinition.ContainerDefinitions
	i := slices.IndexFunc(all, func(c types.ContainerDefinition) bool {
		return t.options.Container == "" || c.Name != nil && *c.Name == t.options.Container
	})
	if i < 0 {
		return Log{}, fmt.Errorf("task definition %s has no container %q", t.options.TaskDefinition, t.options.Container)
	}
	c := all[i]
	if c.LogConfiguration == nil || c.LogConfiguration.LogDriver != types.LogDriverAwslogs || c.LogConfiguration.Options["awslogs-stream-prefix"] == "" {
		return Log{}, fmt.Errorf("container %s of task definition %s has no awslogs driver with a stream prefix: weir reads the runners' reports there", *c.Name, t.options.TaskDefinition)
	}
	t.options.Container = *c.Name
	o := c.LogConfiguration.Options
	return Log{Group: o["awslogs-group"], Prefix: o["awslogs-stream-prefix"], Container: *c.Name}, nil
}

// Start starts a task for each command and returns their ARNs in that order. An
// error leaves no task behind, as far as they can be stopped.
func (t *Tasks) Start(ctx context.Context, commands [][]string, env map[string]string) ([]string, error) {
	var variables []types.KeyValuePair
	for name, value := range env {
		variables = append(variables, types.KeyValuePair{Name: &name, Value: &value})
	}
	for i, command := range commands {
		arn, err := t.run(ctx, command, variables)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start runner %d: %w", i+1, err), t.Stop(context.WithoutCancel(ctx), "another runner could not be started"))
		}
		t.arns = append(t.arns, arn)
	}
	return t.arns, nil
}

func (t *Tasks) run(ctx context.Context, command []string, env []types.KeyValuePair) (arn string, err error) {
	in := &ecs.RunTaskInput{
		Cluster: &t.options.Cluster, TaskDefinition: &t.options.TaskDefinition, StartedBy: &t.options.StartedBy, Count: new(int32(1)),
		Overrides: &types.TaskOverride{ContainerOverrides: []types.ContainerOverride{{Name: &t.options.Container, Command: command, Environment: env}}},
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: t.options.Subnets, SecurityGroups: t.options.SecurityGroups, AssignPublicIp: types.AssignPublicIpDisabled,
		}},
		Tags: []types.Tag{{Key: new("managed-by"), Value: new("weir")}},
	}
	if t.options.PublicIP {
		in.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp = types.AssignPublicIpEnabled
	}
	if t.options.Spot {
		in.CapacityProviderStrategy = []types.CapacityProviderStrategyItem{{CapacityProvider: new("FARGATE_SPOT"), Weight: 1}}
	} else {
		in.LaunchType = types.LaunchTypeFargate
	}
	got, err := t.client.RunTask(ctx, in)
	if err != nil {
		return "", fmt.Errorf("run task: %w", err)
	}
	t.count(got.ResultMetadata)
	if len(got.Tasks) != 1 || got.Tasks[0].TaskArn == nil {
		return "", fmt.Errorf("run task: %s", failures(got.Failures))
	}
	return *got.Tasks[0].TaskArn, nil
}

func failures(all []types.Failure) string {
	var words []string
	for _, f := range all {
		for _, s := range []*string{f.Reason, f.Detail} {
			if s != nil && *s != "" {
				words = append(words, *s)
			}
		}
	}
	if len(words) == 0 {
		return "ECS started none and gave no reason"
	}
	return strings.Join(words, ", ")
}

// Stop stops the tasks that Start started. Those that have ended stay as they
// are.
func (t *Tasks) Stop(ctx context.Context, reason string) error {
	var errs []error
	for _, arn := range t.arns {
		got, err := t.client.StopTask(ctx, &ecs.StopTaskInput{Cluster: &t.options.Cluster, Task: &arn, Reason: &reason})
		if _, gone := errors.AsType[*types.InvalidParameterException](err); err != nil && !gone {
			errs = append(errs, fmt.Errorf("stop task %s: %w", arn, err))
			continue
		}
		if err == nil {
			t.count(got.ResultMetadata)
		}
	}
	return errors.Join(errs...)
}

// describedAtOnce is how many tasks a call describes at most (API reference,
// DescribeTasks, 2026-11-22).
const describedAtOnce = 100

// Ended are the tasks that have ended, by ARN, and how, in words.
func (t *Tasks) Ended(ctx context.Context) (map[string]string, error) {
	ended := map[string]string{}
	for some := range slices.Chunk(t.arns, describedAtOnce) {
		got, err := t.client.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &t.options.Cluster, Tasks: some})
		if err != nil {
			return nil, fmt.Errorf("describe tasks: %w", err)
		}
		t.count(got.ResultMetadata)
		for _, task := range got.Tasks {
			if task.TaskArn != nil && task.LastStatus != nil && *task.LastStatus == "STOPPED" {
				ended[*task.TaskArn] = howEnded(task)
			}
		}
		for _, f := range got.Failures { // gone since: ECS forgets a task an hour after its end
			if f.Arn != nil {
				ended[*f.Arn] = "the task is gone (" + failures([]types.Failure{f}) + ")"
			}
		}
	}
	return ended, nil
}

// howEnded is how a task ended, in words: a spot interruption by that name.
func howEnded(task types.Task) string {
	text := "the task stopped"
	if task.StopCode == types.TaskStopCodeSpotInterruption {
		text = "the spot task was interrupted"
	}
	if task.StoppedReason != nil && *task.StoppedReason != "" {
		text += ": " + *task.StoppedReason
	}
	for _, c := range task.Containers {
		if c.ExitCode != nil {
			text += fmt.Sprintf(", exit code %d", *c.ExitCode)
		}
		if c.Reason != nil && *c.Reason != "" {
			text += ", " + *c.Reason
		}
	}
	return text
}

// Retries is how many calls were made again, because they were throttled or
// failed for a moment.
func (t *Tasks) Retries() int { return int(t.retries.Load()) }

func (t *Tasks) count(m middleware.Metadata) {
	if attempts, ok := retry.GetAttemptResults(m); ok && len(attempts.Results) > 1 {
		t.retries.Add(int64(len(attempts.Results) - 1))
	}
}
