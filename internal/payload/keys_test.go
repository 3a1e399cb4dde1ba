package payload

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"weir/probe/token"
)

func newKeys(tb testing.TB, text string, seed uint64) *Keys {
	tb.Helper()
	spec, err := ParseKeys(text)
	if err != nil {
		tb.Fatal(err)
	}
	return NewKeys(spec, seed)
}

func TestKeyNames(t *testing.T) {
	for _, c := range []struct {
		pool        int
		first, last string
	}{
		{1, "k-00000", "k-00000"},
		{1000, "k-00000", "k-00999"},
		{100_000, "k-00000", "k-99999"},
		{100_001, "k-000000", "k-100000"},
	} {
		k := newKeys(t, strconv.Itoa(c.pool), 1)
		width := len(c.first)
		if first, last := k.names[:width], k.names[len(k.names)-width:]; first != c.first || last != c.last {
			t.Errorf("pool %d: %s to %s, want %s to %s", c.pool, first, last, c.first, c.last)
		}
	}
}

// A slot's key is the same each time; a lane is a key's own.
func TestKeyIsAFunctionOfTheSlot(t *testing.T) {
	k, again, other := newKeys(t, "1000", 7), newKeys(t, "1000", 7), newKeys(t, "1000", 8)
	differ := 0
	for slot := range uint64(5000) {
		key := k.Key(slot, nil)
		if want := fmt.Sprintf("k-%05d", key.Lane); key.Partition != want || key.Hash != "" {
			t.Fatalf("slot %d: %+v", slot, key)
		}
		if same := again.Key(slot, nil); same != key {
			t.Fatalf("slot %d: %v, then %v", slot, key, same)
		}
		if o := other.Key(slot, nil); o != key {
			differ++
		}
	}
	if differ < 4900 { // 1 in 1000 agrees by chance
		t.Errorf("with another seed only %d keys of 5000 differ", differ)
	}
}

// The counts of 100 keys over 100 000 slots vary as drawn at random: χ² with 99
// degrees of freedom has mean 99 and standard deviation √198 ≈ 14.
func TestSharesOfKeys(t *testing.T) {
	const pool, slots = 100, 100_000
	harmonic := 0.0 // of 1/i^1.1 for i up to 100: 4.28
	for i := range pool {
		harmonic += 1 / math.Pow(float64(i+1), 1.1)
	}
	for text, share := range map[string]func(i int) float64{
		"uniform:100":  func(int) float64 { return 0.01 },
		"zipf:1.1,100": func(i int) float64 { return 1 / math.Pow(float64(i+1), 1.1) / harmonic },
		// 0.7/99 ≈ 0.0071 each of the rest
		"hot:0.3,100": func(i int) float64 { return []float64{0.3, 0.7 / 99}[min(i, 1)] },
	} {
		k := newKeys(t, text, 3)
		var counts [pool]float64
		for slot := range uint64(slots) {
			counts[k.Key(slot, nil).Lane]++
		}
		chi2 := 0.0
		for i, n := range counts {
			want := share(i) * slots
			chi2 += (n - want) * (n - want) / want
		}
		if math.Abs(chi2-99) > 4*14 {
			t.Errorf("%s: χ² = %.1f, want about 99", text, chi2)
		}
	}
}

// Columns and limits add up to each weight's share exactly, but for rounding.
func TestAliasHoldsTheWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Float64Range(1e-3, 1e3), 1, 50).Draw(t, "weights")
		sum := 0.0
		for _, w := range weights {
			sum += w
		}
		a := newAlias(weights)
		share := make([]float64, len(weights))
		for i, c := range a.columns {
			own := float64(c.limit) / (1 << 64)
			share[i] += own / float64(len(weights))
			share[c.other] += (1 - own) / float64(len(weights))
		}
		for i, w := range weights {
			if math.Abs(share[i]-w/sum) > 1e-12 {
				t.Fatalf("index %d has share %g, want %g", i, share[i], w/sum)
			}
		}
	})
}

