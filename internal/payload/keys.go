package payload

import (
	"fmt"
	"hash/fnv"
	"math/bits"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"weir/probe/token"
)

// Key says where a record goes.
type Key struct {
	Partition string
	Hash      string // explicit hash key, decimal; empty: the partition key's own decides
	Lane      uint32 // in the ledger token; records of one key share one
}

// Keys draws partition keys. A slot's key is a function of the seed and the
// slot, or of the record's body. Keys are read-only: safe for concurrent use.
type Keys struct {
	seed   uint64
	pool   uint64 // 0: every slot has a key of its own, or its body has
	names  string // of the pool's keys, each of width characters
	width  uint64
	share  *alias   // nil: uniform
	hashes []string // explicit hash keys of the pool's keys, used in turn
	field  string   // of the body
}

// NewKeys makes the keys that spec asks for. A pool's are k-00000, k-00001, …,
// in the order of their shares; unique ones are 16 hexadecimal digits. Those of
// per-shard must have been told the shards: see KeySpec.PerShard.
func NewKeys(spec KeySpec, seed uint64) *Keys {
	k := &Keys{seed: seed, pool: uint64(spec.pool), share: spec.share(), hashes: spec.hashes, field: spec.field}
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

// FromBody reports whether Key reads the record's body.
func (k *Keys) FromBody() bool { return k.field != "" }

// Repeat reports whether records share keys: false where each has its own.
func (k *Keys) Repeat() bool { return k.pool > 0 || k.field != "" }

// Key is the key of the slot's record. Body is read only where FromBody says
// so. A key's lane is its place in the pool, folded into the lanes there are, so
// that up to token.MaxLane+1 keys have a lane each. Of unique keys those share a
// lane whose slots are that far apart, of a field's those whose hashes agree.
func (k *Keys) Key(slot uint64, body []byte) Key {
	switch {
	case k.field != "":
		return fieldKey(body, k.field)
	case k.pool == 0:
		// The hash is a bijection of slots: no two have the same.
		return Key{Partition: string(appendHex(make([]byte, 0, 16), hash(k.seed, slot))), Lane: fold(slot)}
	}
	i := k.index(slot)
	key := Key{Partition: k.names[i*k.width : (i+1)*k.width], Lane: fold(i)}
	if k.hashes != nil {
		key.Hash = k.hashes[i]
	}
	return key
}

// index is the place in the pool of the slot's key.
func (k *Keys) index(slot uint64) uint64 {
	if k.hashes != nil {
		return slot % k.pool
	}
	random := hash(k.seed, slot)
	if k.share != nil {
		return k.share.index(random)
	}
	i, _ := bits.Mul64(random, k.pool)
	return i
}

func fold(i uint64) uint32 { return uint32(i % (token.MaxLane + 1)) }

// maxKeyChars is the longest partition key
// (docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html, read
// 2026-11-22).
const maxKeyChars = 256

// fieldKey is the text of the body's field, cut to what a partition key can be.
// KeySpec.Check has seen that there is one.
func fieldKey(body []byte, field string) Key {
	text := gjson.GetBytes(body, field).String()
	if len(text) > maxKeyChars {
		if runes := []rune(text); len(runes) > maxKeyChars {
			text = string(runes[:maxKeyChars])
		}
	}
	h := fnv.New64a()
	h.Write([]byte(text))
	return Key{Partition: text, Lane: fold(h.Sum64())}
}
