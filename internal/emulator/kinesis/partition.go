package kinesis

import (
	"cmp"
	"crypto/md5"
	"encoding/binary"
	"math/big"
	"math/bits"
)

// hashKey is a place in the 128-bit space that shards divide among themselves.
type hashKey struct{ hi, lo uint64 }

var hashSpace = new(big.Int).Lsh(big.NewInt(1), 128)

func (k hashKey) compare(other hashKey) int {
	return cmp.Or(cmp.Compare(k.hi, other.hi), cmp.Compare(k.lo, other.lo))
}

// String is the key as a decimal number, as the API writes it.
func (k hashKey) String() string { return k.big().String() }

func (k hashKey) big() *big.Int {
	n := new(big.Int).SetUint64(k.hi)
	return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(k.lo))
}

func hashKeyOf(n *big.Int) hashKey {
	var bytes [16]byte
	n.FillBytes(bytes[:])
	return hashKey{binary.BigEndian.Uint64(bytes[:8]), binary.BigEndian.Uint64(bytes[8:])}
}

// hashPartitionKey is where a partition key lies: its MD5.
func hashPartitionKey(key []byte) hashKey {
	sum := md5.Sum(key)
	return hashKey{binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:])}
}

// parseHashKey reads an ExplicitHashKey; ok is false outside [0, 2^128-1].
func parseHashKey(text string) (k hashKey, ok bool) {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || n.Sign() < 0 || n.Cmp(hashSpace) >= 0 {
		return hashKey{}, false
	}
	return hashKeyOf(n), true
}

// hashRange is a shard's part of the space, both ends included.
type hashRange struct{ start, end hashKey }

// middle is the first key of the upper half; ok is false of a range of one key.
func (r hashRange) middle() (k hashKey, ok bool) {
	sum := new(big.Int).Add(r.start.big(), r.end.big())
	k = hashKeyOf(sum.Rsh(sum, 1))
	return k, k != r.start
}

// splitEvenly divides the space into n ranges of ⌊2^128/n⌋ keys; the last takes
// the rest.
func splitEvenly(n int) []hashRange {
	size := new(big.Int).Div(hashSpace, big.NewInt(int64(n)))
	last := new(big.Int).Sub(hashSpace, big.NewInt(1))
	ranges := make([]hashRange, n)
	for i := range ranges {
		start := new(big.Int).Mul(size, big.NewInt(int64(i)))
		end := last
		if i < n-1 {
			end = new(big.Int).Add(start, size)
			end.Sub(end, big.NewInt(1))
		}
		ranges[i] = hashRange{hashKeyOf(start), hashKeyOf(end)}
	}
	return ranges
}

// guesses is how many equal slices of the space a partition looks up at once.
const guesses = 1 << 12

// partition is how ranges that are in order and cover the space divide it.
type partition struct {
	ends  []hashKey // the ranges' last keys
	first []int32   // of each slice, the range that holds its lowest key
}

func newPartition(ranges []hashRange) partition {
	p := partition{first: make([]int32, guesses)}
	for _, r := range ranges {
		p.ends = append(p.ends, r.end)
	}
	at := int32(0)
	for i := range p.first {
		lowest := hashKey{hi: uint64(i) << 52}
		for p.ends[at].below(lowest) {
			at++
		}
		p.first[i] = at
	}
	return p
}

// of is the index of the range that holds the key.
func (p *partition) of(key hashKey) int {
	i := int(p.first[key.hi>>52])
	for p.ends[i].below(key) {
		i++
	}
	return i
}

// below reports whether the key lies under another.
func (k hashKey) below(other hashKey) bool {
	return k.hi < other.hi || k.hi == other.hi && k.lo < other.lo
}

// before is the key below, of any but 0.
func (k hashKey) before() hashKey {
	lo, borrow := bits.Sub64(k.lo, 1, 0)
	return hashKey{k.hi - borrow, lo}
}

// after is the key above; above the last is the first.
func (k hashKey) after() hashKey {
	lo, carry := bits.Add64(k.lo, 1, 0)
	return hashKey{k.hi + carry, lo}
}