// SplitMix64 from seed 0 gives e220a8397b1dcdaf first.
func TestUniqueKeys(t *testing.T) {
	k := newKeys(t, "unique", 0)
	if key := k.Key(0, nil); key != (Key{Partition: "e220a8397b1dcdaf"}) {
		t.Errorf("slot 0: %+v", key)
	}
	const slots = 300_000 // above the 262 144 lanes
	seen := make(map[string]bool, slots)
	for slot := range uint64(slots) {
		key := k.Key(slot, nil)
		if seen[key.Partition] {
			t.Fatalf("slot %d: %s again", slot, key.Partition)
		}
		seen[key.Partition] = true
		if want := uint32(slot % 262_144); key.Lane != want {
			t.Fatalf("slot %d: lane %d, want %d", slot, key.Lane, want)
		}
	}
}

// Explicit hash keys come in turn, each under a key of its own.
func TestHashKeys(t *testing.T) {
	k := newKeys(t, "hash:0, 170141183460469231731687303715884105728", 1)
	for slot, want := range []Key{
		{"k-00000", "0", 0},
		{"k-00001", "170141183460469231731687303715884105728", 1},
		{"k-00000", "0", 0},
	} {
		if got := k.Key(uint64(slot), nil); got != want {
			t.Errorf("slot %d: %+v, want %+v", slot, got, want)
		}
	}
}

func TestFieldKeys(t *testing.T) {
	long := strings.Repeat("é", 300)
	for _, c := range []struct{ field, body, want string }{
		{"customer.id", `{"customer":{"id":"c-1"}}`, "c-1"},
		{"items.1.n", `{"items":[{"n":1},{"n":20}]}`, "20"},
		{"ok", `{"ok":true}`, "true"},
		{"name", `{"name":"` + long + `"}`, long[:512]}, // 256 characters
	} {
		k := newKeys(t, "field:"+c.field, 1)
		if got := k.Key(5, []byte(c.body)); got.Partition != c.want || !k.FromBody() || !k.Repeat() {
			t.Errorf("%s of %s: %+v", c.field, c.body, got)
		}
		if again := k.Key(6, []byte(c.body)); again.Lane != k.Key(5, []byte(c.body)).Lane {
			t.Errorf("%s: another lane for the same key", c.field)
		}
	}
}

func TestCheckKeys(t *testing.T) {
	bodies := func(text string) *Bodies {
		b, err := ParseTemplate("t.json", text, 1)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	noise, err := NewBinaryBodies(Sizes{Min: 100, Max: 100}, 1)
	if err != nil {
		t.Fatal(err)
	}
	sized, err := NewBodies(100, 1)
	if err != nil {
		t.Fatal(err)
	}
	users, err := Aggregated(sized, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		keys   string
		bodies *Bodies
		want   string
	}{
		{"field:a.b", bodies(`{"a":{"b":"{{uuid}}"}}`), ""},
		{"field:id", sized, ""},
		{"zipf:1", noise, ""},
		{"field:a", bodies(`{"b":1}`), "t.json:1:1: no field a"},
		{"field:a", bodies(`{"a":{"b":1}}`), `t.json:1:1: field a is {"b":1}, not a text or a number for a partition key`},
		{"field:a", bodies(`{"a":""}`), `t.json:1:1: field a is "", not a text or a number for a partition key`},
		{"field:a", bodies(`a,{{token}}`), "t.json:1:1: no field a: the body is not JSON"},
		{"field:type", sized, "generated bodies of 100 bytes: no field type"}, // from 119 bytes on
		{"field:a", noise, "binary bodies: no field a: the body is not JSON"},
		{"field:a", users, "an aggregate's user records have its partition key: it can't come from a field of theirs"},
	} {
		spec, err := ParseKeys(c.keys)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := spec.Check(c.bodies); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.keys, got, c.want)
		}
	}
}

