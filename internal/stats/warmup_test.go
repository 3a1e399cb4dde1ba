package stats

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestSettled(t *testing.T) {
	for _, tt := range []struct {
		name    string
		values  []float64
		most    int
		index   int
		settled bool
	}{
		{"nothing", nil, 5, 0, false},
		{"one value", []float64{7}, 0, 0, true},
		{"level throughout", []float64{5, 5, 5, 5, 5, 5, 5, 5}, 2, 0, true},
		// Without the 0: seven of 10, no spread. With it: 8 values, mean 8.75,
		// squares 87.5/64.
		{"one second of nothing", []float64{0, 10, 10, 10, 10, 10, 10, 10}, 2, 1, true},
		{"two", []float64{0, 4, 10, 10, 10, 10, 10, 10}, 3, 2, true},
		{"more than may be taken", []float64{0, 0, 0, 10, 10, 10, 10, 10}, 2, 2, false},
		// From the first: squares 0.8·8, i.e. mean 9.2, Σ = 7·0.04+… small beside
		// what the loss of values costs: nothing is cut.
		{"noise", []float64{9, 11, 9, 11, 9, 11, 9, 11}, 2, 0, true},
		{"a wild value later stays in", []float64{10, 10, 10, 10, 90, 10, 10, 10}, 2, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			index, settled := Settled(tt.values, tt.most)
			if index != tt.index || settled != tt.settled {
				t.Errorf("from %d, settled %v, want %d, %v", index, settled, tt.index, tt.settled)
			}
		})
	}
}

// TestSettledIgnoresLevelAndScale: what is warm-up does not depend on the unit.
func TestSettledIgnoresLevelAndScale(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := rapid.SliceOfN(rapid.IntRange(0, 50), 4, 40).Draw(t, "values")
		values := make([]float64, len(whole))
		for i, v := range whole {
			values[i] = float64(v)
		}
		most := len(values) / 4
		index, settled := Settled(values, most)
		other := slices.Clone(values)
		for i := range other {
			other[i] = 4*other[i] + 1024 // exact in binary
		}
		if i, s := Settled(other, most); i != index || s != settled {
			t.Fatalf("%d, %v became %d, %v", index, settled, i, s)
		}
		if index > most {
			t.Fatalf("cut %d of at most %d", index, most)
		}
	})
}
