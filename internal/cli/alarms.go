package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"weir/internal/metrics"
)

func newAlarms(p *Process) *cobra.Command {
	cmd := &cobra.Command{
		Use: "alarms", Short: "CloudWatch alarms for the six critical targets",
		Example: "  weir alarms deploy --stream orders --function orders-consumer --sns arn:aws:sns:eu-west-1:111122223333:ops --yes\n  weir alarms show",
		Args:    commandsOnly,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAlarmsShow(p), newAlarmsDeploy(p), newAlarmsDelete(p))
	return cmd
}

// topicFlag is the SNS topic that hears of the alarms.
type topicFlag struct{ arn string }

func (f *topicFlag) register(s *pflag.FlagSet) {
	s.StringVar(&f.arn, "sns", "", "ARN of an SNS topic that hears when an alarm goes off, and when it is over")
}

// alarms are those for w, with the topic's actions.
func (f *topicFlag) alarms(w metrics.Watched, name string) ([]metrics.Alarm, error) {
	alarms := metrics.Alarms(w, name)
	if f.arn == "" {
		return alarms, nil
	}
	// arn:partition:sns:region:account:topic
	if parts := strings.Split(f.arn, ":"); len(parts) != 6 || parts[0] != "arn" || parts[2] != "sns" || parts[3] != w.Region {
		return nil, usage(fmt.Errorf("--sns %q is no ARN of an SNS topic in %s", f.arn, w.Region), "aws sns list-topics shows them; an alarm's topic is in its own region")
	}
	metrics.Notify(alarms, f.arn)
	return alarms, nil
}

func newAlarmsShow(p *Process) *cobra.Command {
	var topic topicFlag
	cmd := showCommand(p, &cobra.Command{
		Use: "show", Short: "Print the alarms",
		Long:    "Prints an array of what PutMetricAlarm takes. It asks no account: what no flag and\nno variable says is as weir local has it.",
		Example: "  weir alarms show --stream orders --function orders-consumer --timeout 30s",
	}, func(w metrics.Watched, name string) error {
		alarms, err := topic.alarms(w, name)
		if err != nil {
			return err
		}
		e := json.NewEncoder(p.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(alarms)
	})
	topic.register(cmd.Flags())
	return cmd
}

func newAlarmsDeploy(p *Process) *cobra.Command {
	var topic topicFlag
	cmd := deployCommand(p, &cobra.Command{
		Use: "deploy", Short: "Make or replace the alarms in CloudWatch",
		Long:    "Looks up the function's timeout and the event source mapping, and puts six alarms.",
		Example: "  weir alarms deploy --stream orders --function orders-consumer --yes\n  weir alarms deploy --dry-run",
	}, func(ctx context.Context, a watchAccount, w metrics.Watched, name string) ([]change, error) {
		alarms, err := topic.alarms(w, name)
		if err != nil {
			return nil, err
		}
		there, err := a.present(ctx, alarms)
		var changes []change
		for _, alarm := range alarms {
			changes = append(changes, putAlarm(a, alarm, slices.Contains(there, alarm.AlarmName)))
		}
		return changes, err
	})
	topic.register(cmd.Flags())
	return cmd
}

func newAlarmsDelete(p *Process) *cobra.Command {
	return deleteCommand(p, &cobra.Command{
		Use: "delete", Short: "Delete the alarms from CloudWatch",
		Example: "  weir alarms delete --stream orders --yes",
	}, func(ctx context.Context, a watchAccount, name string) ([]change, error) {
		// Only their names matter.
		there, err := a.present(ctx, metrics.Alarms(metrics.Watched{}, name))
		if len(there) == 0 {
			return nil, err
		}
		return []change{deleteAlarms(a, there)}, nil
	})
}

// present are the names of those alarms that are in CloudWatch.
func (a watchAccount) present(ctx context.Context, alarms []metrics.Alarm) ([]string, error) {
	names := make([]string, len(alarms))
	for i, alarm := range alarms {
		names[i] = alarm.AlarmName
	}
	out, err := a.client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: names})
	if err != nil {
		return nil, fmt.Errorf("look for the alarms: %w", err)
	}
	var there []string
	for _, alarm := range out.MetricAlarms {
		there = append(there, *alarm.AlarmName)
	}
	return there, nil
}

func putAlarm(a watchAccount, alarm metrics.Alarm, exists bool) change {
	return change{
		operation: "PutMetricAlarm", input: alarm, does: verb(exists) + " alarm " + alarm.AlarmName,
		do: func(ctx context.Context) error {
			in, err := alarmInput(alarm)
			if err != nil {
				return err
			}
			_, err = a.client.PutMetricAlarm(ctx, in)
			return err
		},
	}
}

// alarmInput is the alarm for AWS's client, whose fields have the names of the
// API, as the alarm's have.
func alarmInput(alarm metrics.Alarm) (*cloudwatch.PutMetricAlarmInput, error) {
	text, err := json.Marshal(alarm)
	if err != nil {
		return nil, err
	}
	in := &cloudwatch.PutMetricAlarmInput{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return in, d.Decode(in)
}

func deleteAlarms(a watchAccount, names []string) change {
	return change{
		operation: "DeleteAlarms", input: map[string][]string{"AlarmNames": names},
		does: "delete alarms " + strings.Join(names, ", "),
		do: func(ctx context.Context) error {
			_, err := a.client.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: names})
			return err
		},
	}
}
