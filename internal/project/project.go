// Package project reads weir.yaml, which keeps what stays the same from run to
// run: the account's pipeline, the shape of the embedded one, targets, outputs.
package project

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// FileName is the project file's name, in the directory in which weir is
// started.
const FileName = "weir.yaml"

// Section says for which pipeline a setting is.
type Section string

// The sections: the keys at the top are for all commands, but for those that
// name a pipeline of an account, and those below pipeline shape the embedded one.
const (
	All      Section = ""
	Account  Section = "account"
	Embedded Section = "pipeline"
)

// Setting is one key with its value.
type Setting struct {
	Key     string // as in the file: pipeline.batch_size
	Section Section
	Flag    string   // the command line's flag of the same meaning
	Values  []string // more than one of a list
	At      string   // file:line:column
}

// top are the keys beside pipeline, with the flags that they stand for.
var top = map[string]struct {
	section Section
	flag    string
}{
	"target":     {All, "target"},
	"slo":        {All, "slo"},
	"runs":       {All, "runs"},
	"out":        {All, "out"},
	"tag":        {All, "tag"},
	"stream":     {Account, "stream"},
	"function":   {Account, "function"},
	"region":     {Account, "region"},
	"budget_usd": {Account, "budget"},
}

// Parse reads the text of a project file of that name. Below pipeline are the
// flags named in embedded, with _ for -. An error names file, line and column.
func Parse(name string, text []byte, embedded []string) ([]Setting, error) {
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, unreadable(name, err)
	}
	var settings []Setting
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue // an empty file, or comments only
		}
		r := reader{name: name, embedded: embedded}
		if err := r.mapping(doc.Body, "", r.atTop); err != nil {
			return nil, err
		}
		settings = append(settings, r.settings...)
	}
	return settings, nil
}

func unreadable(name string, err error) error {
	if at, ok := errors.AsType[yaml.Error](err); ok && at.GetToken() != nil {
		p := at.GetToken().Position
		return fmt.Errorf("%s:%d:%d: %s", name, p.Line, p.Column, at.GetMessage())
	}
	return fmt.Errorf("%s: %w", name, err)
}

// reader gathers the settings of one document.
type reader struct {
	name     string
	embedded []string
	settings []Setting
}

// at is a node's place, as editors and terminals jump to.
func (r *reader) at(n ast.Node) string {
	p := n.GetToken().Position
	return fmt.Sprintf("%s:%d:%d", r.name, p.Line, p.Column)
}

// mapping hands each pair of a mapping on.
func (r *reader) mapping(n ast.Node, key string, take func(pair *ast.MappingValueNode) error) error {
	var pairs []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		if key == "" {
			return fmt.Errorf("%s: keys with values are needed here, such as stream: orders", r.at(n))
		}
		return fmt.Errorf("%s: %s needs keys below it, such as shards: 4", r.at(n), key)
	}
	for _, pair := range pairs {
		if err := take(pair); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) atTop(pair *ast.MappingValueNode) error {
	key := pair.Key.String()
	if key == string(Embedded) {
		return r.mapping(pair.Value, key, r.below)
	}
	known, ok := top[key]
	if !ok {
		hint := ""
		if slices.Contains(r.embedded, flagOf(key)) {
			hint = fmt.Sprintf("; pipeline: {%s: …} shapes the embedded pipeline", key)
		}
		return fmt.Errorf("%s: %q is no key%s; there are pipeline, %s", r.at(pair.Key), key, hint, strings.Join(slices.Sorted(maps.Keys(top)), ", "))
	}
	return r.add(key, known.section, known.flag, pair)
}

func (r *reader) below(pair *ast.MappingValueNode) error {
	key := pair.Key.String()
	if !slices.Contains(r.embedded, flagOf(key)) {
		return fmt.Errorf("%s: %q is no key of pipeline: it has the flags that shape the embedded pipeline, such as batch_size (weir local --help)", r.at(pair.Key), key)
	}
	return r.add("pipeline."+key, Embedded, flagOf(key), pair)
}

func (r *reader) add(key string, section Section, flag string, pair *ast.MappingValueNode) error {
	s := Setting{Key: key, Section: section, Flag: flag, At: r.at(pair.Key)}
	items := []ast.Node{pair.Value}
	if list, ok := pair.Value.(*ast.SequenceNode); ok {
		items = list.Values
	}
	for _, item := range items {
		if _, ok := item.(ast.ScalarNode); !ok || item.Type() == ast.NullType {
			return fmt.Errorf("%s: %s needs a value, or a list of them", r.at(pair.Key), key)
		}
		s.Values = append(s.Values, item.GetToken().Value)
	}
	if len(s.Values) == 0 {
		return fmt.Errorf("%s: %s needs a value, or a list of them", s.At, key)
	}
	r.settings = append(r.settings, s)
	return nil
}

func flagOf(key string) string { return strings.ReplaceAll(key, "_", "-") }
