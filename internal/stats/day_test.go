package stats

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// A day in these tests is resampled from a recorded hour (testdata/duration.json
// says of what) in blocks of five minutes, so it has the hour's noise within five
// minutes and none of a longer period. Its points are medians of five minutes,
// as a day's are where runs are judged.
const (
	daySeconds   = 24 * 3600
	pointSeconds = 300
	blockSeconds = 300
)

// day is Duration over a day, rising by 1 % an hour from the given hour on;
// an hour of 24 leaves it level.
func day(recorded []float64, onset float64, random *rand.Rand) []float64 {
	places := make([]int, len(recorded))
	var second []float64
	for len(second) < daySeconds {
		resample(places, blockSeconds, random)
		for _, p := range places {
			hours := float64(len(second))/3600 - onset
			second = append(second, recorded[p]*(1+0.01*max(0, hours)))
		}
	}
	var points []float64
	for stretch := range slices.Chunk(second[:daySeconds], pointSeconds) {
		points = append(points, Median(stretch))
	}
	return points
}

// TestDriftWithinADay is what the drift of a day's run is held to: a rise of
// 1 % an hour is found within two hours of its beginning in at least 18 of 20
// days, and at most one of 20 level days shows anything.
func TestDriftWithinADay(t *testing.T) {
	var file struct {
		MS []float64 `json:"ms"`
	}
	b, err := os.ReadFile("testdata/duration.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	const alpha = 0.01 / 8 // as for eight series of a run
	random := rand.New(rand.NewPCG(15, 16))
	found, alarms, worst := 0, 0, 0.0
	for n := range uint64(20) {
		onset := 2 + 18*random.Float64() // leaves two hours before and four after
		drifts := Drifts(day(file.MS, onset, random), alpha, n)
		if len(drifts) > 0 && drifts[0].Slope > 0 {
			off := float64(drifts[0].From)*pointSeconds/3600 - onset
			worst = max(worst, math.Abs(off))
			if math.Abs(off) <= 2 {
				found++
			}
		}
		if len(Drifts(day(file.MS, 24, random), alpha, n)) > 0 {
			alarms++
		}
	}
	t.Logf("found within two hours in %d of 20 days, at most %.2f h off; %d of 20 level days alarmed", found, worst, alarms)
	if found < 18 || alarms > 1 {
		t.Errorf("found %d of 20 rises, %d of 20 level days alarmed", found, alarms)
	}
}
