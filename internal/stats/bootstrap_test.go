package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestBootstrapKeepsNeighbours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		block := rapid.IntRange(1, 45).Draw(t, "block")
		Bootstrap(n, block, 5, 1, func(places []int) float64 {
			if len(places) != n {
				t.Fatalf("%d places of %d points", len(places), n)
			}
			for i := 1; i < n; i++ {
				if i%block != 0 && places[i] != (places[i-1]+1)%n {
					t.Fatalf("place %d follows %d within a block of %d: %v", places[i], places[i-1], block, places)
				}
			}
			return 0
		})
	})
}

func TestBootstrapIsRepeatable(t *testing.T) {
	first := func(places []int) float64 { return float64(places[0]) }
	a, b := Bootstrap(100, 5, 50, 7, first), Bootstrap(100, 5, 50, 7, first)
	if !slices.Equal(a, b) || !slices.IsSorted(a) {
		t.Errorf("same seed: %v and %v", a, b)
	}
	if slices.Equal(a, Bootstrap(100, 5, 50, 8, first)) {
		t.Error("another seed gave the same places")
	}
	if got := Bootstrap(0, 5, 50, 7, first); len(got) != 0 {
		t.Errorf("of no points: %v", got)
	}
}

// TestBootstrapOfTheMean compares the spread of bootstrapped means with the
// true one of a mean of n points. Of independent points it is σ/√n; of an
// autoregression with ρ = 0.6 it is larger by √((1+ρ)/(1-ρ)) = 2, which blocks
// of one miss and blocks of BlockLength mostly catch (1.7 here).
func TestBootstrapOfTheMean(t *testing.T) {
	const n, rho = 2000, 0.6
	random := rand.New(rand.NewPCG(3, 4))
	v, last := make([]float64, n), 0.0
	for i := range v {
		last = rho*last + math.Sqrt(1-rho*rho)*random.NormFloat64()
		v[i] = last
	}
	spread := func(block int) float64 {
		return math.Sqrt(n * Variance(Bootstrap(n, block, 2000, 1, func(places []int) float64 {
			sum := 0.0
			for _, p := range places {
				sum += v[p]
			}
			return sum / n
		})))
	}
	if got := spread(1); got < 0.9 || got > 1.1 {
		t.Errorf("blocks of one: %.2f, want 1: neighbours are torn apart", got)
	}
	if got := spread(BlockLength(v)); got < 1.6 || got > 2.2 {
		t.Errorf("blocks of %d: %.2f, want nearly 2", BlockLength(v), got)
	}
}

func TestBlockLength(t *testing.T) {
	alternating := make([]float64, 1000) // ρ = -0.999
	for i := range alternating {
		alternating[i] = float64(i % 2)
	}
	for _, tt := range []struct {
		name string
		v    []float64
		want int
	}{
		{"nothing", nil, 1},
		{"constant", []float64{5, 5, 5, 5, 5, 5, 5, 5}, 1},
		// Mean 0, ρ = (-1·1 … seven products of -1)/8 = -7/8; √6·0.875/(1-0.766)
		// = 9.14, to the ⅔ 4.37, times ∛8 is 8.7: above a quarter of eight.
		{"short", []float64{-1, 1, -1, 1, -1, 1, -1, 1}, 2},
		// ρ counts as 0.99 at most: √6·0.99/(1-0.98) = 122, to the ⅔ 24.6, times 10.
		{"as far from independent as can be", alternating, 246},
	} {
		if got := BlockLength(tt.v); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestStudent(t *testing.T) {
	// Tables: t(0.975; 4) = 2.776, t(0.995; 9) = 3.250.
	for _, tt := range []struct{ confidence, freedom, want float64 }{{0.95, 4, 2.776}, {0.99, 9, 3.250}} {
		bound := StudentBound(tt.confidence, tt.freedom)
		if math.Abs(bound-tt.want) > 0.001 {
			t.Errorf("bound of %v with %v degrees: %v, want %v", tt.confidence, tt.freedom, bound, tt.want)
		}
		if p := StudentP(-bound, tt.freedom); math.Abs(p-(1-tt.confidence)) > 1e-6 {
			t.Errorf("p at that bound %v, want %v", p, 1-tt.confidence)
		}
	}
}

func TestMoments(t *testing.T) {
	v := []float64{2, 4, 9} // mean 5, squares 9 + 1 + 16 over 2
	if Mean(v) != 5 || Variance(v) != 13 || Median(v) != 4 {
		t.Errorf("mean %v, variance %v, median %v", Mean(v), Variance(v), Median(v))
	}
	if !math.IsNaN(Mean(nil)) || !math.IsNaN(Variance(v[:1])) || !math.IsNaN(Median(nil)) {
		t.Error("of too few values there is a number")
	}
}
