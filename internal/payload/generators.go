package payload

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"
)

// generator makes one value of a template's bodies.
type generator interface {
	append(dst []byte, d draw) []byte
	maxBytes() int
}

// draw is what a value is made of. It is small and goes by value, so that it
// stays in registers.
type draw struct {
	slot   uint64
	random uint64 // the value's own
	due    int64  // Unix milliseconds
	text   *randomText
}

// below is an integer from 0 to n-1, all equally likely; n = 0 stands for 2^64.
func (d draw) below(n uint64) uint64 {
	if n == 0 {
		return d.random
	}
	i, _ := bits.Mul64(d.random, n)
	return i
}

// generators make a generator from its arguments; nil stands for the token.
var generators = []struct {
	name, form string
	parse      func(args []string) (generator, error)
}{
	{"enum", "{{enum red=3 green}}", parseEnum},
	{"float", "{{float 0 1 2}} (from, to, decimals)", parseFloat},
	{"int", "{{int 1 100}}", parseInt},
	{"seq", "{{seq}}", plain(seqValue{})},
	{"text", "{{text 200}}", parseText},
	{"time", "{{time}}, {{time ms}} or {{time s}}", parseTime},
	{"token", "{{token}}", plain(nil)},
	{"uuid", "{{uuid}}", plain(uuidValue{})},
}

// parseGenerator reads what stands between braces; nil stands for the token.
func parseGenerator(words []string) (generator, error) {
	names := make([]string, len(generators))
	for i, g := range generators {
		if names[i] = g.name; len(words) == 0 || words[0] != g.name {
			continue
		}
		made, err := g.parse(words[1:])
		if err != nil {
			return nil, fmt.Errorf("%s: %w: write for example %s", g.name, err, g.form)
		}
		return made, nil
	}
	return nil, fmt.Errorf("unknown generator %q: there are %s", strings.Join(words, " "), strings.Join(names, ", "))
}

// plain parses a generator without arguments.
func plain(g generator) func([]string) (generator, error) {
	return func(args []string) (generator, error) { return g, wantArguments(args, 0) }
}

func wantArguments(args []string, n int) error {
	if len(args) != n {
		return fmt.Errorf("%d arguments instead of %d", len(args), n)
	}
	return nil
}

type seqValue struct{}

func (seqValue) append(dst []byte, d draw) []byte { return strconv.AppendUint(dst, d.slot, 10) }
func (seqValue) maxBytes() int                    { return len("18446744073709551615") }

type uuidValue struct{}

// append makes a version 4 UUID (RFC 9562, section 5.4).
func (uuidValue) append(dst []byte, d draw) []byte {
	high := d.random&^0xf000 | 0x4000
	low := hash(d.random, 0)&^(3<<62) | 2<<62
	var digits [32]byte
	appendHex(appendHex(digits[:0], high), low)
	dst = append(dst, digits[:8]...)
	dst = append(dst, '-')
	dst = append(dst, digits[8:12]...)
	dst = append(dst, '-')
	dst = append(dst, digits[12:16]...)
	dst = append(dst, '-')
	dst = append(dst, digits[16:20]...)
	dst = append(dst, '-')
	return append(dst, digits[20:]...)
}

func (uuidValue) maxBytes() int { return 36 }

// numberValue is a decimal number, counted in units of its last decimal.
type numberValue struct {
	from     int64
	count    uint64 // of the numbers there are; 0 stands for 2^64
	decimals int
	max      int
}

func newNumber(from, to int64, decimals int) (generator, error) {
	if from > to {
		return nil, errors.New("the range ends before it starts")
	}
	n := numberValue{from: from, count: uint64(to) - uint64(from) + 1, decimals: decimals}
	n.max = max(len(n.appendNumber(nil, from)), len(n.appendNumber(nil, to)))
	return n, nil
}

func parseInt(args []string) (generator, error) {
	if err := wantArguments(args, 2); err != nil {
		return nil, err
	}
	var ends [2]int64
	for i, arg := range args {
		var err error
		if ends[i], err = strconv.ParseInt(arg, 10, 64); err != nil {
			return nil, fmt.Errorf("%q is not an integer", arg)
		}
	}
	return newNumber(ends[0], ends[1], 0)
}

const maxDecimals = 9

