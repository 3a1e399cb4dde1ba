package load

import (
	"encoding/json"
	"fmt"
)

// RunnerArgs are the arguments of k6 run, beside those of its execution
// segment, for a runner that has no parent on its machine.
func RunnerArgs() []string {
	return []string{"--out=" + outputName, "--no-thresholds", "--summary-mode=disabled"}
}

// RunnerEnv is the environment by which such a runner learns what to do, and
// that its reports are to go to standard output, as lines.
func RunnerEnv(s Spec) (map[string]string, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("encode load: %w", err)
	}
	return map[string]string{envSpec: string(text), envFrames: framesToStdout}, nil
}
