package payload

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"weir/probe/token"
)

// Growth is by how much the token's member makes a JSON object longer.
const Growth = len(`"`+Member+`":"`) + token.Len + len(`",`)

// lines are the bodies of a file.
type lines struct {
	path   string
	order  Order
	seed   uint64
	bodies []body
	max    int
	plain  int // bodies without token
}

// body is one line. In one with a token, separator ends the token's member, and
// head and tail stand before and after it; in one without, head is all.
type body struct {
	head, tail []byte
	separator  string
	line       int           // in the file, from 1
	at         time.Duration // by its own clock; 0 where nobody asked
}

// OpenBodies reads the bodies from a file, which is kept in memory: a CSV file
// where its name ends in .csv, else a file of lines (NDJSON). Order says which
// slot has which body.
//
// A line that is a JSON object gets the token as its first member, _weir, and
// grows by exactly Growth; any other goes unchanged, without token. A row of a
// CSV file becomes a JSON object of strings under the names of the first row. A
// body that has a token or a member _weir already, one above MaxBytes, and a
// file without bodies are errors; those of a body begin with path:line:column.
func OpenBodies(path string, order Order, seed uint64) (*Bodies, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read payload file: %w", err)
	}
	l := &lines{path: path, order: order, seed: seed}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		err = l.readRows(data)
	} else {
		err = l.readLines(data)
	}
	if err != nil {
		return nil, err
	}
	if len(l.bodies) == 0 {
		return nil, fmt.Errorf("%s:1:1: the file has no bodies", path)
	}
	slices.SortStableFunc(l.bodies, func(a, b body) int { return cmp.Compare(a.at, b.at) })
	return &Bodies{l}, nil
}

func (l *lines) readLines(data []byte) error {
	number := 0
	for text := range bytes.Lines(data) {
		number++
		text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if column, err := l.add(text, number); err != nil {
			return fmt.Errorf("%s:%d:%d: %w", l.path, number, column, err)
		}
	}
	return nil
}

// add takes one body. It returns the column of an error.
func (l *lines) add(text []byte, number int) (column int, err error) {
	b, size := body{head: text}, len(text)
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) == nil && members != nil {
		if _, ok := members[Member]; ok {
			return 1 + gjson.GetBytes(text, Member).Index, fmt.Errorf("the object has a member %s already", Member)
		}
		b, size = split(text, len(members) == 0), size+Growth
	} else {
		if _, at, ok := token.Find(text); ok {
			return 1 + at, errors.New("the text carries a ledger token already")
		}
		l.plain++
	}
	if size > MaxBytes {
		return 1, fmt.Errorf("a body of %d bytes is above the largest record, %d", size, MaxBytes)
	}
	if l.order.Replays() {
		if b.at, err = l.order.moment(text); err != nil {
			return 1, err
		}
	}
	b.line = number
	l.max = max(l.max, size)
	l.bodies = append(l.bodies, b)
	return 0, nil
}

// split cuts an object's text where the token goes: after its opening brace.
func split(text []byte, empty bool) body {
	open := bytes.IndexByte(text, '{')
	b := body{
		head:      append(bytes.Clone(text[:open]), memberStart...),
		tail:      text[open+1:],
		separator: memberEnd + ",",
	}
	if empty {
		b.separator = memberEnd + " " // nothing to separate from, but as long
	}
	return b
}

func (l *lines) append(dst []byte, slot uint64, t *token.Token, _ Key) ([]byte, bool) {
	return l.bodies[l.order.pick(l.seed, slot, uint64(len(l.bodies)))].append(dst, t)
}

func (b *body) append(dst []byte, t *token.Token) ([]byte, bool) {
	dst = append(dst, b.head...)
	if b.separator == "" {
		return dst, false
	}
	dst = t.Append(dst)
	dst = append(dst, b.separator...)
	return append(dst, b.tail...), true
}

func (l *lines) maxBytes() int { return l.max }

func (l *lines) tokenless() int { return l.plain }

func (l *lines) examples(do func(body []byte, where string) error) error {
	var text []byte
	for i := range l.bodies {
		text, _ = l.bodies[i].append(text[:0], &token.Token{})
		if err := do(text, fmt.Sprintf("%s:%d:1", l.path, l.bodies[i].line)); err != nil {
			return err
		}
	}
	return nil
}

// Moments are when a replayed file's bodies fall due, in order and counted from
// the first; nil where bodies have no times of their own.
func (b *Bodies) Moments() []time.Duration {
	l, ok := b.source.(*lines)
	if !ok || !l.order.Replays() {
		return nil
	}
	moments := make([]time.Duration, len(l.bodies))
	for i := range l.bodies {
		moments[i] = time.Duration(float64(l.bodies[i].at-l.bodies[0].at) / l.order.speed)
	}
	return moments
}
