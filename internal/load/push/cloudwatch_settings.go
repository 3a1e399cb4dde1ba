package push

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.k6.io/k6/v2/output"

	"weir/internal/quota"
)

// cloudWatchVariables are the options of --out cloudwatch, each with its
// environment variable.
var cloudWatchVariables = map[string]string{
	"namespace":  "K6_CLOUDWATCH_NAMESPACE",
	"period":     "K6_CLOUDWATCH_PERIOD",
	"dimensions": "K6_CLOUDWATCH_DIMENSIONS",
	"maxMetrics": "K6_CLOUDWATCH_MAX_METRICS",
	"region":     "K6_CLOUDWATCH_REGION",
	"endpoint":   "K6_CLOUDWATCH_ENDPOINT",
}

// cloudWatchSettings are the options read. Region and endpoint are empty where
// AWS's own configuration decides.
type cloudWatchSettings struct {
	namespace  string
	period     time.Duration
	dimensions []string
	maxMetrics int
	region     string
	endpoint   string
}

func parseCloudWatch(p output.Params) (cloudWatchSettings, error) {
	var c cloudWatchSettings
	s, err := readSettings(cloudWatchVariables, p.JSONConfig, p.Environment, p.ConfigArgument)
	if err != nil {
		return c, err
	}
	c = cloudWatchSettings{namespace: s["namespace"], region: s["region"], endpoint: s["endpoint"], period: time.Minute, maxMetrics: 500}
	if c.namespace == "" {
		c.namespace = "weir"
	}
	if strings.HasPrefix(c.namespace, "AWS/") || c.namespace[0] == ':' || len(c.namespace) > 255 || !ascii(c.namespace) {
		return c, fmt.Errorf("namespace %q: at most 255 ASCII characters that don't begin with AWS/ or a colon", c.namespace)
	}
	if text := s["period"]; text != "" {
		if c.period, err = time.ParseDuration(text); err != nil || c.period != time.Second && c.period != 10*time.Second && c.period != time.Minute {
			return c, fmt.Errorf("period %q: 60s, or 10s or 1s, which are high-resolution metrics", text)
		}
	}
	if c.dimensions, err = parseTags(s["dimensions"]); err != nil {
		return c, fmt.Errorf("dimensions: %w", err)
	}
	if len(c.dimensions) > quota.MetricMaxDimensions {
		return c, fmt.Errorf("dimensions: %d, CloudWatch takes %d", len(c.dimensions), quota.MetricMaxDimensions)
	}
	if text := s["maxMetrics"]; text != "" {
		if c.maxMetrics, err = strconv.Atoi(text); err != nil || c.maxMetrics < 1 {
			return c, fmt.Errorf("maxMetrics %q: a number above 0", text)
		}
	}
	return c, nil
}
