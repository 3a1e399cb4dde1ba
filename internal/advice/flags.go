package advice

import (
	"fmt"
	"strconv"
)

// Flags are the recommended configuration as flags of weir run on the embedded
// pipeline. Retention, the records' greatest age and enhanced fan-out have no
// flag there.
func (a Advice) Flags() []string {
	c := a.Config
	flags := []string{
		"--shards", strconv.Itoa(c.Shards),
		"--batch-size", strconv.Itoa(c.BatchSize),
		"--batching-window", fmt.Sprintf("%ds", c.WindowSeconds),
		"--parallelization-factor", strconv.Itoa(c.Parallelization),
		"--memory", strconv.Itoa(c.MemoryMB),
		"--timeout", fmt.Sprintf("%ds", c.TimeoutSeconds),
		"--retry-attempts", strconv.Itoa(c.RetryAttempts),
		"--bisect", "--on-failure-dir", "on-failure",
	}
	if c.Concurrency > 0 {
		flags = append(flags, "--reserved-concurrency", strconv.Itoa(c.Concurrency))
	}
	if a.limitFactor > 0 && a.limitFactor != 1 {
		flags = append(flags, "--shard-limit-factor", strconv.FormatFloat(a.limitFactor, 'g', -1, 64))
	}
	return flags
}
