package ledger

import (
	"cmp"
	"math/bits"
	"slices"
)

// position is a stream sequence number: a decimal number, compared as one.
// Kinesis writes 56 digits, which 192 bits hold; most significant word first.
type position [3]uint64

// maxDigits is the length of a decimal number that always fits 192 bits.
const maxDigits = 57

// parsePosition reads a sequence number; false where it isn't a decimal number
// of at most 57 digits.
func parsePosition(s string) (position, bool) {
	if s == "" || len(s) > maxDigits {
		return position{}, false
	}
	var p position
	for len(s) > 0 {
		n := min(len(s), 19) // 10^19 fits 64 bits
		var part, scale uint64 = 0, 1
		for _, c := range []byte(s[:n]) {
			if c < '0' || c > '9' {
				return position{}, false
			}
			part = part*10 + uint64(c-'0')
			scale *= 10
		}
		p = p.mulAdd(scale, part)
		s = s[n:]
	}
	return p, true
}

// mulAdd is p·scale + part.
func (p position) mulAdd(scale, part uint64) position {
	carry := part
	for i := len(p) - 1; i >= 0; i-- {
		hi, lo := bits.Mul64(p[i], scale)
		sum, c := bits.Add64(lo, carry, 0)
		p[i], carry = sum, hi+c
	}
	return p
}

func (p position) compare(q position) int {
	return cmp.Or(cmp.Compare(p[0], q[0]), cmp.Compare(p[1], q[1]), cmp.Compare(p[2], q[2]))
}

func (p position) below(q position) bool { return p.compare(q) < 0 }

// stretch is a closed interval of positions: one batch, or several as one.
type stretch struct{ first, last position }

// passage is the part of a shard (or of a key lane in it) that was processed,
// as sorted, disjoint stretches. Sequence numbers have gaps, so batches that
// follow each other do not touch: to stay small, a passage that has grown to
// twice its limit joins its lowest stretches into one. What falls between two
// batches is told apart for the newest ones only.
type passage struct {
	stretches []stretch
}

// overlaps reports whether any of s was passed before.
func (p *passage) overlaps(s stretch) bool {
	i := p.from(s.first)
	return i < len(p.stretches) && !s.last.below(p.stretches[i].first)
}

// covers reports whether all of s lies in one stretch passed before.
func (p *passage) covers(s stretch) bool {
	i := p.from(s.first)
	return i < len(p.stretches) && !s.first.below(p.stretches[i].first) && !p.stretches[i].last.below(s.last)
}

// from is the index of the lowest stretch that ends at or above at.
func (p *passage) from(at position) int {
	i, _ := slices.BinarySearchFunc(p.stretches, at, func(s stretch, at position) int {
		return s.last.compare(at)
	})
	return i
}

// highest is the highest position passed; the zero position when none was.
func (p *passage) highest() position {
	if len(p.stretches) == 0 {
		return position{}
	}
	return p.stretches[len(p.stretches)-1].last
}

// add marks s as passed and keeps at most 2·limit stretches.
func (p *passage) add(s stretch, limit int) {
	i := p.from(s.first)
	j := i
	for j < len(p.stretches) && !s.last.below(p.stretches[j].first) {
		if p.stretches[j].first.below(s.first) {
			s.first = p.stretches[j].first
		}
		if s.last.below(p.stretches[j].last) {
			s.last = p.stretches[j].last
		}
		j++
	}
	p.stretches = slices.Replace(p.stretches, i, j, s)
	if len(p.stretches) >= 2*limit {
		low := stretch{p.stretches[0].first, p.stretches[limit].last}
		p.stretches = slices.Replace(p.stretches, 0, limit+1, low)
	}
}

func (p *passage) clone() *passage { return &passage{stretches: slices.Clone(p.stretches)} }
