package capacity

import "testing"

func TestShards(t *testing.T) {
	for _, c := range []struct {
		rate, bytes, headroom float64
		want                  int
	}{
		{1, 100, 0, 1},
		{1000, 100, 0, 1},          // exactly the limit by records
		{1000, 100, 0.25, 2},       // 1.25
		{500, 2048, 0, 1},          // 0.977 MiB/s
		{500, 2048, 0.25, 2},       // 1.22
		{1000, 2048, 0, 2},         // 1.95
		{2000, 50 << 10, .25, 123}, // 97.66 MiB/s × 1.25 = 122.07
	} {
		if got := Shards(c.rate, c.bytes, c.headroom); got != c.want {
			t.Errorf("%v/s of %v B with %v to spare: %d shards, want %d", c.rate, c.bytes, c.headroom, got, c.want)
		}
	}
}
