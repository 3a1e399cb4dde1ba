package capacity

import (
	"testing"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

func TestLevels(t *testing.T) {
	highest := map[int64]float64{}
	line := timeline{start: time.Unix(0, 0), shards: 1, emit: func(p record.Point) error {
		highest[p.T] = p.V[metrics.Concurrent]
		return nil
	}}
	var l levels
	at := func(ms int) time.Duration { return time.Duration(ms) * time.Millisecond }
	l.advance(at(50), &line)
	l.add(at(2500), at(2600)) // known before what comes first
	l.add(at(100), at(200))
	l.add(at(150), at(1100)) // two from 150 to 200 ms, one into the next second
	l.add(at(300), at(300))  // within a millisecond: it counts
	l.add(at(400), at(9000)) // further ahead than the ring was long
	for ms := 0; ms <= 10_000; ms += 250 {
		l.advance(at(ms), &line)
		if err := line.flush(at(ms)); err != nil {
			t.Fatal(err)
		}
	}
	// second 0: 150 to 200 ms, 400 ms to its end; 1: to 1 100 ms; 2: 2.5 s
	for second, want := range []float64{2, 2, 2, 1, 1, 1, 1, 1, 1, 1} {
		if highest[int64(second)] != want {
			t.Errorf("second %d: %v at once, want %v", second, highest[int64(second)], want)
		}
	}
	if l.level != 0 || l.open != 0 {
		t.Errorf("%d under way and %d to come at the end", l.level, l.open)
	}
}
