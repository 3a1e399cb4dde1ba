package stats

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// noisy are n values about a level with a spread of 1.
func noisy(random *rand.Rand, level float64, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = level + random.NormFloat64()
	}
	return v
}

func TestLevelShifts(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	wild := noisy(random, 100, 20)
	wild[7] = 1e6
	for _, tt := range []struct {
		name   string
		values []float64
		want   []int
	}{
		{"nothing", nil, nil},
		{"too few for two levels", []float64{1, 1, 9, 9, 9}, nil},
		{"all the same", slices.Repeat([]float64{4}, 30), nil},
		{"noise", noisy(random, 100, 30), nil},
		{"a single wild value is no level", wild, nil},
		{"a step", append(noisy(random, 100, 12), noisy(random, 110, 12)...), []int{12}},
		{"up and down again", slices.Concat(noisy(random, 100, 15), noisy(random, 110, 12), noisy(random, 100, 15)), []int{15, 27}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			found := LevelShifts(tt.values, 0.01, 1)
			var at []int
			for _, s := range found {
				at = append(at, s.At)
			}
			if !slices.Equal(at, tt.want) {
				t.Errorf("shifts %+v, want at %v", found, tt.want)
			}
		})
	}
}

func TestLevelShiftHasItsLevels(t *testing.T) {
	// Eight values 1 … 8 and eight 101 … 108: medians 4.5 and 104.5.
	found := LevelShifts(append(upTo(1, 8), upTo(101, 8)...), 0.01, 1)
	if len(found) != 1 || found[0].Before != 4.5 || found[0].After != 104.5 || found[0].P > 0.001 {
		t.Errorf("%+v", found)
	}
}

// TestLevelShiftsAlarmSeldom: at 5 %, 200 sequences without a shift alarm about
// ten times; more than 20 has a chance of 0.1 % (binomial).
func TestLevelShiftsAlarmSeldom(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	alarms := 0
	for range 200 {
		if _, p := bestStretch(noisy(random, 0, 12), 0.05, random); p <= 0.05 {
			alarms++
		}
	}
	if alarms > 20 {
		t.Errorf("%d alarms in 200 sequences without a shift", alarms)
	}
}

func BenchmarkLevelShifts100(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 1))
	v := append(noisy(random, 100, 50), noisy(random, 110, 50)...)
	for b.Loop() {
		LevelShifts(v, 0.001, 1)
	}
}
