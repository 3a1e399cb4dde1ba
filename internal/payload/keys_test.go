package payload

import (
	"fmt"
	"math"
	"testing"

	"weir/probe/token"
)

func TestKeyNames(t *testing.T) {
	for _, c := range []struct {
		pool        int
		first, last string
	}{
		{-1, "k-00000", "k-00000"},
		{1, "k-00000", "k-00000"},
		{1000, "k-00000", "k-00999"},
		{100_000, "k-00000", "k-99999"},
		{100_001, "k-000000", "k-100000"},
	} {
		k := NewKeys(c.pool, 1)
		if first, last := k.pool[0], k.pool[len(k.pool)-1]; first != c.first || last != c.last {
			t.Errorf("pool %d: %s to %s, want %s to %s", c.pool, first, last, c.first, c.last)
		}
	}
}

// A slot's key is the same each time; a lane is a key's own.
func TestKeyIsAFunctionOfTheSlot(t *testing.T) {
	k, again, other := NewKeys(1000, 7), NewKeys(1000, 7), NewKeys(1000, 8)
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
func TestKeysAreUniform(t *testing.T) {
	k := NewKeys(100, 3)
	var counts [100]float64
	for slot := range uint64(100_000) {
		counts[k.Lane(slot)]++
	}
	chi2 := 0.0
	for _, n := range counts {
		chi2 += (n - 1000) * (n - 1000) / 1000
	}
	if math.Abs(chi2-99) > 4*14 {
		t.Errorf("χ² = %.1f, want about 99", chi2)
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
	k := NewKeys(10_000, 1)
	slot := uint64(0)
	for b.Loop() {
		k.Key(slot)
		slot++
	}
}
