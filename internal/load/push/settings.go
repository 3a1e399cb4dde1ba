package push

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// settings are an output's options as text by name, in the order in which k6's
// own outputs take them: k6's configuration file, then the environment, then
// the argument of --out.
type settings map[string]string

// readSettings reads the options that variables names, each with the
// environment variable it may come from. arg is "name=value,name=value".
func readSettings(variables map[string]string, config json.RawMessage, env map[string]string, arg string) (settings, error) {
	s := settings{}
	if len(config) > 0 {
		if err := json.Unmarshal(config, &s); err != nil {
			return nil, fmt.Errorf("read k6's configuration file: %w", err)
		}
	}
	for name, variable := range variables {
		if v := env[variable]; v != "" {
			s[name] = v
		}
	}
	if arg != "" {
		for pair := range strings.SplitSeq(arg, ",") {
			name, value, found := strings.Cut(pair, "=")
			if !found || value == "" {
				return nil, fmt.Errorf("%q is no name=value", pair)
			}
			s[name] = value
		}
	}
	for name := range s {
		if _, known := variables[name]; !known {
			return nil, fmt.Errorf("unknown option %s: use %s", name, strings.Join(slices.Sorted(maps.Keys(variables)), ", "))
		}
	}
	return s, nil
}
