package payload

import (
	"fmt"
	"math/bits"
	"strconv"

	"weir/probe/token"
)

// Keys draws partition keys uniformly from a pool. They are read-only: safe
// for concurrent use.
type Keys struct {
	seed uint64
	pool []string
}

// NewKeys makes a pool of that many keys, at least one: k-00000, k-00001, ….
func NewKeys(pool int, seed uint64) *Keys {
	pool = max(pool, 1)
	width := max(len(strconv.Itoa(pool-1)), 5)
	k := &Keys{seed: seed, pool: make([]string, pool)}
	for i := range k.pool {
		k.pool[i] = fmt.Sprintf("k-%0*d", width, i)
	}
	return k
}

// Key is the partition key of the slot's record and its lane in the ledger
// token.
func (k *Keys) Key(slot uint64) (key string, lane uint32) {
	i := k.index(slot)
	return k.pool[i], fold(i)
}

// Lane is the lane that Key gives: a key's place in the pool, folded into the
// lanes there are, so that up to token.MaxLane+1 keys have a lane each.
func (k *Keys) Lane(slot uint64) uint32 { return fold(k.index(slot)) }

// index is the slot's hash, scaled from [0, 2^64) to the pool.
func (k *Keys) index(slot uint64) uint64 {
	i, _ := bits.Mul64(hash(k.seed, slot), uint64(len(k.pool)))
	return i
}

func fold(i uint64) uint32 { return uint32(i % (token.MaxLane + 1)) }
