package stats

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMannWhitney(t *testing.T) {
	for _, tt := range []struct {
		name     string
		a, b     []float64
		p, least float64
	}{
		{"nothing", nil, []float64{1}, 1, 1},
		{"all the same", []float64{3, 3}, []float64{3, 3, 3}, 1, 1},
		// Five of ten can be dealt in 10!/(5!·5!) = 252 ways; the lowest five and
		// the highest five are the two most extreme.
		{"five below five", []float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}, 2.0 / 252, 2.0 / 252},
		{"five above five", []float64{6, 7, 8, 9, 10}, []float64{1, 2, 3, 4, 5}, 2.0 / 252, 2.0 / 252},
		// Sums of ranks 1+2+3+4+6 = 16 and below: 15 and 16, one way each, and as
		// many on the other side.
		{"one pair crossed", []float64{1, 2, 3, 4, 6}, []float64{5, 7, 8, 9, 10}, 4.0 / 252, 2.0 / 252},
		// Seven against seven: 2 of 14!/(7!·7!) = 3432.
		{"seven below seven", upTo(0, 7), upTo(7, 7), 2.0 / 3432, 2.0 / 3432},
		// Two of four with ranks 1, 2.5, 2.5, 4: sums 3.5 twice, 5 twice, 6.5
		// twice about a mean of 5. The observed 3.5 is one of four as far.
		{"a tie across", []float64{1, 2}, []float64{2, 3}, 4.0 / 6, 4.0 / 6},
		// One of three with ranks 1.5, 1.5, 3 and mean 2: 1.5 twice, 3 once.
		{"unequal sizes with a tie are not symmetric", []float64{2}, []float64{1, 1}, 1.0 / 3, 1.0 / 3},
		{"the same, the other way", []float64{1}, []float64{1, 2}, 1, 1.0 / 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p, least := MannWhitney(tt.a, tt.b)
			if math.Abs(p-tt.p) > 1e-12 || math.Abs(least-tt.least) > 1e-12 {
				t.Errorf("p %v, least %v, want %v and %v", p, least, tt.p, tt.least)
			}
		})
	}
}

// upTo are n whole numbers from first on.
func upTo(first, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(first + i)
	}
	return v
}

// TestMannWhitneyCountsDeals deals small pools out in every way there is.
func TestMannWhitneyCountsDeals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := rapid.SliceOfN(rapid.IntRange(0, 6), 2, 10).Draw(t, "pool")
		n := rapid.IntRange(1, len(pool)-1).Draw(t, "of a")
		values := make([]float64, len(pool))
		for i, v := range pool {
			values[i] = float64(v)
		}
		p, least := MannWhitney(values[:n], values[n:])

		distance := func(deal uint) float64 { // of U from its mean
			u, pairs := 0.0, 0.0
			for i, x := range values {
				for j, y := range values {
					if deal>>i&1 == 1 && deal>>j&1 == 0 {
						pairs++
						switch {
						case x > y:
							u++
						case x == y:
							u += 0.5
						}
					}
				}
			}
			return math.Abs(u - pairs/2)
		}
		observed := distance(1<<n - 1)
		var all, beyond float64
		var distances []float64
		for deal := range uint(1) << len(pool) {
			if bits.OnesCount(deal) != n {
				continue
			}
			d := distance(deal)
			distances = append(distances, d)
			all++
			if d >= observed {
				beyond++
			}
		}
		extreme := 0.0
		for _, d := range distances {
			if d == slices.Max(distances) {
				extreme++
			}
		}
		if math.Abs(p-beyond/all) > 1e-9 || math.Abs(least-extreme/all) > 1e-9 {
			t.Fatalf("p %v, least %v, counted %v and %v", p, least, beyond/all, extreme/all)
		}
	})
}

func TestShift(t *testing.T) {
	for _, tt := range []struct {
		name          string
		a, b          []float64
		shift, lo, hi float64
		bounded       bool
	}{
		{"one each", []float64{1}, []float64{4}, 3, math.Inf(-1), math.Inf(1), false},
		// 4 against 4: 2/70 = 2.9 % is above 1 %.
		{"four each can't be bounded", upTo(0, 4), upTo(10, 4), 10, math.Inf(-1), math.Inf(1), false},
		// 5 against 5: only U = 0 has a chance (1/252) below 0.5 %, so the interval
		// is from the least difference 10-4 to the largest 14-0.
		{"five each", upTo(0, 5), upTo(10, 5), 10, 6, 14, true},
		// 6 against 6 of 924: U = 0, 1, 2, 3 in 1, 1, 2, 3 ways; up to 2 is 4/924 =
		// 0.43 %, up to 3 is 0.76 %. So two differences are outside on either side:
		// 5 and 6 of 5 6 6 7 7 7 ….
		{"six each", upTo(0, 6), upTo(10, 6), 10, 6, 14, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shift, lo, hi, bounded := Shift(tt.a, tt.b, 0.99)
			if shift != tt.shift || lo != tt.lo || hi != tt.hi || bounded != tt.bounded {
				t.Errorf("%v in [%v, %v], %v, want %v in [%v, %v], %v", shift, lo, hi, bounded, tt.shift, tt.lo, tt.hi, tt.bounded)
			}
		})
	}
}

// TestShiftFollows: moving a group moves shift and bounds by as much, and the
// interval excludes zero exactly where the test rejects.
func TestShiftFollows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Distinct whole numbers: without ties test and interval agree exactly.
		pool := rapid.SliceOfNDistinct(rapid.IntRange(-1000, 1000), 10, 16, rapid.ID[int]).Draw(t, "pool")
		values := make([]float64, len(pool))
		for i, v := range pool {
			values[i] = float64(v)
		}
		a, b := values[:5], values[5:]
		shift, lo, hi, _ := Shift(a, b, 0.99)
		p, _ := MannWhitney(a, b)
		if rejects := p <= 0.01; rejects != (lo > 0 || hi < 0) {
			t.Fatalf("p %v, interval [%v, %v]", p, lo, hi)
		}
		moved := slices.Clone(b)
		for i := range moved {
			moved[i] += 7
		}
		s2, lo2, hi2, _ := Shift(a, moved, 0.99)
		if s2 != shift+7 || lo2 != lo+7 || hi2 != hi+7 {
			t.Fatalf("moved by 7: %v in [%v, %v] became %v in [%v, %v]", shift, lo, hi, s2, lo2, hi2)
		}
	})
}

func BenchmarkMannWhitney10(b *testing.B) {
	x, y := upTo(0, 10), upTo(5, 10)
	for b.Loop() {
		MannWhitney(x, y)
	}
}
