// Package campaign carries a plan out over days: what a plan file says, which
// pieces of work it makes, what is done of them, and when the rest may run. It
// starts nothing itself.
package campaign

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"weir/internal/plan"
)

// File is a plan as its author writes it: tests by week, each with a document
// at its end.
type File struct {
	Name string `yaml:"name"`
	// Target is local, the embedded pipeline, or aws.
	Target   string `yaml:"target"`
	Stream   string `yaml:"stream"`   // on aws; the environment's where empty
	Function string `yaml:"function"` // on aws: its name; local: a command
	Region   string `yaml:"region"`
	// Budget is what the whole may cost, USD; 0 is the default of weir.
	Budget     float64  `yaml:"budget_usd"`
	QuietHours []Quiet  `yaml:"quiet_hours"`
	SLO        []string `yaml:"slo"` // targets in place of weir's own, as plan.Targets.With reads them
	Pipeline   Pipeline `yaml:"pipeline"`
	Weeks      []Week   `yaml:"weeks"`
}

// Pipeline shapes the embedded pipeline; what is not given is weir's default.
// On aws it must be empty: the pipeline is as it is found.
type Pipeline struct {
	Shards          int     `yaml:"shards"`
	BatchSize       int     `yaml:"batch_size"`
	Parallelization int     `yaml:"parallelization_factor"`
	Window          Length  `yaml:"batching_window"`
	Timeout         Length  `yaml:"timeout"`
	Concurrency     int     `yaml:"reserved_concurrency"`
	Work            Length  `yaml:"work"`
	WorkPerRecord   Length  `yaml:"work_per_record"`
	ErrorRate       float64 `yaml:"error_rate"`
}

// Week is one week's tests and the document that it ends with.
type Week struct {
	Week        int    `yaml:"week"`
	Title       string `yaml:"title"`
	Deliverable string `yaml:"deliverable"`
	Tests       []Test `yaml:"tests"`
}

// Test is a test of the catalogue with what the plan changes of it.
type Test struct {
	Test     string    `yaml:"test"`
	ID       string    `yaml:"id"` // within the plan; empty: Test
	Why      string    `yaml:"why"`
	Rates    []float64 `yaml:"rates"`
	Step     Length    `yaml:"step"`
	Payload  string    `yaml:"payload"`
	Keys     string    `yaml:"keys"`
	Shape    string    `yaml:"shape"`
	Repeat   int       `yaml:"repeat"`
	Judge    string    `yaml:"judge"` // targets (default) or capacity
	SLO      []string  `yaml:"slo"`   // beside the plan's own
	Pipeline *Pipeline `yaml:"pipeline"`
}

// FourWeeks is the four-week plan that weir carries, as a file to copy.
//
//go:embed four-weeks.yaml
var FourWeeks []byte

// Schema is the JSON Schema of a plan file, for editors.
//
//go:embed plan.schema.json
var Schema []byte

// Parse reads the text of a plan file of that name. An error names the file,
// line and column.
func Parse(name string, text []byte) (File, error) {
	var f File
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict())
	if err := decoder.Decode(&f); err != nil {
		return File{}, unreadable(name, err)
	}
	if f.Target == "" {
		f.Target = "local"
	}
	if err := f.validate(); err != nil {
		return File{}, located(name, text, err)
	}
	return f, nil
}

