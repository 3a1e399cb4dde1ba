package kinesis

import (
	"encoding/binary"
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

// putDigits fills dst with n in decimal, eight digits at a division.
func putDigits(dst []byte, n uint64) {
	i := len(dst)
	for ; i >= 8; i -= 8 {
		binary.LittleEndian.PutUint64(dst[i-8:], eightDigits(n%100_000_000))
		n /= 100_000_000
	}
	for ; i > 0; i-- {
		dst[i-1] = byte('0' + n%10)
		n /= 10
	}
}

// eightDigits are the digits of n, below 10^8, in order from the lowest byte up.
// All pairs and then all digits are parted at once: x*10486>>20 is x/100 below
// 10^4, and x*103>>10 is x/10 below 100.
func eightDigits(n uint64) uint64 {
	n = n/10_000 | n%10_000<<32
	hundreds := n * 10486 >> 20 & 0x7f_0000_007f
	n = hundreds | (n-hundreds*100)<<16
	tens := n * 103 >> 10 & 0xf_000f_000f_000f
	n = tens | (n-tens*10)<<8
	return n | 0x3030_3030_3030_3030
}

// numberText is the text of a shard's last number. That of the next position in
// the same second is made of it by an addition, at a fifth of the cost.
type numberText struct {
	digits [sequenceDigits]byte // zero before the first
	second uint64               // of the record's arrival
}

// next is the number at a position that follows the last one; it stays until
// the next call.
func (n *numberText) next(q sequencer, position uint64, arrival int64) []byte {
	second := uint64(arrival / 1000)
	if second == n.second && n.digits[0] != 0 {
		n.addPosition()
	} else {
		q.append(n.digits[:0], position, arrival)
		n.second = second
	}
	return n.digits[:]
}

// onePosition is what a number rises by with the position, 2^80, and biased has
// its digits eight to a word, the first in the highest byte. The bias makes the
// sum of a text's byte and its own overflow when the digits' sum is 10 or more.
const onePosition = "00000000000000000000000000000001208925819614629174706176"

const digitBias = 256 - 10 - '0'

var biased = func() (words [sequenceDigits / 8]uint64) {
	for i := range len(onePosition) {
		words[i/8] = words[i/8]<<8 + uint64(onePosition[i]-'0') + digitBias
	}
	return words
}()

// addPosition adds onePosition, eight digits at a time from the last on.
func (n *numberText) addPosition() {
	const ones = 0x0101_0101_0101_0101
	carry := uint64(0)
	for i := len(biased) - 1; i >= 3 || carry > 0; i-- { // three words are zero
		word := n.digits[8*i : 8*i+8]
		sum, over := bits.Add64(binary.BigEndian.Uint64(word), biased[i], carry)
		carry = over
		below := sum >> 7 & ones // a byte that didn't overflow is 246 to 255
		binary.BigEndian.PutUint64(word, sum-below*(256-10)+'0'*ones)
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
