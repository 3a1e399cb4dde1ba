package kinesis

import (
	"math/bits"
	"slices"
	"time"
)

// A sequence number is a 188-bit number written in decimal, 56 digits. This is
// the layout of AWS's version 2 as public decoders read it, from the highest
// bits down; ours puts the record's position in the shard, plus one, into the
// index, so a number leads back to its record without a table.
//
//	 4  the digit 2
//	36  second of the shard's creation
//	 4  lowest bits of the shard's index
//	64  index, rising by one with each record; 0 is the shard's start
//	 8  zero
//	36  second of the record's arrival
//	32  shard index
//	 4  version, 2
const (
	sequenceDigits  = 56
	sequenceVersion = 2
	low28, low36    = 1<<28 - 1, 1<<36 - 1
)

// sequencer makes and reads the sequence numbers of one shard.
type sequencer struct {
	created uint64 // Unix seconds
	shard   uint32
}

func newSequencer(created time.Time, shard uint32) sequencer {
	return sequencer{created: uint64(created.Unix()) & low36, shard: shard}
}

// sequence is a sequence number taken apart.
type sequence struct {
	created uint64
	shard   uint32
	index   uint64
	arrival uint64 // Unix seconds
}

// start is the sequence number below all of the shard's records.
func (q sequencer) start() string {
	return string(sequence{q.created, q.shard, 0, q.created}.append(nil))
}

// append appends the number of the record at position that arrived at arrival
// (Unix milliseconds).
func (q sequencer) append(dst []byte, position uint64, arrival int64) []byte {
	return sequence{q.created, q.shard, position + 1, uint64(arrival/1000) & low36}.append(dst)
}

func (s sequence) append(dst []byte) []byte {
	low := s.arrival<<36 | uint64(s.shard)<<4 | sequenceVersion
	middle := s.index<<16 | s.arrival>>28
	high := 2<<56 | s.created<<20 | uint64(s.shard&15)<<16 | s.index>>48

	// Dividing twice by 10^19 leaves 18 + 19 + 19 decimal digits.
	const group = 10_000_000_000_000_000_000
	m, r := bits.Div64(high, middle, group)
	l, third := bits.Div64(r, low, group)
	first, second := bits.Div64(m, l, group)

	start := len(dst)
	dst = slices.Grow(dst, sequenceDigits)[:start+sequenceDigits]
	digits := dst[start:]
	putDigits(digits[:18], first)
	putDigits(digits[18:37], second)
	putDigits(digits[37:], third)
	return dst
}

// pairs are the two digits of each number below 100.
var pairs = func() (pairs [100][2]byte) {
	for i := range pairs {
		pairs[i] = [2]byte{byte('0' + i/10), byte('0' + i%10)}
	}
	return pairs
}()

// putDigits fills dst with n in decimal, two digits at a division.
func putDigits(dst []byte, n uint64) {
	i := len(dst)
	for ; i >= 2; i -= 2 {
		copy(dst[i-2:i], pairs[n%100][:])
		n /= 100
	}
	if i == 1 {
		dst[0] = byte('0' + n%10)
	}
}

// parseSequence takes a sequence number apart; ok is false where it isn't one
// of version 2.
func parseSequence(text string) (s sequence, ok bool) {
	if len(text) != sequenceDigits {
		return sequence{}, false
	}
	var high, middle, low uint64
	for i := range len(text) {
		digit := text[i] - '0'
		if digit > 9 {
			return sequence{}, false
		}
		var over, carry uint64
		over, low = bits.Mul64(low, 10)
		low, carry = bits.Add64(low, uint64(digit), 0)
		over += carry
		var top uint64
		top, middle = bits.Mul64(middle, 10)
		middle, carry = bits.Add64(middle, over, 0)
		high = high*10 + top + carry
	}
	s = sequence{
		created: high >> 20 & low36,
		shard:   uint32(low >> 4),
		index:   high<<48 | middle>>16,
		arrival: middle&0xff<<28 | low>>36,
	}
	ok = high>>56 == 2 && low&15 == sequenceVersion && middle>>8&0xff == 0 && uint32(high>>16&15) == s.shard&15
	return s, ok
}
