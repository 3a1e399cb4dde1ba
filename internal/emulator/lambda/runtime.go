package lambda

import (
	_ "embed"
	"os/exec"
	"path/filepath"
	"strings"
)

// runtimeNodeJS is the Node.js program that takes the place of Lambda's own
// runtime.
//
//go:embed runtime_nodejs.js
var runtimeNodeJS string

// bootstrap is the program in a zip that a function with a runtime of its own
// runs.
const bootstrap = "bootstrap"

// program is what runs the code in dir, by the function's runtime. Node.js of
// whatever version this machine has stands for all of its runtimes.
func program(runtime, dir string) ([]string, error) {
	switch {
	case runtime == "provided.al2023" || runtime == "provided.al2":
		return []string{filepath.Join(dir, bootstrap)}, nil
	case strings.HasPrefix(runtime, "nodejs"):
		node, err := exec.LookPath("node")
		if err != nil {
			return nil, invalid("The embedded Lambda runs %s with this machine's Node.js, and finds none: %v.", runtime, err)
		}
		return []string{node, "-e", runtimeNodeJS}, nil
	}
	return nil, invalid("The embedded Lambda runs provided.al2023, provided.al2 and nodejs, not %q.", runtime)
}
