package payload

import (
	"fmt"
	"math"
	"strconv"
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
		key, lane := k.Key(slot)
		if want := fmt.Sprintf("k-%05d", lane); key != want || k.Lane(slot) != lane {
			t.Fatalf("slot %d: key %s, lane %d, Lane %d", slot, key, lane, k.Lane(slot))
		}
		if same, _ := again.Key(slot); same != key {
			t.Fatalf("slot %d: %s, then %s", slot, key, same)
		}
		if o, _ := other.Key(slot); o != key {
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
			counts[k.Lane(slot)]++
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
	if key, lane := k.Key(0); key != "e220a8397b1dcdaf" || lane != 0 {
		t.Errorf("slot 0: %s, lane %d", key, lane)
	}
	const slots = 300_000 // above the 262 144 lanes
	seen := make(map[string]bool, slots)
	for slot := range uint64(slots) {
		key, lane := k.Key(slot)
		if seen[key] {
			t.Fatalf("slot %d: %s again", slot, key)
		}
		seen[key] = true
		if want := uint32(slot % 262_144); lane != want || k.Lane(slot) != want {
			t.Fatalf("slot %d: lane %d and %d, want %d", slot, lane, k.Lane(slot), want)
		}
	}
}

func TestParseKeys(t *testing.T) {
	for text, want := range map[string]KeySpec{
		"10000":            {"uniform", 10_000, 0},
		" uniform:7 ":      {"uniform", 7, 0},
		"unique":           {"unique", 0, 0},
		"zipf:1.1":         {"zipf", 10_000, 1.1},
		"zipf:0.5, 100":    {"zipf", 100, 0.5},
		"hot:0.3":          {"hot", 10_000, 0.3},
		"hot:0.3,2":        {"hot", 2, 0.3},
		"uniform:1000000":  {"uniform", 1_000_000, 0},
		"zipf:10,1":        {"zipf", 1, 10},
		"hot:0.999,100000": {"hot", 100_000, 0.999},
	} {
		if got, err := ParseKeys(text); err != nil || got != want {
			t.Errorf("ParseKeys(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	const forms = "write 10000 or uniform:10000, unique, zipf:1.1 or zipf:1.1,10000, hot:0.3 or hot:0.3,10000"
	for text, want := range map[string]string{
		"":             `"" is no way to draw keys: ` + forms,
		"some":         `"some" is no way to draw keys: ` + forms,
		"5:5":          `"5:5" is no way to draw keys: ` + forms,
		"unique:5":     `"unique:5" is no way to draw keys: ` + forms,
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
				k.Key(slot)
				slot++
			}
		})
	}
}
