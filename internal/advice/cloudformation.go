package advice

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"weir/internal/metrics"
	"weir/internal/price"
)

// part is a mapping of YAML in its order.
type part = yaml.MapSlice

func ref(name string) part { return part{{Key: "Ref", Value: name}} }

func attribute(of, name string) part {
	return part{{Key: "Fn::GetAtt", Value: []string{of, name}}}
}

func resource(kind string, properties part) part {
	return part{{Key: "Type", Value: "AWS::" + kind}, {Key: "Properties", Value: properties}}
}

// CloudFormation writes the stream, the mapping with its on-failure queue and
// the alarms as a template; the function is a parameter, and what it needs is
// said in a comment.
func (a Advice) CloudFormation(w io.Writer) error {
	resources := part{
		{Key: "Stream", Value: a.streamResource()},
		{Key: "OnFailure", Value: resource("SQS::Queue", part{{Key: "MessageRetentionPeriod", Value: queueRetention}})},
	}
	source := attribute("Stream", "Arn")
	if a.Config.FanOut {
		resources = append(resources, yaml.MapItem{Key: "Consumer", Value: resource("Kinesis::StreamConsumer", part{
			{Key: "StreamARN", Value: source}, {Key: "ConsumerName", Value: a.stream + "-consumer"},
		})})
		source = attribute("Consumer", "ConsumerARN")
	}
	resources = append(resources, yaml.MapItem{Key: "Mapping", Value: a.mappingResource(source)})
	for _, alarm := range a.Alarms {
		properties, err := alarmProperties(alarm)
		if err != nil {
			return err
		}
		resources = append(resources, yaml.MapItem{Key: logicalName(alarm.AlarmName), Value: resource("CloudWatch::Alarm", properties)})
	}
	template, err := yaml.Marshal(part{
		{Key: "AWSTemplateFormatVersion", Value: "2010-09-09"},
		{Key: "Description", Value: fmt.Sprintf("%s for %s, recommended from run %s", a.stream, perSecond(a.Rate), a.Run)},
		{Key: "Parameters", Value: part{{Key: "Function", Value: part{{Key: "Type", Value: "String"}, {Key: "Default", Value: a.function}}}}},
		{Key: "Resources", Value: resources},
	})
	if err != nil {
		return fmt.Errorf("encode the template: %w", err)
	}
	_, err = fmt.Fprintf(w, "# The function is not made here; it needs%s\n# and sqs:SendMessage on the queue OnFailure in its role.\n%s", a.functionNeeds(), template)
	return err
}

// queueRetention is SQS's longest, 14 days in seconds
// (AWSSimpleQueueService API_SetQueueAttributes, 2026-11-22).
const queueRetention = 1209600

func (a Advice) functionNeeds() string {
	text := fmt.Sprintf(" MemorySize %d, Timeout %d", a.Config.MemoryMB, a.Config.TimeoutSeconds)
	if a.Config.Concurrency > 0 {
		text += fmt.Sprintf(", ReservedConcurrentExecutions %d", a.Config.Concurrency)
	}
	return text
}

func (a Advice) streamResource() part {
	properties := part{{Key: "Name", Value: a.stream}, {Key: "RetentionPeriodHours", Value: a.Config.RetentionHours}}
	mode := "PROVISIONED"
	if a.Config.Mode == price.OnDemand {
		mode = "ON_DEMAND"
	} else {
		properties = append(properties, yaml.MapItem{Key: "ShardCount", Value: a.Config.Shards})
	}
	return resource("Kinesis::Stream", append(properties, yaml.MapItem{Key: "StreamModeDetails", Value: part{{Key: "StreamMode", Value: mode}}}))
}

func (a Advice) mappingResource(source part) part {
	c := a.Config
	return resource("Lambda::EventSourceMapping", part{
		{Key: "EventSourceArn", Value: source},
		{Key: "FunctionName", Value: ref("Function")},
		{Key: "StartingPosition", Value: "TRIM_HORIZON"},
		{Key: "BatchSize", Value: c.BatchSize},
		{Key: "MaximumBatchingWindowInSeconds", Value: c.WindowSeconds},
		{Key: "ParallelizationFactor", Value: c.Parallelization},
		{Key: "MaximumRetryAttempts", Value: c.RetryAttempts},
		{Key: "MaximumRecordAgeInSeconds", Value: c.MaxAgeSeconds},
		{Key: "BisectBatchOnFunctionError", Value: c.Bisect},
		{Key: "DestinationConfig", Value: part{{Key: "OnFailure", Value: part{{Key: "Destination", Value: attribute("OnFailure", "Arn")}}}}},
		{Key: "MetricsConfig", Value: part{{Key: "Metrics", Value: []string{"EventCount"}}}},
	})
}

// alarmProperties are those of AWS::CloudWatch::Alarm, which have the names of
// PutMetricAlarm's, as the alarm has in JSON.
func alarmProperties(a metrics.Alarm) (part, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return nil, fmt.Errorf("encode alarm %s: %w", a.AlarmName, err)
	}
	var properties part
	if err := yaml.UnmarshalWithOptions(text, &properties, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("encode alarm %s: %w", a.AlarmName, err)
	}
	return properties, nil
}

// logicalName is a name's letters and digits, each word with a capital.
func logicalName(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}
