package payload

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"weir/probe/token"
)

// MinBytes is the size of the smallest generated body: {"_weir":"…"}.
const MinBytes = len(memberStart) + token.Len + len(memberEnd) + len(`}`)

// The members of a generated body after the token's, in order. All but data
// are of constant length; data fills up to the size asked.
const (
	idStart   = `,"id":"` // and 16 hexadecimal digits
	tsStart   = `,"ts":`  // and 13 decimal digits
	typeStart = `,"type":"`
	dataStart = `,"data":"`

	idBytes   = len(idStart) + 16 + len(`"`)
	tsBytes   = len(tsStart) + 13
	typeBytes = len(typeStart) + 8 + len(`"`)
	dataBytes = len(dataStart) + len(`"`) // without its text
)

var types = [...]string{"purchase", "pageview", "checkout", "register"}

// Milliseconds since the Unix epoch with 13 digits: from September 2001 on.
const (
	minTimestamp = 1_000_000_000_000
	maxTimestamp = 9_999_999_999_999
)

// generated are JSON objects of exact sizes:
//
//	{"_weir":"<token>","id":"<hex>","ts":<ms>,"type":"<word>","data":"<text>"}
//
// Where the size does not allow all members, type is left out, then ts, then
// id, then data, and spaces fill up what is left.
type generated struct {
	sizes Sizes
	fixed members // where sizes don't vary
	seed  uint64
	text  randomText
}

// NewBodies are generated JSON bodies of exactly size bytes, token included.
// The same seed, slot and token give the same bytes; where there is room for an
// id, bodies of different slots differ by more than their token. A size outside
// MinBytes to MaxBytes is an error.
func NewBodies(size int, seed uint64) (*Bodies, error) {
	return NewSizedBodies(Sizes{Min: size, Max: size}, seed)
}

// NewSizedBodies is NewBodies with a size for each slot, drawn from sizes.
func NewSizedBodies(sizes Sizes, seed uint64) (*Bodies, error) {
	if err := sizes.check(MinBytes); err != nil {
		return nil, err
	}
	return &Bodies{&generated{sizes, membersOf(sizes.Min), seed, newRandomText(seed)}}, nil
}

// members are those of a body that its size allows.
type members struct {
	id, ts, typ, data bool
	fill              int // characters of data's text, or spaces without data
}

func membersOf(size int) members {
	m := members{fill: size - MinBytes}
	m.data = m.take(dataBytes)
	m.id = m.data && m.take(idBytes)
	m.ts = m.id && m.take(tsBytes)
	m.typ = m.ts && m.take(typeBytes)
	return m
}

// take takes n bytes for a member from those to fill, if they are there.
func (m *members) take(n int) bool {
	if m.fill < n {
		return false
	}
	m.fill -= n
	return true
}

func (g *generated) append(dst []byte, slot uint64, t *token.Token, _ Key) ([]byte, bool) {
	random := hash(g.seed, slot)
	m := g.fixed
	if g.sizes.Min < g.sizes.Max {
		m = membersOf(g.sizes.draw(hash(random, 0)))
	}
	dst = append(dst, memberStart...)
	dst = t.Append(dst)
	dst = append(dst, memberEnd...)
	if m.id {
		dst = append(dst, idStart...)
		dst = appendHex(dst, random)
		dst = append(dst, '"')
	}
	if m.ts {
		dst = append(dst, tsStart...)
		dst = strconv.AppendInt(dst, min(max(t.Due.UnixMilli(), minTimestamp), maxTimestamp), 10)
	}
	if m.typ {
		dst = append(dst, typeStart...)
		dst = append(dst, types[random%uint64(len(types))]...)
		dst = append(dst, '"')
	}
	if m.data {
		dst = append(dst, dataStart...)
		dst = g.text.append(dst, random, m.fill)
		dst = append(dst, '"')
	} else {
		dst = append(dst, "         "[:m.fill]...)
	}
	return append(dst, '}'), true
}

func (g *generated) maxBytes() int { return g.sizes.Max }

func (g *generated) tokenless() int { return 0 }

func (g *generated) examples(do func(body []byte, where string) error) error {
	// Smaller bodies have fewer members.
	smallest := generated{Sizes{Min: g.sizes.Min, Max: g.sizes.Min}, g.fixed, g.seed, g.text}
	body, _ := smallest.append(nil, 0, &token.Token{}, Key{})
	return do(body, fmt.Sprintf("generated bodies of %d bytes", g.sizes.Min))
}

// appendHex appends the sixteen digits of v.
func appendHex(dst []byte, v uint64) []byte {
	dst = binary.BigEndian.AppendUint64(dst, hexDigits(uint32(v>>32)))
	return binary.BigEndian.AppendUint64(dst, hexDigits(uint32(v)))
}

// hexDigits are the eight digits of v in the bytes of a word: its nibbles are
// spread over them, and those above nine moved on from behind '9' to 'a'.
func hexDigits(v uint32) uint64 {
	const ones = 0x0101010101010101
	w := uint64(v)
	w = (w<<16 | w) & 0x0000ffff0000ffff
	w = (w<<8 | w) & 0x00ff00ff00ff00ff
	w = (w<<4 | w) & 0x0f0f0f0f0f0f0f0f
	letters := (w + 6*ones) >> 4 & ones
	return w + '0'*ones + letters*('a'-'9'-1)
}
