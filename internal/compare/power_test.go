package compare

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"weir/internal/stats"
)

// recorded are the figures of 12 runs of one function and of 12 runs with a
// function 10 % slower, taken alternately (testdata/runs.json says how).
type recorded struct {
	Base   map[string][]float64 `json:"base"`
	Slower map[string][]float64 `json:"slower"`
}

func readRecorded(t *testing.T) (r recorded) {
	t.Helper()
	b, err := os.ReadFile("testdata/runs.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// group draws n runs, each with all its figures together, so that metrics stay
// as related as they are. A figure moves by a fifth of its spread about the
// drawn one, so that runs drawn twice are not ties (a smoothed bootstrap).
func group(from map[string][]float64, n int, random *rand.Rand) [][]float64 {
	figures := make([][]float64, len(measures))
	for range n {
		run := random.IntN(len(from[measures[0].id]))
		for i, m := range measures {
			spread := 0.2 * math.Sqrt(stats.Variance(from[m.id]))
			figures[i] = append(figures[i], from[m.id][run]+spread*random.NormFloat64())
		}
	}
	return figures
}

// TestGroupsOfTen is the promise of weir compare: of 20 pairs of groups of ten
// runs of the same function at most one alarms, and of 20 against a function
// 10 % slower at least 18 are found. It runs eight such rounds, so that it says
// more than one lucky draw would.
func TestGroupsOfTen(t *testing.T) {
	const size, rounds, pairs = 10, 8, 20
	r := readRecorded(t)
	random := rand.New(rand.NewPCG(11, 12))
	alarms, found := 0, 0
	for round := range rounds {
		alarmed, told := 0, 0
		for range pairs {
			base := group(r.Base, size, random)
			if regressions(base, group(r.Base, size, random)) > 0 {
				alarmed++
			}
			if regressions(base, group(r.Slower, size, random)) > 0 {
				told++
			}
		}
		if alarmed > 1 || told < 18 {
			t.Errorf("round %d: %d of %d alarmed without a difference, %d found with one", round, alarmed, pairs, told)
		}
		alarms, found = alarms+alarmed, found+told
	}
	t.Logf("groups of %d: %d of %d pairs alarmed without a difference, %d with one were found", size, alarms, rounds*pairs, found)
	// At 1 % at most 1.6 of 160 are expected; more than 7 has a chance of 0.03 %.
	if alarms > 7 {
		t.Errorf("%d of %d pairs alarmed without a difference", alarms, rounds*pairs)
	}
}

// regressions counts metrics of either direction that were told: without a
// difference each of them is a false alarm.
func regressions(base, fresh [][]float64) (n int) {
	for _, m := range compareGroups(measures, base, fresh) {
		if m.Result != Same && m.Result != Unknown {
			n++
		}
	}
	return n
}

// TestSmallestGroups says with how many runs a side the slower function is
// found at all: seven, where twelve metrics share 1 %.
func TestSmallestGroups(t *testing.T) {
	r := readRecorded(t)
	for size, want := range map[int]bool{5: false, 6: false, 7: true, 8: true} {
		random := rand.New(rand.NewPCG(uint64(size), 13))
		told := 0
		for range 20 {
			if regressions(group(r.Base, size, random), group(r.Slower, size, random)) > 0 {
				told++
			}
		}
		if (told >= 18) != want {
			t.Errorf("groups of %d: %d of 20 found", size, told)
		}
	}
}
