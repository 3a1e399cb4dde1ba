// Package js is weir's probe for Node.js: one file, weir-probe.js, to be put
// beside a function's own or to be the function. It writes the lines that
// package line of the Go probe writes.
package js

import (
	_ "embed"
	"strings"
)

// Source is weir-probe.js.
//
//go:embed weir-probe.js
var Source string

// Inline is the source without its comments and indentation, for a template
// that holds the function's code. Its handler is index.handler.
func Inline() string {
	var code strings.Builder
	for line := range strings.Lines(Source) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "//") {
			code.WriteString(line + "\n")
		}
	}
	return code.String()
}
