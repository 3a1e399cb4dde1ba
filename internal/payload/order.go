package payload

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Order says in which order the bodies of a file are used. The zero value is
// one after the other, and from the start again.
type Order struct {
	sample bool    // drawn at random, by the seed
	field  string  // of the body: its time, by which bodies are put in order and fall due; empty: none
	speed  float64 // of replay
}

// ParseOrder reads an Order:
//
//	loop                  in order, and from the start again; so does an empty text
//	sample                drawn at random by the seed, each as likely
//	replay:at, replay:at*10   once, when the field "at" says, ten times as fast
func ParseOrder(text string) (Order, error) {
	kind, rest, given := strings.Cut(strings.TrimSpace(text), ":")
	switch {
	case (kind == "" || kind == "loop") && !given:
		return Order{}, nil
	case kind == "sample" && !given:
		return Order{sample: true}, nil
	case kind == "replay" && rest != "":
		return parseReplay(rest)
	}
	return Order{}, fmt.Errorf("%q is no order: write loop, sample, replay:FIELD or replay:FIELD*10", text)
}

func parseReplay(text string) (Order, error) {
	o := Order{field: text, speed: 1}
	if field, factor, ok := strings.Cut(text, "*"); ok {
		speed, err := strconv.ParseFloat(factor, 64)
		if err != nil || !(speed > 0 && speed <= 1e6) || field == "" { // written so that NaN is refused
			return Order{}, fmt.Errorf("replay: %q is no field and speed: write for example replay:at*10", text)
		}
		o.field, o.speed = field, speed
	}
	return o, nil
}

// Replays reports whether the bodies have times of their own.
func (o Order) Replays() bool { return o.field != "" }

// pick is the place, of n, of the slot's body.
func (o Order) pick(seed, slot, n uint64) uint64 {
	if !o.sample {
		return slot % n
	}
	i, _ := bits.Mul64(hash(seed, slot), n)
	return i
}

// moment is the time in a body's field: RFC 3339, or a Unix time in seconds,
// milliseconds, microseconds or nanoseconds, which today's magnitude tells
// apart.
func (o Order) moment(text []byte) (time.Duration, error) {
	value := gjson.GetBytes(text, o.field)
	if !value.Exists() {
		return 0, fmt.Errorf("no field %s", o.field)
	}
	if t, err := time.Parse(time.RFC3339Nano, value.String()); err == nil {
		return time.Duration(t.UnixNano()), nil
	}
	n, err := strconv.ParseFloat(value.String(), 64)
	if err != nil || !(n >= 0) { // written so that NaN is refused
		return 0, fmt.Errorf("field %s: %q is not a time: RFC 3339 or a Unix time", o.field, value.String())
	}
	unit := time.Second
	for _, limit := range []float64{1e11, 1e14, 1e17} { // the year 5138 in seconds, milliseconds, microseconds
		if n >= limit {
			unit /= 1000
		}
	}
	if n*float64(unit) >= math.MaxInt64 {
		return 0, fmt.Errorf("field %s: %q is after the year 2262", o.field, value.String())
	}
	if whole, err := strconv.ParseInt(value.String(), 10, 64); err == nil {
		return time.Duration(whole) * unit, nil // a float has no nanoseconds of today
	}
	return time.Duration(n * float64(unit)), nil
}
