package payload

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// MaxKeys is the largest pool. Its tables take some 30 MB; more keys than
// these are as good as unique.
const MaxKeys = 1_000_000

// DefaultKeys is the pool of zipf and hot where the text gives none.
const DefaultKeys = 10_000

// KeySpec says how partition keys are drawn; ParseKeys makes it.
type KeySpec struct {
	kind      string // uniform, unique, zipf, hot, per-shard, hash, field
	pool      int    // 0 with unique and field
	parameter float64
	hashes    []string // with hash: explicit hash keys
	field     string   // with field
}

// keyForms is what ParseKeys takes, for its errors.
const keyForms = "write 10000 or uniform:10000, unique, zipf:1.1 or zipf:1.1,10000, hot:0.3 or hot:0.3,10000, per-shard, hash:0,1701411834…, field:customer.id"

// ParseKeys reads how partition keys are drawn:
//
//	10000, uniform:10000   uniformly from a pool of that many keys
//	unique                 every record has a key of its own
//	zipf:1.1[,10000]       the i-th key of the pool in proportion to 1/i^1.1
//	hot:0.3[,10000]        the first key with share 0.3, the rest uniformly
//	per-shard              a key for each shard, in turn, by explicit hash keys
//	hash:0,1701411834…     a key for each explicit hash key, in turn
//	field:customer.id      what the field of the record's JSON body says
func ParseKeys(text string) (KeySpec, error) {
	kind, rest, parameters := strings.Cut(strings.TrimSpace(text), ":")
	if _, err := strconv.Atoi(kind); err == nil && !parameters {
		kind, rest, parameters = "uniform", kind, true
	}
	switch {
	case (kind == "unique" || kind == "per-shard") && !parameters:
		return KeySpec{kind: kind}, nil
	case kind == "hash" && parameters:
		return parseHashes(rest)
	case kind == "field" && rest != "":
		return KeySpec{kind: kind, field: rest}, nil
	case kind == "uniform" && parameters:
		pool, err := parsePool(rest, 1)
		return KeySpec{kind: kind, pool: pool}, err
	case (kind == "zipf" || kind == "hot") && parameters:
		return parseSkewed(kind, rest)
	}
	return KeySpec{}, fmt.Errorf("%q is no way to draw keys: %s", text, keyForms)
}

// parseSkewed reads a parameter and, after a comma, the pool.
func parseSkewed(kind, text string) (KeySpec, error) {
	first, second, given := strings.Cut(text, ",")
	s := KeySpec{kind: kind, pool: DefaultKeys}
	var err error
	s.parameter, err = strconv.ParseFloat(strings.TrimSpace(first), 64)
	if err != nil {
		return KeySpec{}, fmt.Errorf("%s: %q is not a number: %s", kind, first, keyForms)
	}
	least := 1
	if kind == "hot" {
		least = 2
	}
	switch p := s.parameter; { // written so that NaN is refused
	case kind == "zipf" && !(p > 0 && p <= 10):
		return KeySpec{}, fmt.Errorf("zipf: exponent %g must be above 0 and at most 10", p)
	case kind == "hot" && !(p > 0 && p < 1):
		return KeySpec{}, fmt.Errorf("hot: share %g must be between 0 and 1", p)
	}
	if given {
		if s.pool, err = parsePool(second, least); err != nil {
			return KeySpec{}, err
		}
	}
	return s, nil
}

// largestHash is the end of the space of hash keys.
var largestHash = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1))

func parseHashes(text string) (KeySpec, error) {
	s := KeySpec{kind: "hash"}
	for part := range strings.SplitSeq(text, ",") {
		n, ok := new(big.Int).SetString(strings.TrimSpace(part), 10)
		if !ok || n.Sign() < 0 || n.Cmp(largestHash) > 0 {
			return KeySpec{}, fmt.Errorf("hash: %q is not an explicit hash key: a decimal number from 0 to 2^128-1", part)
		}
		s.hashes = append(s.hashes, n.String())
	}
	s.pool = len(s.hashes)
	return s, nil
}

// PerShard reports whether the keys are those of the stream's shards, which
// whoever knows the stream must give: as hash:A,B,… of the hash key at which
// each begins.
func (s KeySpec) PerShard() bool { return s.kind == "per-shard" }

// Check reports bodies that the keys can't be taken from, with the place of the
// first.
func (s KeySpec) Check(b *Bodies) error {
	if s.field == "" {
		return nil
	}
	return b.source.examples(func(body []byte, where string) error {
		if !gjson.ValidBytes(body) {
			return fmt.Errorf("%s: no field %s: the body is not JSON", where, s.field)
		}
		value := gjson.GetBytes(body, s.field)
		switch {
		case !value.Exists():
			return fmt.Errorf("%s: no field %s", where, s.field)
		case value.IsObject() || value.IsArray() || value.Type == gjson.Null || value.String() == "":
			return fmt.Errorf("%s: field %s is %s, not a text or a number for a partition key", where, s.field, value.Raw)
		}
		return nil
	})
}

func parsePool(text string, least int) (int, error) {
	pool, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		return 0, fmt.Errorf("%q is not a number of keys: %s", text, keyForms)
	}
	if pool < least || pool > MaxKeys {
		return 0, fmt.Errorf("a pool of %d: at least %d and at most %d keys", pool, least, MaxKeys)
	}
	return pool, nil
}

// share is how the pool's keys share the records; nil: all alike.
func (s KeySpec) share() *alias {
	switch s.kind {
	case "zipf":
		weights := make([]float64, s.pool)
		for i := range weights {
			weights[i] = math.Pow(float64(i+1), -s.parameter)
		}
		return newAlias(weights)
	case "hot":
		weights := make([]float64, s.pool)
		weights[0] = s.parameter
		for i := range weights[1:] {
			weights[1+i] = (1 - s.parameter) / float64(s.pool-1)
		}
		return newAlias(weights)
	}
	return nil
}
