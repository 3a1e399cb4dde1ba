package line

import (
	"encoding/base64"
	"errors"
	"math/bits"
)

// codes is base64 as the format has it: unpadded, and one text for one value.
var codes = base64.RawStdEncoding.Strict()

var errCut = errors.New("ends inside a code")

// gammaWriter packs positive numbers as Elias gamma codes, most significant
// bit first. The zero value is ready to use.
type gammaWriter struct {
	packed []byte
	free   int // unused low bits of the last byte
}

// put appends v, which must not be 0.
func (w *gammaWriter) put(v uint64) {
	n := bits.Len64(v)
	w.bits(0, n-1)
	w.bits(v, n)
}

// bits appends the low n bits of v.
func (w *gammaWriter) bits(v uint64, n int) {
	for n > 0 {
		if w.free == 0 {
			w.packed = append(w.packed, 0)
			w.free = 8
		}
		take := min(n, w.free)
		chunk := v >> (n - take) & (1<<take - 1)
		w.packed[len(w.packed)-1] |= byte(chunk << (w.free - take))
		w.free -= take
		n -= take
	}
}

// text is what was put, in base64.
func (w *gammaWriter) text() string { return codes.EncodeToString(w.packed) }

// gammaReader reads what a gammaWriter packed.
type gammaReader struct {
	packed []byte
	at     int // in bits
}

func newGammaReader(text string) (gammaReader, error) {
	packed, err := codes.DecodeString(text)
	return gammaReader{packed: packed}, err
}

// pair reads two numbers; more is false at the end of the list.
func (r *gammaReader) pair() (a, b uint64, more bool, err error) {
	if r.filling() {
		return 0, 0, false, nil
	}
	if a, err = r.next(); err != nil {
		return 0, 0, false, err
	}
	if b, err = r.next(); err != nil {
		return 0, 0, false, err
	}
	return a, b, true, nil
}

// filling reports whether nothing is left but the zeros up to a whole byte.
func (r *gammaReader) filling() bool {
	left := 8*len(r.packed) - r.at
	return left == 0 || left < 8 && r.packed[len(r.packed)-1]<<(8-left) == 0
}

func (r *gammaReader) next() (uint64, error) {
	zeros := 0
	for {
		bit, ok := r.bit()
		if !ok {
			return 0, errCut
		}
		if bit == 1 {
			break
		}
		if zeros++; zeros > 63 {
			return 0, errors.New("a code above 64 bits")
		}
	}
	v := uint64(1)
	for range zeros {
		bit, ok := r.bit()
		if !ok {
			return 0, errCut
		}
		v = v<<1 | uint64(bit)
	}
	return v, nil
}

func (r *gammaReader) bit() (byte, bool) {
	if r.at >= 8*len(r.packed) {
		return 0, false
	}
	b := r.packed[r.at/8] >> (7 - r.at%8) & 1
	r.at++
	return b, true
}
