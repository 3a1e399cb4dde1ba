package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDrifts(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	jump := append(noisy(random, 100, 60), noisy(random, 110, 60)...)
	slope := noisy(random, 100, 200)
	for i := range 100 {
		slope[100+i] += 0.2 * float64(i+1) // to 120 at the end
	}
	spike := noisy(random, 100, 100)
	spike[50] = 1e9
	for _, tt := range []struct {
		name   string
		series []float64
		at     []int // within 4
		slopes []bool
	}{
		{"nothing", nil, nil, nil},
		{"19 points show nothing", upTo(0, 19), nil, nil},
		{"all the same", slices.Repeat([]float64{3}, 100), nil, nil},
		{"noise", noisy(random, 100, 300), nil, nil},
		{"one wild point", spike, nil, nil},
		{"a jump", jump, []int{60}, []bool{false}},
		{"a jump up and back", append(jump, noisy(random, 100, 60)...), []int{60}, []bool{false}},
		{"a slope", slope, []int{100}, []bool{true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := Drifts(tt.series, 0.001, 1)
			if len(found) != len(tt.at) {
				t.Fatalf("found %+v, want changes at %v", found, tt.at)
			}
			for i, d := range found {
				if math.Abs(float64(d.From-tt.at[i])) > 4 || (d.Slope != 0) != tt.slopes[i] {
					t.Errorf("found %+v, want one at %d, a slope: %v", d, tt.at[i], tt.slopes[i])
				}
			}
		})
	}
}

// TestDriftFigures fits changes without noise: what is fitted is what was made.
func TestDriftFigures(t *testing.T) {
	jump := append(slices.Repeat([]float64{10}, 20), slices.Repeat([]float64{16}, 30)...)
	back := slices.Concat(slices.Repeat([]float64{10}, 20), slices.Repeat([]float64{16}, 15), slices.Repeat([]float64{10}, 15))
	slope := slices.Repeat([]float64{10}, 50)
	for i := range 30 {
		slope[20+i] += 0.5 * float64(i+1) // 25 at the end
	}
	for name, tt := range map[string]struct {
		series []float64
		want   Drift
	}{
		"jump":  {jump, Drift{From: 20, To: 50, Before: 10, After: 16}},
		"back":  {back, Drift{From: 20, To: 35, Before: 10, After: 16}},
		"slope": {slope, Drift{From: 20, To: 50, Slope: 0.5, Before: 10, After: 25}},
	} {
		got := fitChange(tt.series, sumWeights(50)).drift(tt.series)
		off := math.Abs(got.Slope-tt.want.Slope) + math.Abs(got.Before-tt.want.Before) + math.Abs(got.After-tt.want.After)
		if got.From != tt.want.From || got.To != tt.want.To || off > 1e-9 {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

func TestShuffleBlocksMovesEveryPointOnce(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	v, shuffled := upTo(0, 23), make([]float64, 23)
	for block := 1; block <= 23; block++ {
		shuffleBlocks(shuffled, v, block, random)
		if !slices.Equal(slices.Sorted(slices.Values(shuffled)), v) {
			t.Errorf("blocks of %d: %v", block, shuffled)
		}
	}
}

func BenchmarkDrifts300(b *testing.B) {
	v := noisy(rand.New(rand.NewPCG(1, 1)), 100, 300)
	for i := range v {
		v[i] += 0.05 * float64(i)
	}
	for b.Loop() {
		Drifts(v, 0.001, 1)
	}
}
