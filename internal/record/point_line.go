package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
)

// A day's series are 86 400 lines of some 45 numbers. encoding/json takes a
// second and a half to write them and four to read them, and a string for each
// name of each line; the two types below write the same text and read it at a
// fifth of that. A line that is written in another way goes to encoding/json.

// pointEncoder writes points as lines. The zero value is ready.
type pointEncoder struct {
	names []string // of the last point, in order: the next one's are mostly these
}

// appendLine appends p's line as encoding/json writes it.
func (e *pointEncoder) appendLine(dst []byte, p Point) ([]byte, error) {
	dst = append(dst, `{"t":`...)
	dst = strconv.AppendInt(dst, p.T, 10)
	dst = append(dst, `,"v":{`...)
	for i, name := range e.sorted(p.V) {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendName(dst, name); err != nil {
			return nil, err
		}
		dst = append(dst, ':')
		if dst, err = appendNumber(dst, p.V[name]); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	dst = append(dst, '}')
	if p.N != nil {
		names, err := json.Marshal(p.N)
		if err != nil {
			return nil, err
		}
		dst = append(append(dst, `,"n":`...), names...)
	}
	return append(dst, "}\n"...), nil
}

// sorted is the names of v in order.
func (e *pointEncoder) sorted(v map[string]float64) []string {
	same := len(v) == len(e.names)
	for _, name := range e.names {
		if !same {
			break
		}
		_, same = v[name]
	}
	if !same {
		e.names = slices.AppendSeq(e.names[:0], maps.Keys(v))
		slices.Sort(e.names)
	}
	return e.names
}

// appendName appends a name as a JSON string.
func appendName(dst []byte, name string) ([]byte, error) {
	if plain(name) {
		return append(append(append(dst, '"'), name...), '"'), nil
	}
	text, err := json.Marshal(name)
	return append(dst, text...), err
}

// plain reports that a name stands in JSON as it is.
func plain[T string | []byte](name T) bool {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			return false
		}
	}
	return true
}

// appendNumber appends a number as encoding/json does: whole ones and those of
// usual size without an exponent.
func appendNumber(dst []byte, v float64) ([]byte, error) {
	if whole := int64(v); float64(whole) == v && whole > -1e15 && whole < 1e15 && (whole != 0 || !math.Signbit(v)) {
		return strconv.AppendInt(dst, whole, 10), nil
	}
	if size := math.Abs(v); size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(dst, v, 'f', -1, 64), nil
	}
	text, err := json.Marshal(v)
	return append(dst, text...), err
}

// pointDecoder reads lines as points. The zero value is ready.
type pointDecoder struct {
	names map[string]string // each kept once
	last  []key             // of the last line, in its order: the next one's are mostly these
}

// key is a name and how a line has it.
type key struct{ name, text string }

// decode reads a line.
func (d *pointDecoder) decode(line []byte) (Point, error) {
	if p, ok := d.usual(line); ok {
		return p, nil
	}
	var p Point
	err := json.Unmarshal(line, &p)
	return p, err
}

// usual reads a line as appendLine writes it; ok is false for many others.
func (d *pointDecoder) usual(line []byte) (p Point, ok bool) {
	text, found := bytes.CutPrefix(line, []byte(`{"t":`))
	number, text, cut := bytes.Cut(text, []byte(`,"v":{`))
	t, whole := parseWhole(number)
	if !found || !cut || !whole {
		return p, false
	}
	p = Point{T: t, V: make(map[string]float64, len(d.last))}
	for i := 0; len(text) > 0 && text[0] == '"'; i++ {
		name, rest, ok := d.name(i, text)
		end := 0
		for end < len(rest) && rest[end] != ',' && rest[end] != '}' {
			end++
		}
		v, number := parseNumber(rest[:end])
		if !ok || !number || end == len(rest) {
			return p, false
		}
		p.V[name] = v
		if text = rest[end:]; len(text) > 1 && text[0] == ',' && text[1] == '"' {
			text = text[1:]
		}
	}
	text, found = bytes.CutPrefix(text, []byte("}"))
	if n, named := bytes.CutPrefix(text, []byte(`,"n":`)); found && named {
		n, found = bytes.CutSuffix(bytes.TrimSuffix(n, []byte("\n")), []byte("}"))
		return p, found && json.Unmarshal(n, &p.N) == nil
	}
	return p, found && string(bytes.TrimSuffix(text, []byte("\n"))) == "}"
}

// name is the name that text begins with, the i-th of its line, and what comes
// after it.
func (d *pointDecoder) name(i int, text []byte) (name string, rest []byte, ok bool) {
	if i < len(d.last) {
		if rest, same := bytes.CutPrefix(text, []byte(d.last[i].text)); same {
			return d.last[i].name, rest, true
		}
	}
	bare, rest, closed := bytes.Cut(text[1:], []byte(`":`))
	if !closed || !plain(bare) {
		return "", nil, false
	}
	name, known := d.names[string(bare)]
	if !known {
		if d.names == nil {
			d.names = map[string]string{}
		}
		name = string(bare)
		d.names[name] = name
	}
	d.last = append(d.last[:i], key{name, `"` + name + `":`})
	return name, rest, true
}

// parseWhole reads a whole number from 0 to 10^15.
func parseWhole(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > 15 || text[0] == '0' && len(text) > 1 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}

// parseNumber reads a number as JSON has it.
func parseNumber(text []byte) (v float64, ok bool) {
	if n, whole := parseWhole(text); whole {
		return float64(n), true
	}
	before, after, point := bytes.Cut(text, []byte("."))
	_, whole := parseWhole(before)
	if usual := point && whole && allDigits(after); !usual && !json.Valid(text) {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(text), 64)
	return v, err == nil
}

func allDigits(text []byte) bool {
	for _, c := range text {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(text) > 0
}
