package lambda

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"

	"weir/internal/quota"
)

// filter are the compiled filter patterns of a mapping; a record that satisfies
// one of them passes, and without any all do
// (lambda/latest/dg/invocation-eventfiltering, read 2026-11-22).
type filter []*objectPattern

// objectPattern is an object of a pattern. All its fields must match, and of
// each $or one alternative.
type objectPattern struct {
	fields []fieldPattern
	ors    [][]*objectPattern
}

// fieldPattern is what a field is held against: an object of its own, or a list
// of rules of which one must hold.
type fieldPattern struct {
	name   string
	object *objectPattern
	rules  []rule
}

// compileFilter compiles the patterns of FilterCriteria. Each is to name data
// only, which is all that a Kinesis mapping filters on, and an object in it:
// Lambda refuses a plain string there.
func compileFilter(patterns []string) (filter, error) {
	if len(patterns) > quota.MaxFilters {
		return nil, invalid("Value at 'filterCriteria.filters' failed to satisfy constraint: Member must have length less than or equal to %d", quota.MaxFilters)
	}
	var f filter
	for _, text := range patterns {
		if len(text) > quota.FilterPatternBytes {
			return nil, invalid("Value at 'filterCriteria.filters.member.pattern' failed to satisfy constraint: Member must have length less than or equal to %d", quota.FilterPatternBytes)
		}
		document, err := decodeJSON([]byte(text))
		if err != nil {
			return nil, errFilterPattern
		}
		p, ok := compileObject(document)
		if !ok || !p.onlyData() {
			return nil, errFilterPattern
		}
		f = append(f, p)
	}
	return f, nil
}

// errFilterPattern is Lambda's answer to a pattern it can't use.
var errFilterPattern = invalid("Invalid filter pattern definition.")

// admits reports whether the record's data passes. Data that is not JSON passes
// no pattern.
func (f filter) admits(data []byte) bool {
	if len(f) == 0 {
		return true
	}
	value, err := decodeJSON(data)
	if err != nil {
		return false
	}
	event := map[string]any{"data": value}
	return slices.ContainsFunc(f, func(p *objectPattern) bool { return p.matches(event) })
}

// decodeJSON decodes one JSON text. Numbers keep their spelling, by which the
// equality of numbers goes: 300 and 300.0 differ.
func decodeJSON(text []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON text")
	}
	return value, nil
}

func compileObject(document any) (*objectPattern, bool) {
	object, ok := document.(map[string]any)
	if !ok || len(object) == 0 {
		return nil, false
	}
	p := &objectPattern{}
	for name, value := range object {
		if name == "$or" {
			alternatives, ok := compileOr(value)
			if !ok {
				return nil, false
			}
			p.ors = append(p.ors, alternatives)
			continue
		}
		field := fieldPattern{name: name}
		if list, isList := value.([]any); isList {
			field.rules, ok = compileRules(list)
		} else {
			field.object, ok = compileObject(value)
		}
		if !ok {
			return nil, false
		}
		p.fields = append(p.fields, field)
	}
	return p, true
}

// compileOr takes the alternatives of an $or, two objects at least.
func compileOr(value any) ([]*objectPattern, bool) {
	list, _ := value.([]any)
	var alternatives []*objectPattern
	for _, item := range list {
		p, ok := compileObject(item)
		if !ok {
			return nil, false
		}
		alternatives = append(alternatives, p)
	}
	return alternatives, len(alternatives) >= 2
}

// onlyData reports whether the pattern's own fields are all data, with an
// object in it.
func (p *objectPattern) onlyData() bool {
	for _, f := range p.fields {
		if f.name != "data" || f.object == nil {
			return false
		}
	}
	for _, alternatives := range p.ors {
		for _, a := range alternatives {
			if !a.onlyData() {
				return false
			}
		}
	}
	return true
}

// matches holds a value against the object. Of a list one element has to match;
// what is no object has none of the fields.
func (p *objectPattern) matches(value any) bool {
	if list, ok := value.([]any); ok && len(list) > 0 {
		return slices.ContainsFunc(list, p.matches)
	}
	object, _ := value.(map[string]any)
	for i := range p.fields {
		if !p.fields[i].matches(object) {
			return false
		}
	}
	for _, alternatives := range p.ors {
		if !slices.ContainsFunc(alternatives, func(a *objectPattern) bool { return a.matches(object) }) {
			return false
		}
	}
	return true
}

func (f *fieldPattern) matches(object map[string]any) bool {
	value, present := object[f.name]
	if f.object != nil {
		return f.object.matches(value)
	}
	var leaves []any
	if present {
		leaves = appendLeaves(nil, value)
	}
	for _, r := range f.rules {
		if r.absent && len(leaves) == 0 || !r.absent && slices.ContainsFunc(leaves, r.holds) {
			return true
		}
	}
	return false
}

// appendLeaves appends the value, or of lists the elements, without objects.
func appendLeaves(leaves []any, value any) []any {
	switch value := value.(type) {
	case map[string]any:
		return leaves
	case []any:
		for _, element := range value {
			leaves = appendLeaves(leaves, element)
		}
		return leaves
	}
	return append(leaves, value)
}