func parseFloat(args []string) (generator, error) {
	if err := wantArguments(args, 3); err != nil {
		return nil, err
	}
	decimals, err := strconv.Atoi(args[2])
	if err != nil || decimals < 1 || decimals > maxDecimals {
		return nil, fmt.Errorf("%q is not a number of decimals from 1 to %d", args[2], maxDecimals)
	}
	var ends [2]int64
	for i, arg := range args[:2] {
		v, err := strconv.ParseFloat(arg, 64)
		units := v * math.Pow10(decimals)
		if err != nil || !(math.Abs(units) < 1<<53) { // written so that NaN is refused
			return nil, fmt.Errorf("%q is not a number, or too large for %d decimals", arg, decimals)
		}
		ends[i] = int64(math.Round(units))
	}
	return newNumber(ends[0], ends[1], decimals)
}

func (n numberValue) append(dst []byte, d draw) []byte {
	return n.appendNumber(dst, n.from+int64(d.below(n.count)))
}

func (n numberValue) appendNumber(dst []byte, units int64) []byte {
	if n.decimals == 0 {
		return strconv.AppendInt(dst, units, 10)
	}
	if units < 0 {
		dst, units = append(dst, '-'), -units
	}
	one := int64(math.Pow10(n.decimals))
	dst = strconv.AppendInt(dst, units/one, 10)
	// A one before the decimals keeps their leading zeros; the point replaces it.
	point := len(dst)
	dst = strconv.AppendInt(dst, one+units%one, 10)
	dst[point] = '.'
	return dst
}

func (n numberValue) maxBytes() int { return n.max }

type enumValue struct {
	words []string
	share *alias
	max   int
}

func parseEnum(args []string) (generator, error) {
	if len(args) == 0 {
		return nil, errors.New("no words")
	}
	e := enumValue{}
	var weights []float64
	for _, arg := range args {
		word, text, weighted := strings.Cut(arg, "=")
		weight := 1.0
		if weighted {
			var err error
			weight, err = strconv.ParseFloat(text, 64)
			if err != nil || !(weight > 0 && weight <= 1e9) { // written so that NaN is refused
				return nil, fmt.Errorf("%q is not a weight above 0", text)
			}
		}
		if word == "" || strings.ContainsAny(word, "\"\\{}") {
			return nil, fmt.Errorf("%q is empty or has quotes, backslashes or braces", word)
		}
		e.words, weights = append(e.words, word), append(weights, weight)
		e.max = max(e.max, len(word))
	}
	e.share = newAlias(weights)
	return e, nil
}

func (e enumValue) append(dst []byte, d draw) []byte {
	return append(dst, e.words[e.share.index(d.random)]...)
}

func (e enumValue) maxBytes() int { return e.max }

// textValue is a number of characters.
type textValue int

func parseText(args []string) (generator, error) {
	if err := wantArguments(args, 1); err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 0 || n > MaxBytes {
		return nil, fmt.Errorf("%q is not a number of characters from 0 to %d", args[0], MaxBytes)
	}
	return textValue(n), nil
}

func (n textValue) append(dst []byte, d draw) []byte { return d.text.append(dst, d.random, int(n)) }
func (n textValue) maxBytes() int                    { return int(n) }

// timeValue is when the record is due: in units of Unix time, or as text where
// the unit is 0.
type timeValue time.Duration

func parseTime(args []string) (generator, error) {
	if len(args) == 0 {
		return timeValue(0), nil
	}
	units := map[string]time.Duration{"ms": time.Millisecond, "s": time.Second}
	unit, ok := units[args[0]]
	if !ok {
		return nil, fmt.Errorf("%q is not ms or s", args[0])
	}
	return timeValue(unit), wantArguments(args, 1)
}

func (unit timeValue) append(dst []byte, d draw) []byte {
	// As in generated bodies the time has always as many digits.
	ms := min(max(d.due, minTimestamp), maxTimestamp)
	if unit == 0 {
		// RFC 3339 has a short cut in package time; a layout with milliseconds has none.
		dst = time.UnixMilli(ms).UTC().AppendFormat(dst, time.RFC3339)
		point := len(dst) - len("Z")
		dst = strconv.AppendInt(dst[:point], 1000+ms%1000, 10)
		dst[point] = '.'
		return append(dst, 'Z')
	}
	return strconv.AppendInt(dst, ms/time.Duration(unit).Milliseconds(), 10)
}

func (unit timeValue) maxBytes() int { return len("2006-01-02T15:04:05.000Z") }