func (f File) validate() *fault {
	switch {
	case f.Target != "local" && f.Target != "aws":
		return &fault{"$.target", fmt.Sprintf("target %q: local or aws", f.Target)}
	case f.Target == "aws" && f.Pipeline != (Pipeline{}):
		return &fault{"$.pipeline", "a pipeline on aws is tested as it is: leave pipeline out"}
	case f.Budget < 0:
		return &fault{"$.budget_usd", "a budget can't be negative"}
	case len(f.Weeks) == 0:
		return &fault{"$", "a plan needs weeks with tests"}
	}
	for i, q := range f.QuietHours {
		if err := q.validate(); err != nil {
			return &fault{fmt.Sprintf("$.quiet_hours[%d]", i), err.Error()}
		}
	}
	if err := sloFault("$", f.SLO); err != nil {
		return err
	}
	seen := map[string]bool{}
	weeks := map[int]bool{}
	for i, w := range f.Weeks {
		path := fmt.Sprintf("$.weeks[%d]", i)
		switch {
		case w.Week < 1 || weeks[w.Week]:
			return &fault{path + ".week", fmt.Sprintf("week %d: weeks have numbers from 1, each once", w.Week)}
		case len(w.Tests) == 0:
			return &fault{path, fmt.Sprintf("week %d has no tests", w.Week)}
		}
		weeks[w.Week] = true
		for j, t := range w.Tests {
			if err := f.validateTest(fmt.Sprintf("%s.tests[%d]", path, j), t, seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// sloFault is the first setting below path that sets no target.
func sloFault(path string, settings []string) *fault {
	for i, text := range settings {
		if _, err := plan.DefaultTargets.With([]string{text}); err != nil {
			return &fault{fmt.Sprintf("%s.slo[%d]", path, i), err.Error()}
		}
	}
	return nil
}

// Targets are what the plan's tests are judged by, but for those that have some
// of their own.
func (f File) Targets() plan.Targets {
	t, _ := plan.DefaultTargets.With(f.SLO) // Parse has found no fault in it
	return t
}

func (f File) validateTest(path string, t Test, seen map[string]bool) *fault {
	known, err := plan.Named(t.Test)
	if err != nil {
		return &fault{path + ".test", err.Error()}
	}
	id := t.id()
	switch {
	case seen[id] && t.ID == "":
		return &fault{path, fmt.Sprintf("test %s stands in the plan twice: give each an id", id)}
	case seen[id]:
		return &fault{path + ".id", fmt.Sprintf("id %s is used twice", id)}
	case strings.ContainsAny(id, " /\\#@"):
		return &fault{path + ".id", fmt.Sprintf("id %q: it names files, so no spaces and none of / \\ # @", id)}
	case !slices.Contains([]string{"", "targets", "capacity"}, t.Judge):
		return &fault{path + ".judge", fmt.Sprintf("judge %q: targets or capacity", t.Judge)}
	case t.Judge == "capacity" && len(t.SLO) > 0:
		return &fault{path + ".slo", "slo would change nothing: judged by capacity, a test has no targets"}
	case t.Repeat < 0 || t.Repeat > 100:
		return &fault{path + ".repeat", fmt.Sprintf("repeat %d is outside 0 to 100", t.Repeat)}
	case f.Target == "aws" && t.Pipeline != nil:
		return &fault{path + ".pipeline", "a pipeline on aws is tested as it is: leave pipeline out"}
	case f.Target == "aws" && t.Step > 0 && time.Duration(t.Step) < plan.AWSStep:
		return &fault{path + ".step", fmt.Sprintf("step %v is too short for CloudWatch's minutes: %v or more", t.Step, plan.AWSStep)}
	case len(t.Rates) > 0 && known.Kind != plan.Baseline:
		return &fault{path + ".rates", fmt.Sprintf("rates are for baseline tests; %s has a shape of its own", t.Test)}
	case len(t.Rates) > 0 && t.Shape != "":
		return &fault{path + ".rates", "rates and shape exclude each other: a shape has its own rates"}
	case t.Step != 0 && known.Kind != plan.Baseline && t.Shape == "":
		return &fault{path + ".step", fmt.Sprintf("step is for baseline tests and shapes; %s has lengths of its own", t.Test)}
	case t.Step < 0:
		return &fault{path + ".step", fmt.Sprintf("step %v can't be negative", t.Step)}
	}
	for i, r := range t.Rates {
		if !(r > 0) {
			return &fault{fmt.Sprintf("%s.rates[%d]", path, i), fmt.Sprintf("rate %g: records per second, above 0", r)}
		}
	}
	if t.Payload != "" {
		if _, err := plan.ParsePayload(t.Payload); err != nil {
			return &fault{path + ".payload", err.Error()}
		}
	}
	seen[id] = true
	return sloFault(path, t.SLO)
}

func (t Test) id() string {
	if t.ID != "" {
		return t.ID
	}
	return t.Test
}
