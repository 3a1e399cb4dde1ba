package payload

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"weir/probe/token"
)

// template are bodies of literal text and generated values in turn.
type template struct {
	name   string
	seed   uint64
	pieces []piece
	max    int
	text   randomText // what text generators cut from
}

// piece is literal text or a generated value; one that has neither is the
// ledger token.
type piece struct {
	literal   string
	generator generator
	offset    int // in the template's text
}

func (p *piece) isToken() bool { return p.literal == "" && p.generator == nil }

// OpenTemplate is ParseTemplate of a file's text.
func OpenTemplate(path string, seed uint64) (*Bodies, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	return ParseTemplate(path, string(text), seed)
}

// ParseTemplate makes bodies of a text with generators in double braces:
//
//	{{uuid}}                   a random UUID (version 4)
//	{{time}}                   when the record is due, 2026-11-22T12:00:00.000Z
//	{{time ms}}, {{time s}}    the same as Unix time
//	{{seq}}                    the record's place in the test, from 0
//	{{int 1 100}}              an integer, both ends included
//	{{float 0 1 2}}            a number with two decimals, both ends included
//	{{enum red=3 green}}       one of the words, by weight (1 without one)
//	{{text 200}}               so many characters of base64url's alphabet
//	{{token}}                  the ledger token
//
// The same seed, slot and token give the same bytes. The token goes where
// {{token}} stands. Without it the text must be a JSON object, which gets the
// token as its first member, _weir. One newline at the end of the text is not
// part of the body. Errors begin with name:line:column.
func ParseTemplate(name, text string, seed uint64) (*Bodies, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	t := &template{name: name, seed: seed, text: newRandomText(seed)}
	if at, err := t.compile(text); err != nil {
		line, column := position(text, at)
		return nil, fmt.Errorf("%s:%d:%d: %w", name, line, column, err)
	}
	return &Bodies{t}, nil
}

// compile makes the pieces. It returns the offset of an error.
func (t *template) compile(text string) (at int, err error) {
	if _, at, found := token.Find([]byte(text)); found {
		return at, errors.New("the text carries a ledger token already")
	}
	if at, err := t.parse(text); err != nil {
		return at, err
	}
	at, err = t.measure()
	if err != nil || slices.ContainsFunc(t.pieces, func(p piece) bool { return p.isToken() }) {
		return at, err
	}
	if at, err := t.checkObject(); err != nil {
		return at, err
	}
	t.insertToken()
	return t.measure()
}

// position is the line and the column, in characters, of an offset.
func position(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	lineStart := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + len([]rune(before[lineStart:]))
}

// parse cuts the text into pieces.
func (t *template) parse(text string) (at int, err error) {
	for at < len(text) {
		length := strings.Index(text[at:], "{{")
		if length < 0 {
			length = len(text) - at
		}
		if length > 0 {
			t.pieces = append(t.pieces, piece{literal: text[at : at+length], offset: at})
			at += length
			continue
		}
		inner, _, closed := strings.Cut(text[at+2:], "}}")
		if !closed || strings.ContainsAny(inner, "\r\n") {
			return at, errors.New("{{ without }} on its line")
		}
		g, err := parseGenerator(strings.Fields(inner))
		if err != nil {
			return at, err
		}
		t.pieces = append(t.pieces, piece{generator: g, offset: at})
		at += len("{{") + len(inner) + len("}}")
	}
	return 0, nil
}

// errNoObject says where a token could go.
var errNoObject = errors.New("the text is no JSON object: write {{token}} where the ledger token is to stand")

// Bodies that are looked at to see that a template makes JSON: many, since
// values differ in form, unless they are large.
const (
	maxExamples     = 100
	maxExampleBytes = 4 << 20
)

// exampleCount is how many bodies like this one are looked at.
func exampleCount(body []byte) uint64 {
	return uint64(max(min(maxExamples, maxExampleBytes/max(len(body), 1)), 1))
}

// checkObject reports a template whose bodies are not JSON objects or have a
// member _weir.
func (t *template) checkObject() (at int, err error) {
	body := t.example(0)
	if trimmed := bytes.TrimLeft(body, " \t\r\n"); len(trimmed) == 0 || trimmed[0] != '{' {
		return 0, errNoObject
	}
	for slot := range exampleCount(body) {
		body := t.example(slot)
		var members map[string]json.RawMessage
		if err := json.Unmarshal(body, &members); err != nil {
			offset := len(body)
			if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
				offset = int(syntax.Offset) - 1
			}
			return t.origin(slot, offset), fmt.Errorf("the bodies are no JSON objects: %w", err)
		}
		if _, ok := members[Member]; ok {
			return 0, fmt.Errorf("the object has a member %s already", Member)
		}
	}
	return 0, nil
}

func (t *template) example(slot uint64) []byte {
	body, _ := t.append(nil, slot, &token.Token{}, Key{})
	return body
}

// origin is the offset in the template's text of what stands at an offset of
// the slot's example.
func (t *template) origin(slot uint64, offset int) int {
	var body []byte
	for i, p := range t.pieces {
		start := len(body)
		body = t.appendPiece(body, i, slot, &token.Token{})
		switch last := i == len(t.pieces)-1; {
		case offset >= len(body) && !last:
		case p.generator != nil:
			return p.offset
		default:
			return p.offset + offset - start
		}
	}
	return 0
}

// insertToken puts the token's member after the object's opening brace.
func (t *template) insertToken() {
	first := t.pieces[0] // literal, for no generator makes a brace
	open := strings.IndexByte(first.literal, '{') + 1
	end := memberEnd + ","
	if len(t.pieces) == 1 && strings.TrimSpace(first.literal[open:]) == "}" {
		end = memberEnd
	}
	t.pieces = append([]piece{
		{literal: first.literal[:open] + memberStart[len("{"):], offset: first.offset},
		{offset: first.offset},
		{literal: end + first.literal[open:], offset: first.offset},
	}, t.pieces[1:]...)
}

// measure sets the size of the largest body.
func (t *template) measure() (at int, err error) {
	t.max = 0
	for _, p := range t.pieces {
		switch {
		case p.generator != nil:
			t.max += p.generator.maxBytes()
		case p.isToken():
			t.max += token.Len
		default:
			t.max += len(p.literal)
		}
		if t.max > MaxBytes {
			return p.offset, fmt.Errorf("a body of %d bytes or more is above the largest record, %d", t.max, MaxBytes)
		}
	}
	return 0, nil
}

func (t *template) append(dst []byte, slot uint64, tok *token.Token, _ Key) ([]byte, bool) {
	for i := range t.pieces {
		dst = t.appendPiece(dst, i, slot, tok)
	}
	return dst, true
}

func (t *template) appendPiece(dst []byte, i int, slot uint64, tok *token.Token) []byte {
	switch p := &t.pieces[i]; {
	case p.generator != nil:
		random := hash(hash(t.seed, slot), uint64(i))
		return p.generator.append(dst, draw{slot, random, tok.Due.UnixMilli(), &t.text})
	case p.isToken():
		return tok.Append(dst)
	default:
		return append(dst, p.literal...)
	}
}

func (t *template) maxBytes() int { return t.max }

func (t *template) tokenless() int { return 0 }

func (t *template) examples(do func(body []byte, where string) error) error {
	for slot := range exampleCount(t.example(0)) {
		if err := do(t.example(slot), t.name+":1:1"); err != nil {
			return err
		}
	}
	return nil
}
