package payload

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"weir/probe/token"
)

// Keys draws partition keys. A slot's key is a function of the seed and the
// slot. Keys are read-only: safe for concurrent use.
type Keys struct {
	seed  uint64
	pool  uint64 // 0: every slot has a key of its own
	names string // of the pool's keys, each of width characters
	width uint64
	share *alias // nil: uniform
}

// NewKeys makes the keys that spec asks for. A pool's are k-00000, k-00001, …,
// in the order of their shares; unique ones are 16 hexadecimal digits.
func NewKeys(spec KeySpec, seed uint64) *Keys {
	k := &Keys{seed: seed, pool: uint64(spec.pool), share: spec.share()}
	if spec.pool == 0 {
		return k
	}
	digits := max(len(strconv.Itoa(spec.pool-1)), 5)
	k.width = uint64(len("k-") + digits)
	var names strings.Builder
	names.Grow(spec.pool * int(k.width))
	for i := range spec.pool {
		fmt.Fprintf(&names, "k-%0*d", digits, i)
	}
	k.names = names.String()
	return k
}

// Repeat reports whether records share keys: false where each has its own.
func (k *Keys) Repeat() bool { return k.pool > 0 }

// Key is the partition key of the slot's record and its lane in the ledger
// token.
func (k *Keys) Key(slot uint64) (key string, lane uint32) {
	if k.pool == 0 {
		// The hash is a bijection of slots: no two have the same.
		return string(appendHex(make([]byte, 0, 16), hash(k.seed, slot))), fold(slot)
	}
	i := k.index(slot)
	return k.names[i*k.width : (i+1)*k.width], fold(i)
}

// Lane is the lane that Key gives: a key's place in the pool, folded into the
// lanes there are, so that up to token.MaxLane+1 keys have a lane each. Of
// unique keys those share a lane whose slots are that far apart.
func (k *Keys) Lane(slot uint64) uint32 {
	if k.pool == 0 {
		return fold(slot)
	}
	return fold(k.index(slot))
}

// index is the place in the pool of the slot's key.
func (k *Keys) index(slot uint64) uint64 {
	random := hash(k.seed, slot)
	if k.share != nil {
		return k.share.index(random)
	}
	i, _ := bits.Mul64(random, k.pool)
	return i
}

func fold(i uint64) uint32 { return uint32(i % (token.MaxLane + 1)) }
