package metrics

import (
	"fmt"
	"strings"
)

// groupTitles are the sections of Document, in order.
var groupTitles = []struct{ group, title string }{
	{GroupKinesis, "The stream"},
	{GroupLambda, "The function"},
	{GroupPipeline, "The pipeline, end to end"},
	{GroupCost, "Cost"},
	{GroupK6, "The load generator"},
}

const documentHead = `# The metrics of a Kinesis + Lambda pipeline

Written by ` + "`weir metrics --markdown`" + ` from the catalogue in internal/metrics, which dashboards, alarms and verdicts use too. Those marked ★ are behind the six critical targets: iterator age, duration, errors, throttles (three metrics), throughput match and record latency.

AWS's own metrics (source CloudWatch) have points of 60 s and come minutes late. Those of the probe need [weir/probe](../README.md#the-probe-in-your-function) in the function, those of a mapping its EventCount metrics enabled (` + "`aws lambda update-event-source-mapping --uuid … --metrics-config Metrics=EventCount`" + `).
`

// Document is the catalogue in Markdown: docs/kinesis-lambda-metrics.md.
func Document() string {
	var s strings.Builder
	s.WriteString(documentHead)
	for _, g := range groupTitles {
		fmt.Fprintf(&s, "\n## %s\n", g.title)
		for _, m := range Catalogue {
			if m.Group == g.group {
				writeMetric(&s, m)
			}
		}
	}
	return s.String()
}

func writeMetric(s *strings.Builder, m Metric) {
	mark := ""
	if m.Critical {
		mark = " ★"
	}
	fmt.Fprintf(s, "\n### %s %s%s\n\n", m.ID, m.Name, mark)
	fmt.Fprintf(s, "%s. Unit %s, statistic %s; source %s", m.Namespace, m.Unit, m.Statistic, m.Source)
	if len(m.Dimensions) > 0 {
		fmt.Fprintf(s, ", by %s", strings.Join(m.Dimensions, " and "))
	}
	fmt.Fprintf(s, ". Target: %s.\n\n", m.Target)
	fmt.Fprintf(s, "- What it is: %s.\n- Why it matters: %s.\n- When it is bad: %s.\n", m.Formula, m.Why, m.Remedy)
}