func TestParseKeys(t *testing.T) {
	for text, want := range map[string]KeySpec{
		"10000":            {kind: "uniform", pool: 10_000, parameter: 0},
		" uniform:7 ":      {kind: "uniform", pool: 7, parameter: 0},
		"unique":           {kind: "unique", pool: 0, parameter: 0},
		"zipf:1.1":         {kind: "zipf", pool: 10_000, parameter: 1.1},
		"zipf:0.5, 100":    {kind: "zipf", pool: 100, parameter: 0.5},
		"hot:0.3":          {kind: "hot", pool: 10_000, parameter: 0.3},
		"hot:0.3,2":        {kind: "hot", pool: 2, parameter: 0.3},
		"uniform:1000000":  {kind: "uniform", pool: 1_000_000, parameter: 0},
		"zipf:10,1":        {kind: "zipf", pool: 1, parameter: 10},
		"hot:0.999,100000": {kind: "hot", pool: 100_000, parameter: 0.999},
		"per-shard":        {kind: "per-shard"},
		"hash:0, 007":      {kind: "hash", pool: 2, hashes: []string{"0", "7"}},
		"field:a.b":        {kind: "field", field: "a.b"},
	} {
		if got, err := ParseKeys(text); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("ParseKeys(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	const forms = "write 10000 or uniform:10000, unique, zipf:1.1 or zipf:1.1,10000, hot:0.3 or hot:0.3,10000, per-shard, hash:0,1701411834…, field:customer.id"
	for text, want := range map[string]string{
		"":            `"" is no way to draw keys: ` + forms,
		"some":        `"some" is no way to draw keys: ` + forms,
		"5:5":         `"5:5" is no way to draw keys: ` + forms,
		"unique:5":    `"unique:5" is no way to draw keys: ` + forms,
		"field:":      `"field:" is no way to draw keys: ` + forms,
		"per-shard:2": `"per-shard:2" is no way to draw keys: ` + forms,
		"hash:":       `hash: "" is not an explicit hash key: a decimal number from 0 to 2^128-1`,
		"hash:1,-1":   `hash: "-1" is not an explicit hash key: a decimal number from 0 to 2^128-1`,
		"hash:340282366920938463463374607431768211456": `hash: "340282366920938463463374607431768211456" is not an explicit hash key: a decimal number from 0 to 2^128-1`,
		"zipf":         `"zipf" is no way to draw keys: ` + forms,
		"0":            "a pool of 0: at least 1 and at most 1000000 keys",
		"-3":           "a pool of -3: at least 1 and at most 1000000 keys",
		"1000001":      "a pool of 1000001: at least 1 and at most 1000000 keys",
		"uniform:many": `"many" is not a number of keys: ` + forms,
		"zipf:steep":   `zipf: "steep" is not a number: ` + forms,
		"zipf:0":       "zipf: exponent 0 must be above 0 and at most 10",
		"zipf:inf":     "zipf: exponent +Inf must be above 0 and at most 10",
		"zipf:1.1,":    `"" is not a number of keys: ` + forms,
		"hot:30":       "hot: share 30 must be between 0 and 1",
		"hot:1":        "hot: share 1 must be between 0 and 1",
		"hot:nan":      "hot: share NaN must be between 0 and 1",
		"hot:0.3,1":    "a pool of 1: at least 2 and at most 1000000 keys",
	} {
		if got, err := ParseKeys(text); err == nil || err.Error() != want {
			t.Errorf("ParseKeys(%q) = %v, %v\nwant %s", text, got, err, want)
		}
	}
}

func TestLanesFold(t *testing.T) {
	for _, c := range []struct {
		index uint64
		lane  uint32
	}{{0, 0}, {token.MaxLane, token.MaxLane}, {token.MaxLane + 1, 0}, {token.MaxLane + 6, 5}} {
		if got := fold(c.index); got != c.lane {
			t.Errorf("fold(%d) = %d, want %d", c.index, got, c.lane)
		}
	}
}

func BenchmarkKey(b *testing.B) {
	for _, text := range []string{"uniform:10000", "zipf:1.1", "hot:0.3", "unique"} {
		b.Run(text, func(b *testing.B) {
			k := newKeys(b, text, 1)
			slot := uint64(0)
			b.ReportAllocs()
			for b.Loop() {
				k.Key(slot, nil)
				slot++
			}
		})
	}
}
