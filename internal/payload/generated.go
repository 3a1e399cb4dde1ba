package payload

import (
	"fmt"
	"math/rand/v2"
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

// textBytes is the length of the text that the data of all bodies is cut from.
const textBytes = 1 << 16

// generated are JSON objects of one exact size:
//
//	{"_weir":"<token>","id":"<hex>","ts":<ms>,"type":"<word>","data":"<text>"}
//
// Where the size does not allow all members, type is left out, then ts, then
// id, then data, and spaces fill up what is left.
type generated struct {
	size              int
	seed              uint64
	id, ts, typ, data bool
	fill              int    // characters of data's text, or spaces without data
	text              string // random, of base64url's alphabet
}

// NewBodies are generated JSON bodies of exactly size bytes, token included.
// The same seed, slot and token give the same bytes; where there is room for an
// id, bodies of different slots differ by more than their token. A size outside
// MinBytes to MaxBytes is an error.
func NewBodies(size int, seed uint64) (*Bodies, error) {
	if size < MinBytes {
		return nil, fmt.Errorf("a body of %d bytes can't hold the ledger token: the smallest is %d", size, MinBytes)
	}
	if size > MaxBytes {
		return nil, fmt.Errorf("a body of %d bytes is above the largest record, %d", size, MaxBytes)
	}
	g := &generated{size: size, seed: seed, fill: size - MinBytes, text: randomText(seed)}
	g.data = g.take(dataBytes)
	g.id = g.data && g.take(idBytes)
	g.ts = g.id && g.take(tsBytes)
	g.typ = g.ts && g.take(typeBytes)
	return &Bodies{g}, nil
}

// take takes n bytes for a member from those to fill, if they are there.
func (g *generated) take(n int) bool {
	if g.fill < n {
		return false
	}
	g.fill -= n
	return true
}

func (g *generated) append(dst []byte, slot uint64, t token.Token) ([]byte, bool) {
	random := hash(g.seed, slot)
	dst = append(dst, memberStart...)
	dst = t.Append(dst)
	dst = append(dst, memberEnd...)
	if g.id {
		dst = append(dst, idStart...)
		dst = appendHex(dst, random)
		dst = append(dst, '"')
	}
	if g.ts {
		dst = append(dst, tsStart...)
		dst = strconv.AppendInt(dst, min(max(t.Due.UnixMilli(), minTimestamp), maxTimestamp), 10)
	}
	if g.typ {
		dst = append(dst, typeStart...)
		dst = append(dst, types[random%uint64(len(types))]...)
		dst = append(dst, '"')
	}
	if g.data {
		dst = append(dst, dataStart...)
		dst = g.appendText(dst, int(random>>32)%textBytes)
		dst = append(dst, '"')
	} else {
		dst = append(dst, "         "[:g.fill]...)
	}
	return append(dst, '}'), true
}

// appendText appends the text from offset on, round and round.
func (g *generated) appendText(dst []byte, offset int) []byte {
	for left := g.fill; left > 0; offset = 0 {
		part := g.text[offset:min(offset+left, textBytes)]
		dst = append(dst, part...)
		left -= len(part)
	}
	return dst
}

func (g *generated) maxBytes() int { return g.size }

func (g *generated) tokenless() int { return 0 }

func appendHex(dst []byte, v uint64) []byte {
	const digits = "0123456789abcdef"
	for shift := 60; shift >= 0; shift -= 4 {
		dst = append(dst, digits[v>>shift&15])
	}
	return dst
}

func randomText(seed uint64) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	rng := rand.New(rand.NewPCG(seed, textBytes))
	text := make([]byte, textBytes)
	var random uint64
	for i := range text {
		if i%10 == 0 { // ten characters of six bits
			random = rng.Uint64()
		}
		text[i] = alphabet[random&63]
		random >>= 6
	}
	return string(text)
}
