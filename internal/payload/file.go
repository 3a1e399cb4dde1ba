package payload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"weir/probe/token"
)

// Growth is by how much the token's member makes a JSON object longer.
const Growth = len(`"`+Member+`":"`) + token.Len + len(`",`)

// lines are the bodies of a file.
type lines struct {
	bodies []body
	max    int
	plain  int // bodies without token
}

// body is one line. In one with a token, separator ends the token's member, and
// head and tail stand before and after it; in one without, head is all.
type body struct {
	head, tail []byte
	separator  string
}

// OpenBodies reads the bodies from a file of lines (NDJSON), which is kept in
// memory. Slot i has line i, counted without empty lines, and after the last
// line the first again. A line that is a JSON object gets the token as its
// first member, _weir, and grows by exactly Growth; any other goes unchanged,
// without token. A line that has a token or a member _weir already, a body
// above MaxBytes and a file without bodies are errors.
func OpenBodies(path string) (*Bodies, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read payload file: %w", err)
	}
	l := &lines{}
	number := 0
	for text := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		number++
		text = bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r"))
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		if err := l.add(text); err != nil {
			return nil, fmt.Errorf("read payload file: %s line %d: %w", path, number, err)
		}
	}
	if len(l.bodies) == 0 {
		return nil, fmt.Errorf("read payload file: %s has no lines", path)
	}
	return &Bodies{l}, nil
}

func (l *lines) add(text []byte) error {
	size := len(text)
	b := body{head: text}
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) == nil && members != nil {
		if _, ok := members[Member]; ok {
			return fmt.Errorf("the object has a member %s already", Member)
		}
		b = split(text, len(members) == 0)
		size += Growth
	} else {
		if _, _, ok := token.Find(text); ok {
			return errors.New("the text carries a ledger token already")
		}
		l.plain++
	}
	if size > MaxBytes {
		return fmt.Errorf("a body of %d bytes is above the largest record, %d", size, MaxBytes)
	}
	l.max = max(l.max, size)
	l.bodies = append(l.bodies, b)
	return nil
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

func (l *lines) append(dst []byte, slot uint64, t token.Token) ([]byte, bool) {
	b := &l.bodies[slot%uint64(len(l.bodies))]
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
