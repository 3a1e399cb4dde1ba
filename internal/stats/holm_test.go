package stats

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestHolm(t *testing.T) {
	for _, tt := range []struct {
		name           string
		p, least, want []float64
	}{
		{"nothing", nil, nil, []float64{}},
		{"one alone is not corrected", []float64{0.004}, []float64{0}, []float64{0.004}},
		// Sorted 0.001, 0.004, 0.03: times 3, 2, 1.
		{"three", []float64{0.03, 0.001, 0.004}, []float64{0, 0, 0}, []float64{0.03, 0.003, 0.008}},
		// 2·0.004 = 0.008, then 1·0.005 may not fall below it.
		{"never below a smaller one's", []float64{0.005, 0.004}, []float64{0, 0}, []float64{0.008, 0.008}},
		{"at most 1", []float64{0.6, 0.7}, []float64{0, 0}, []float64{1, 1}},
		// At 1 %: two can reach 0.01/2, the third can't reach 0.01/1 even alone.
		{"a hopeless one takes no part", []float64{0.004, 0.5, 0.2}, []float64{0.0001, 0.0001, 0.2}, []float64{0.008, 0.5, 1}},
		// Five against five: 2/252 = 0.79 % can be told alone, and not in pairs.
		{"groups too small for two metrics", []float64{2.0 / 252, 0.5}, []float64{2.0 / 252, 2.0 / 252}, []float64{1, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Holm(tt.p, tt.least, 0.01)
			for i := range tt.want {
				if math.Abs(got[i]-tt.want[i]) > 1e-12 {
					t.Errorf("corrected %v, want %v", got, tt.want)
					break
				}
			}
		})
	}
}

// TestHolmKeepsTheOrder: no correction lowers a p, nor turns two of the family
// round.
func TestHolmKeepsTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 12).Draw(t, "p")
		got := Holm(p, make([]float64, len(p)), 0.01)
		for i := range p {
			if got[i] < p[i] || got[i] > float64(len(p))*p[i] && got[i] > 1 {
				t.Fatalf("p %v became %v", p[i], got[i])
			}
			for j := range p {
				if p[i] < p[j] && got[i] > got[j] {
					t.Fatalf("%v < %v became %v > %v", p[i], p[j], got[i], got[j])
				}
			}
		}
	})
}
