package line

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestGammaCodes(t *testing.T) {
	for _, c := range []struct {
		name    string
		numbers []uint64
		text    string
	}{
		{"nothing", nil, ""},
		{"1 and 2: 1 010, filled up: 1010 0000", []uint64{1, 2}, "oA"},
		{"3 and 4: 011 00100: 0110 0100", []uint64{3, 4}, "ZA"},
		{"the largest: 63 zeros and 64 ones, twice", []uint64{math.MaxUint64, math.MaxUint64}, "AAAAAAAAAAH//////////gAAAAAAAAAD//////////w"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w gammaWriter
			for _, v := range c.numbers {
				w.put(v)
			}
			if w.text() != c.text {
				t.Errorf("text = %q, want %q", w.text(), c.text)
			}
			r, err := newGammaReader(c.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []uint64
			for {
				a, b, more, err := r.pair()
				if err != nil {
					t.Fatal(err)
				}
				if !more {
					break
				}
				got = append(got, a, b)
			}
			if diff := cmp.Diff(c.numbers, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	pairs := func(numbers ...uint64) string {
		var w gammaWriter
		for _, v := range numbers {
			w.put(v)
		}
		return w.text()
	}
	for _, c := range []struct {
		name, text, set, hist string
	}{
		{"a character outside base64", "o*", "illegal base64 data at input byte 1", "illegal base64 data at input byte 1"},
		{"a distance without its partner", pairs(300), "ends inside a code", "ends inside a code"},
		{"nothing but zeros", "AAAA", "ends inside a code", "ends inside a code"},
		{"64 zeros before a one", "AAAAAAAAAACA", "a code above 64 bits", "a code above 64 bits"},
		{"a sum above 64 bits", pairs(5, 1, math.MaxUint64, 1), "a sequence above 64 bits", "a bucket above the longest duration"},
		{"a length above 64 bits", pairs(5, math.MaxUint64), "a sequence above 64 bits", "a count above 63 bits"},
		{"a bucket above the last", pairs(uint64(topBucket)+2, 1), "", "a bucket above the longest duration"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := decodeSet(c.text); text(err) != c.set {
				t.Errorf("decodeSet: %q, want %q", text(err), c.set)
			}
			if _, err := decodeHist(c.text); text(err) != c.hist {
				t.Errorf("decodeHist: %q, want %q", text(err), c.hist)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
