package stack

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"text/template"
	"time"

	"weir/internal/metrics"
	"weir/probe/js"
)

// MaxTemplateBytes is the size of a template in a call
// (AWSCloudFormation/latest/UserGuide/cloudformation-limits, 2026-11-22). Code
// in a template has had no smaller limit of its own since 2022.
const MaxTemplateBytes = 51200

//go:embed cloudformation.yaml.tmpl
var cloudFormation string

//go:embed terraform.tf.tmpl
var terraform string

// parts are what the templates are filled with.
type parts struct {
	Spec
	SAM            bool
	Code           string // of the function
	Runtime        string
	MemoryMB       int
	TimeoutSeconds int
	Dashboard      string
	Alarms         []alarm
	MappingID      string // logical
	TagRows        []Tag  // with the values in quotes
}

// alarm is one of the critical targets', for either template.
type alarm struct {
	metrics.Alarm
	ID         string // logical: IteratorAge
	Label      string // iterator_age
	Properties string // JSON, a CloudFormation resource's
}

// CloudFormation is the pipeline's template, in YAML.
func CloudFormation(s Spec, limits metrics.Limits) ([]byte, error) {
	return s.cloudFormation(limits, false)
}

// SAM is the same with the function and its mapping as SAM has them.
func SAM(s Spec, limits metrics.Limits) ([]byte, error) {
	return s.cloudFormation(limits, true)
}

func (s Spec) cloudFormation(limits metrics.Limits, sam bool) ([]byte, error) {
	p := s.parts()
	p.SAM, p.MappingID = sam, "Mapping"
	if sam {
		p.MappingID = "ProbeMapping" // SAM's name for the function's event
	}
	watched := metrics.Watched{
		Region: "${AWS::Region}", Stream: "${Stream}", Function: "${Probe}", Mapping: "${" + p.MappingID + "}", Limits: limits,
	}
	p.Dashboard = string(metrics.Dashboard(watched))
	p.Alarms = alarms(watched, "${AWS::StackName}")
	for i := range p.Alarms {
		text, err := substituted(p.Alarms[i].Alarm)
		if err != nil {
			return nil, err
		}
		p.Alarms[i].Properties = text
	}
	return fill("cloudformation", cloudFormation, p)
}

// Terraform is the same pipeline for Terraform's AWS provider. It carries its
// tags, as there is no stack to have them.
func Terraform(s Spec, limits metrics.Limits, now time.Time) ([]byte, error) {
	p := s.parts()
	names := metrics.Watched{
		Region: "data.aws_region.current.name", Stream: "aws_kinesis_stream.stream.name",
		Function: "aws_lambda_function.probe.function_name", Mapping: "aws_lambda_event_source_mapping.mapping.uuid", Limits: limits,
	}
	text := metrics.Watched{
		Region: "${" + names.Region + "}", Stream: "${" + names.Stream + "}",
		Function: "${" + names.Function + "}", Mapping: "${" + names.Mapping + "}", Limits: limits,
	}
	p.Dashboard = string(metrics.Dashboard(text))
	p.Alarms = alarms(names, "${var.name}")
	for _, tag := range s.Tags(now, nil) {
		if tag.Key != TemplateTag { // Terraform compares by itself
			p.TagRows = append(p.TagRows, Tag{strconv.Quote(tag.Key), strconv.Quote(tag.Value)})
		}
	}
	return fill("terraform", terraform, p)
}

func (s Spec) parts() parts {
	return parts{
		Spec: s, Code: js.Inline(), Runtime: NodeRuntime, MemoryMB: MemoryMB, TimeoutSeconds: int(Timeout.Seconds()),
	}
}

func alarms(w metrics.Watched, name string) []alarm {
	var all []alarm
	for _, a := range metrics.Alarms(w, name) {
		what := strings.TrimPrefix(a.AlarmName, name+"-")
		var id strings.Builder
		for word := range strings.SplitSeq(what, "-") {
			id.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
		all = append(all, alarm{Alarm: a, ID: id.String() + "Alarm", Label: strings.ReplaceAll(what, "-", "_")})
	}
	return all
}

// substituted is v as JSON in which each text with a reference is Fn::Sub's.
func substituted(v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write an alarm: %w", err)
	}
	var tree any
	if err := json.Unmarshal(text, &tree); err != nil {
		return "", fmt.Errorf("read an alarm: %w", err)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err = e.Encode(withSub(tree))
	return out.String(), err
}

func withSub(tree any) any {
	switch t := tree.(type) {
	case map[string]any:
		for key, value := range t {
			t[key] = withSub(value)
		}
	case []any:
		for i, value := range t {
			t[i] = withSub(value)
		}
	case string:
		if strings.Contains(t, "${") {
			return map[string]any{"Fn::Sub": t}
		}
	}
	return tree
}

func fill(name, text string, p parts) ([]byte, error) {
	t, err := template.New(name).Funcs(template.FuncMap{"indent": indent, "quote": strconv.Quote, "rows": rows}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("read the %s template: %w", name, err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("fill the %s template: %w", name, err)
	}
	return b.Bytes(), nil
}

// indent puts that many spaces before each line that isn't empty.
func indent(n int, text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = strings.Repeat(" ", n) + line
		}
	}
	return strings.Join(lines, "\n")
}

// rows are name = value of each, a tag or a dimension, aligned as terraform fmt
// has them.
func rows(spaces int, list any) (string, error) {
	text, err := json.Marshal(list)
	if err != nil {
		return "", err
	}
	var pairs []struct{ Key, Name, Value string }
	if err := json.Unmarshal(text, &pairs); err != nil {
		return "", err
	}
	width := 0
	for _, p := range pairs {
		width = max(width, len(p.Key+p.Name))
	}
	var lines []string
	for _, p := range pairs {
		lines = append(lines, fmt.Sprintf("%-*s = %s", width, p.Key+p.Name, p.Value))
	}
	return indent(spaces, strings.Join(lines, "\n")), nil
}

// fingerprint tells whether a stack was made of this template, with these
// parameters.
func fingerprint(s Spec, template []byte) string {
	s.TTL = 0 // is no part of the pipeline
	sum := sha256.Sum256(fmt.Appendf(template, "%+v", s))
	return hex.EncodeToString(sum[:8])
}
