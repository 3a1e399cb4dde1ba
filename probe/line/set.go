package line

import (
	"errors"
	"math"
	"slices"
	"sort"
)

// Range is the half-open range [From, To) of sequences.
type Range struct {
	From, To uint64
}

// Set is a set of sequences as sorted, disjoint, non-adjacent ranges. A nil Set
// is empty. Sequences are below 2^64-1.
type Set []Range

// SetOf is the set of seqs, which it sorts in place, and how many of them were
// there already.
func SetOf(seqs []uint64) (s Set, duplicates int) {
	slices.Sort(seqs)
	for _, seq := range seqs {
		last := len(s) - 1
		switch {
		case last >= 0 && seq < s[last].To:
			duplicates++
		case last >= 0 && seq == s[last].To:
			s[last].To++
		default:
			s = append(s, Range{seq, seq + 1})
		}
	}
	return s, duplicates
}

// Add puts seq into the set.
func (s *Set) Add(seq uint64) { s.AddRange(Range{seq, seq + 1}) }

// AddRange puts all of r into the set.
func (s *Set) AddRange(r Range) {
	if r.From >= r.To {
		return
	}
	old := *s
	// old[i:j] are the ranges that r overlaps or touches.
	i := sort.Search(len(old), func(k int) bool { return old[k].To >= r.From })
	j := i + sort.Search(len(old)-i, func(k int) bool { return old[i+k].From > r.To })
	if i < j {
		r = Range{min(r.From, old[i].From), max(r.To, old[j-1].To)}
	}
	*s = slices.Replace(old, i, j, r)
}

// Contains reports whether seq is in the set.
func (s Set) Contains(seq uint64) bool {
	i := sort.Search(len(s), func(k int) bool { return s[k].To > seq })
	return i < len(s) && s[i].From <= seq
}

// Len is the number of sequences in the set.
func (s Set) Len() uint64 {
	var n uint64
	for _, r := range s {
		n += r.To - r.From
	}
	return n
}

// Union is a new set of what is in s or in other.
func (s Set) Union(other Set) Set {
	out := make(Set, 0, len(s)+len(other))
	for len(s) > 0 || len(other) > 0 {
		if len(s) == 0 || len(other) > 0 && other[0].From < s[0].From {
			s, other = other, s
		}
		r := s[0]
		s = s[1:]
		if last := len(out) - 1; last >= 0 && r.From <= out[last].To {
			out[last].To = max(out[last].To, r.To)
		} else {
			out = append(out, r)
		}
	}
	return out
}

func (s Set) encode() string {
	var w gammaWriter
	end := uint64(math.MaxUint64) // so that the first distance is From+1
	for _, r := range s {
		w.put(r.From - end)
		w.put(r.To - r.From)
		end = r.To
	}
	return w.text()
}

func decodeSet(text string) (Set, error) {
	r, err := newGammaReader(text)
	if err != nil {
		return nil, err
	}
	var s Set
	end := uint64(math.MaxUint64)
	for {
		distance, length, more, err := r.pair()
		if err != nil || !more {
			return s, err
		}
		from := end + distance
		to := from + length
		if len(s) > 0 && from < end || to < from {
			return nil, errors.New("a sequence above 64 bits")
		}
		s = append(s, Range{from, to})
		end = to
	}
}
