package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awsecs "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/spf13/cobra"

	"weir/internal/fleet/ecs"
	"weir/internal/load"
	"weir/internal/load/frame"
)

func newFleetECS(p *Process) *cobra.Command {
	var f fleetFlags
	var o ecs.Options
	cmd := &cobra.Command{
		Use:   "ecs TEST",
		Short: "A fleet of ECS tasks on Fargate",
		Long: `Carries out a test by tasks of Amazon ECS. weir runs a task for each runner, follows
the log streams they write, merges what they report into one run, and stops the
tasks that are left when it is interrupted. The task definition must have weir as
its entry point, a role that may put records into the stream, and the awslogs
driver: weir deploy show ecs fills one in. All runners start the schedule together,
--start-in from now: tasks have until then.`,
		Example: `  weir deploy show ecs --stream orders --image registry.example/weir:1 > task.json
  weir fleet ecs --runners 8 baseline-500b --rate 50000 --stream orders --function orders-consumer \
    --cluster load --task weir --subnets subnet-0a1,subnet-0b2 --security-groups sg-0c3 --yes`,
		Args: exactArgs(1, "a test"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.Cluster == "" || o.TaskDefinition == "" || len(o.Subnets) == 0 {
				return usagef("--cluster, --task and --subnets say where the runners run: give all three")
			}
			f.target = "aws"
			return f.run(cmd.Context(), p, args[0], func(ctx context.Context, l load.Options) (loader, error) {
				return startTasks(ctx, p, o, l, f.runners, f.startAt(time.Now()))
			})
		},
	}
	f.registerAWS(cmd.Flags(), 3*time.Minute, "time-scale")
	f.load.timeScale = 1
	f.registerRunners(cmd.Flags())
	s := cmd.Flags()
	s.StringVar(&o.Cluster, "cluster", "", "the ECS cluster")
	s.StringVar(&o.TaskDefinition, "task", "", "the task definition, by family or family:revision")
	s.StringVar(&o.Container, "container", "", "of the task definition (default its first)")
	s.StringSliceVar(&o.Subnets, "subnets", nil, "of the tasks, with commas between: those of the stream's region")
	s.StringSliceVar(&o.SecurityGroups, "security-groups", nil, "of the tasks (default the VPC's)")
	s.BoolVar(&o.PublicIP, "public-ip", false, "for subnets without a NAT gateway or endpoints")
	s.BoolVar(&o.Spot, "spot", false, "on FARGATE_SPOT: cheaper; a task that is taken away says so, and the rest of its share is not sent")
	cmd.RunE = withUI(p, &f.load, cmd.RunE)
	return cmd
}

// Intervals of following tasks.
const (
	tasksEvery = 5 * time.Second  // ECS is asked what has ended
	logsAfter  = 30 * time.Second // a stopped task's last lines have this long to arrive
	// logCallsPerSecond stays well under the 25 GetLogEvents that an account has
	// (CloudWatch Logs quotas, 2026-11-22).
	logCallsPerSecond = 10
)

// startTasks runs a task for each runner and follows their logs.
func startTasks(ctx context.Context, p *Process, o ecs.Options, l load.Options, runners int, at time.Time) (loader, error) {
	if err := runsElsewhere(l.Spec.Test); err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(l.Spec.Region), config.WithRetryMaxAttempts(8))
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	o.StartedBy = fmt.Sprintf("weir-%06x", l.Spec.Run)
	tasks := ecs.New(awsecs.NewFromConfig(cfg), o)
	log, err := tasks.FindLog(ctx)
	if err != nil {
		return nil, usage(err, "weir deploy show ecs prints a task definition as weir needs it")
	}
	l.Spec.Start = at
	word, err := fleetOrder{Format: orderFormat, Version: version(), Runners: runners, Script: l.Script, Args: l.Args, Spec: l.Spec}.pack()
	if err != nil {
		return nil, err
	}
	commands := make([][]string, runners)
	for i := range commands {
		commands[i] = []string{"fleet", "runner", fmt.Sprintf("%d/%d", i+1, runners)}
	}
	arns, err := tasks.Start(ctx, commands, map[string]string{envOrder: word})
	if err != nil {
		return nil, usage(err, "the tasks that were started have been stopped")
	}
	fmt.Fprintf(p.Stderr, "%d tasks of %s in cluster %s, start at %s\n", runners, o.TaskDefinition, o.Cluster, at.UTC().Format("15:04:05 UTC"))
	client := cloudwatchlogs.NewFromConfig(cfg)
	following, stopped := context.WithCancel(ctx)
	ends := watchTasks(following, tasks, arns)
	members := make([]member, runners)
	for i, arn := range arns {
		members[i].where = "task " + arn[strings.LastIndexByte(arn, '/')+1:]
		members[i].follow = func(report func(frame.Numbered)) (string, int) {
			lines := &lineReports{report: report}
			tail := &logTail{client: client, group: log.Group, stream: log.Stream(arn), every: max(tasksEvery/2, time.Duration(runners)*time.Second/logCallsPerSecond)}
			return lines.ended(tail.follow(ctx, ends[i], lines.take)), 0
		}
	}
	stop := func() {
		if err := tasks.Stop(context.WithoutCancel(ctx), "weir was interrupted"); err != nil {
			fmt.Fprintln(p.Stderr, "weir:", err)
		}
	}
	return ending{newCrew(members, stop), func() {
		stopped()
		if n := tasks.Retries(); n > 0 {
			fmt.Fprintf(p.Stderr, "%d calls to ECS were made again: throttled, or failed for a moment\n", n)
		}
	}}, nil
}

// watchTasks says of each task, once, how it ended. It asks until ctx ends.
func watchTasks(ctx context.Context, tasks *ecs.Tasks, arns []string) []chan string {
	ends := make([]chan string, len(arns))
	for i := range ends {
		ends[i] = make(chan string, 1)
	}
	go func() {
		said := make([]bool, len(arns))
		tick := time.NewTicker(tasksEvery)
		defer tick.Stop()
		for {
			ended, err := tasks.Ended(ctx)
			for i, arn := range arns {
				if how, ok := ended[arn]; err == nil && ok && !said[i] {
					said[i] = true
					ends[i] <- how
				}
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	return ends
}
