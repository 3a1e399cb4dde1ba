package ledger

import "testing"

// spanAt is a batch of ten records at [first, first+9] of one shard.
func spanAt(start int64, first uint64) span {
	return span{track: track{shard: "s", lane: wholeShard}, stretch: at(first, first+9), start: start, records: 10}
}

func TestOrderWindow(t *testing.T) {
	for _, tt := range []struct {
		name         string
		spans        []span
		behind, late int64
	}{
		{"in order", []span{spanAt(1, 10), spanAt(2, 20), spanAt(3, 30), spanAt(4, 40)}, 0, 0},
		{"lines swapped inside the window of 2", []span{spanAt(2, 20), spanAt(1, 10), spanAt(4, 40), spanAt(3, 30)}, 0, 0},
		{"processed out of order", []span{spanAt(1, 20), spanAt(2, 10), spanAt(3, 30), spanAt(4, 40)}, 10, 0},
		{"a line too late for the window", []span{spanAt(2, 20), spanAt(3, 30), spanAt(4, 40), spanAt(5, 50), spanAt(1, 10)}, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOrder(1)
			o.size = 2
			for _, s := range tt.spans {
				o.add(s)
			}
			if len(o.waiting) > 2 {
				t.Errorf("%d spans wait, want at most 2", len(o.waiting))
			}
			c := o.closed()
			if c.behind[0] != tt.behind || c.late != tt.late {
				t.Errorf("behind %d, late %d, want %d, %d", c.behind[0], c.late, tt.behind, tt.late)
			}
		})
	}
}

func TestRecentForgetsTheOldest(t *testing.T) {
	r := recent[int]{limit: 3}
	for i := range 7 {
		r.put(uint64(i), i)
	}
	// Generations of three: 0-2 are gone, 3-5 are old, 6 is new.
	for i, want := range []bool{false, false, false, true, true, true, true} {
		if _, ok := r.get(uint64(i)); ok != want {
			t.Errorf("key %d known: %v, want %v", i, ok, want)
		}
	}
	if v, ok := r.take(4); v != 4 || !ok {
		t.Errorf("take 4 = %d, %v", v, ok)
	}
	if _, ok := r.get(4); ok {
		t.Error("a taken key is still known")
	}
}
