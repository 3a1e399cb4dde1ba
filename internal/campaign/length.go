package campaign

import (
	"fmt"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// Length is a time.Duration of a plan file, whose error names its place: a
// time.Duration's own would not.
type Length time.Duration

// UnmarshalYAML reads 30s, 10m or 1h30m.
func (l *Length) UnmarshalYAML(node ast.Node) error {
	text := node.GetToken().Value
	d, err := time.ParseDuration(text)
	if err != nil {
		return &yaml.SyntaxError{Message: fmt.Sprintf("%q is not a length of time: write for example 30s, 10m or 1h30m", text), Token: node.GetToken()}
	}
	*l = Length(d)
	return nil
}

func (l Length) String() string { return time.Duration(l).String() }
