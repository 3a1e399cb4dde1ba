package kinesis

import "testing"

func TestPlacement(t *testing.T) {
	p := NewPlacement(2)
	for _, c := range []struct {
		key, hash string
		want      int
	}{
		{"a", "", 0}, // MD5 0cc175b9…
		{"b", "", 1}, // MD5 92eb5ffe…
		{"b", "0", 0},
		{"a", "170141183460469231731687303715884105728", 1}, // 2^127
	} {
		if got := p.Of(c.key, c.hash); got != c.want {
			t.Errorf("key %q, hash %q: shard %d, want %d", c.key, c.hash, got, c.want)
		}
	}
}
