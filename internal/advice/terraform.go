package advice

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"weir/internal/metrics"
	"weir/internal/price"
)

// hcl writes Terraform's language: blocks and attributes, indented. Values are
// expressions, texts quoted by text.
type hcl struct {
	b     strings.Builder
	depth int
}

func (h *hcl) line(format string, args ...any) {
	h.b.WriteString(strings.Repeat("  ", h.depth) + fmt.Sprintf(format, args...) + "\n")
}

func (h *hcl) block(head string, body func()) {
	h.line("%s {", head)
	h.depth++
	body()
	h.depth--
	h.line("}")
}

func (h *hcl) set(name string, value any) { h.line("%s = %v", name, value) }

// text is a quoted template without directives: what begins one is doubled.
func text(s string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(strconv.Quote(s))
}

// Terraform writes the stream, the mapping with its on-failure queue and the
// alarms as resources of hashicorp/aws; the function is a variable, and what it
// needs is said in a comment.
func (a Advice) Terraform(w io.Writer) error {
	h := &hcl{}
	h.line("# %s for %s, recommended from run %s.", oneLine(a.stream), perSecond(a.Rate), oneLine(a.Run))
	h.line("# The function is not made here; it needs memory_size %d, timeout %d, reserved_concurrent_executions %s", a.Config.MemoryMB, a.Config.TimeoutSeconds, environments(a.Config.Concurrency))
	h.line("# and sqs:SendMessage on the queue in its role.")
	h.block(`variable "function_name"`, func() {
		h.set("type", "string")
		h.set("default", text(a.function))
	})
	a.terraformStream(h)
	a.terraformMapping(h)
	for _, alarm := range a.Alarms {
		h.alarm(alarm)
	}
	_, err := io.WriteString(w, h.b.String())
	return err
}

// environments is Terraform's -1 where none are reserved.
func environments(n int) string {
	if n == 0 {
		return "-1"
	}
	return strconv.Itoa(n)
}

func (a Advice) terraformStream(h *hcl) {
	h.block(`resource "aws_kinesis_stream" "stream"`, func() {
		h.set("name", text(a.stream))
		h.set("retention_period", a.Config.RetentionHours)
		mode := "PROVISIONED"
		if a.Config.Mode == price.OnDemand {
			mode = "ON_DEMAND"
		} else {
			h.set("shard_count", a.Config.Shards)
		}
		h.block("stream_mode_details", func() { h.set("stream_mode", text(mode)) })
	})
	if a.Config.FanOut {
		h.block(`resource "aws_kinesis_stream_consumer" "consumer"`, func() {
			h.set("name", text(a.stream+"-consumer"))
			h.set("stream_arn", "aws_kinesis_stream.stream.arn")
		})
	}
}

func (a Advice) terraformMapping(h *hcl) {
	c := a.Config
	h.block(`resource "aws_sqs_queue" "on_failure"`, func() { h.set("message_retention_seconds", queueRetention) })
	h.block(`resource "aws_lambda_event_source_mapping" "mapping"`, func() {
		source := "aws_kinesis_stream.stream.arn"
		if c.FanOut {
			source = "aws_kinesis_stream_consumer.consumer.arn"
		}
		h.set("event_source_arn", source)
		h.set("function_name", "var.function_name")
		h.set("starting_position", text("TRIM_HORIZON"))
		h.set("batch_size", c.BatchSize)
		h.set("maximum_batching_window_in_seconds", c.WindowSeconds)
		h.set("parallelization_factor", c.Parallelization)
		h.set("maximum_retry_attempts", c.RetryAttempts)
		h.set("maximum_record_age_in_seconds", c.MaxAgeSeconds)
		h.set("bisect_batch_on_function_error", c.Bisect)
		h.block("destination_config", func() {
			h.block("on_failure", func() { h.set("destination_arn", "aws_sqs_queue.on_failure.arn") })
		})
		h.block("metrics_config", func() { h.set("metrics", `["EventCount"]`) })
	})
}

func (h *hcl) alarm(a metrics.Alarm) {
	h.block(fmt.Sprintf("resource %q %q", "aws_cloudwatch_metric_alarm", strings.ToLower(notInALabel(a.AlarmName))), func() {
		h.set("alarm_name", text(a.AlarmName))
		h.set("alarm_description", text(a.AlarmDescription))
		h.set("evaluation_periods", a.EvaluationPeriods)
		h.set("datapoints_to_alarm", a.DatapointsToAlarm)
		h.set("comparison_operator", text(a.ComparisonOperator))
		h.set("threshold", a.Threshold)
		h.set("treat_missing_data", text(a.TreatMissingData))
		if a.MetricName != "" {
			h.set("namespace", text(a.Namespace))
			h.set("metric_name", text(a.MetricName))
			h.set("period", a.Period)
			if a.Statistic != "" {
				h.set("statistic", text(a.Statistic))
			} else {
				h.set("extended_statistic", text(a.ExtendedStatistic))
			}
			h.block("dimensions =", func() {
				for _, d := range a.Dimensions {
					h.set(d.Name, text(d.Value))
				}
			})
		}
		h.queries(a)
	})
}

func (h *hcl) queries(a metrics.Alarm) {
	for _, m := range a.Metrics {
		h.block("metric_query", func() {
			h.set("id", text(m.ID))
			h.set("return_data", m.ReturnData)
			if m.Expression != "" {
				h.set("expression", text(m.Expression))
				h.set("label", text(m.Label))
			}
			if s := m.MetricStat; s != nil {
				h.block("metric", func() {
					h.set("namespace", text(s.Metric.Namespace))
					h.set("metric_name", text(s.Metric.MetricName))
					h.set("period", s.Period)
					h.set("stat", text(s.Stat))
					h.block("dimensions =", func() {
						for _, d := range s.Metric.Dimensions {
							h.set(d.Name, text(d.Value))
						}
					})
				})
			}
		})
	}
}

// notInALabel replaces what a Terraform label can't have.
func notInALabel(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
}

// oneLine keeps a name from ending a comment.
func oneLine(s string) string { return strings.NewReplacer("\n", " ", "\r", " ").Replace(s) }
