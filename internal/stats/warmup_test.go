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
		// The second half is 10 without noise: 5 % of it is 0.5.
		{"one second of nothing", []float64{0, 10, 10, 10, 10, 10, 10, 10}, 2, 1, true},
		{"two", []float64{0, 4, 10, 10, 10, 10, 10, 10}, 3, 2, true},
		{"more than may be taken", []float64{0, 0, 0, 10, 10, 10, 10, 10}, 2, 2, false},
		// Median 10, deviations of 1: 3·1.48 = 4.4 to either side.
		{"noise", []float64{9, 11, 9, 11, 9, 11, 9, 11}, 2, 0, true},
		{"within the noise", []float64{6, 11, 9, 11, 9, 11, 9, 11}, 2, 0, true},
		{"below it", []float64{5, 11, 9, 11, 9, 11, 9, 11}, 2, 1, true},
		{"one value on the way is not yet there", []float64{0, 10, 0, 9, 11, 9, 11, 9, 11, 10}, 4, 3, true},
		{"from above", []float64{90, 40, 10, 10, 10, 10, 10, 10}, 3, 2, true},
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

// TestSettledIgnoresTheUnit: what is warm-up does not depend on it, and it is
// never more than what may be taken.
func TestSettledIgnoresTheUnit(t *testing.T) {
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
			other[i] *= 4 // exact in binary
		}
		if i, s := Settled(other, most); i != index || s != settled {
			t.Fatalf("%d, %v became %d, %v", index, settled, i, s)
		}
		if index > most {
			t.Fatalf("cut %d of at most %d", index, most)
		}
	})
}
