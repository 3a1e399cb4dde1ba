package payload

import (
	"math"
	"testing"

	"weir/probe/token"
)

// drawn are the sizes of the bodies of slots 0, 1, ….
func drawn(t *testing.T, sizes Sizes, slots int) []int {
	t.Helper()
	b, err := NewSizedBodies(sizes, 5)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]int, slots)
	for slot := range got {
		body, _ := b.Append(nil, uint64(slot), &token.Token{}, Key{})
		got[slot] = len(body)
		if len(body) < sizes.Min || len(body) > sizes.Max || b.MaxBytes() != sizes.Max {
			t.Fatalf("slot %d: %d bytes, MaxBytes %d, of %+v", slot, len(body), b.MaxBytes(), sizes)
		}
	}
	return got
}

// The counts of 100 sizes over 20 000 slots: χ² with 99 degrees of freedom has
// mean 99 and standard deviation √198 ≈ 14.
func TestSizesAreUniform(t *testing.T) {
	counts := map[int]float64{}
	for _, size := range drawn(t, Sizes{Min: 60, Max: 159}, 20_000) {
		counts[size]++
	}
	chi2 := 0.0
	for size := 60; size <= 159; size++ {
		chi2 += (counts[size] - 200) * (counts[size] - 200) / 200
	}
	if math.Abs(chi2-99) > 4*14 {
		t.Errorf("χ² = %.1f, want about 99", chi2)
	}
}

// Shares of a normal distribution's sizes over 20 000 slots: below mean - 1.5
// bytes · (z = -0.015) 0.494; within one deviation, that is 400 to 600 (z from
// -1.005 to 1.005, for sizes are rounded) 0.6851; at the cut of 300 (z below
// -1.995) 0.0230. A share p has standard deviation √(p(1-p)/20 000), at most
// 0.0035; four of these are 0.014.
func TestSizesAreNormal(t *testing.T) {
	const slots = 20_000
	below, within, cut := 0.0, 0.0, 0.0
	for _, size := range drawn(t, Sizes{Min: 300, Max: 900, Mean: 500, Deviation: 100}, slots) {
		if size <= 498 {
			below++
		}
		if size >= 400 && size <= 600 {
			within++
		}
		if size == 300 {
			cut++
		}
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{{"at most 498", below, 0.494}, {"400 to 600", within, 0.6851}, {"300", cut, 0.0230}} {
		if got := c.got / slots; math.Abs(got-c.want) > 0.014 {
			t.Errorf("share of %s: %.4f, want about %.4f", c.name, got, c.want)
		}
	}
}

func TestNewSizedBodiesRefuses(t *testing.T) {
	for want, sizes := range map[string]Sizes{
		"a body of 47 bytes can't hold the ledger token: the smallest is 48": {Min: 47, Max: 100},
		"a body of 10485761 bytes is above the largest record, 10485760":     {Min: 100, Max: MaxBytes + 1},
		"sizes from 100 to 99 bytes: the range ends before it starts":        {Min: 100, Max: 99},
	} {
		if _, err := NewSizedBodies(sizes, 0); err == nil || err.Error() != want {
			t.Errorf("%+v: %v\nwant %s", sizes, err, want)
		}
	}
}
