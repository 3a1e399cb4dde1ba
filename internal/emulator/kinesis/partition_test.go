package kinesis

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestHashPartitionKey(t *testing.T) {
	// MD5("a") = 0cc175b9c0f1b6a831c399e269772661
	if got, want := hashPartitionKey([]byte("a")), (hashKey{0x0cc175b9c0f1b6a8, 0x31c399e269772661}); got != want {
		t.Errorf("hash of a is %x, want %x", got, want)
	}
}

func TestParseHashKey(t *testing.T) {
	tests := []struct {
		text string
		want hashKey
		ok   bool
	}{
		{"0", hashKey{}, true},
		{"18446744073709551616", hashKey{1, 0}, true}, // 2^64
		{"340282366920938463463374607431768211455", hashKey{1<<64 - 1, 1<<64 - 1}, true},
		{"340282366920938463463374607431768211456", hashKey{}, false}, // 2^128
		{"-1", hashKey{}, false},
		{"", hashKey{}, false},
		{"0x10", hashKey{}, false},
	}
	for _, test := range tests {
		got, ok := parseHashKey(test.text)
		if ok != test.ok || got != test.want {
			t.Errorf("parseHashKey(%q) = %v, %v, want %v, %v", test.text, got, ok, test.want, test.ok)
		}
		if ok && got.String() != test.text {
			t.Errorf("%q comes back as %q", test.text, got)
		}
	}
}

func TestSplitCoversTheSpace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6000).Draw(t, "shards")
		ranges := splitEvenly(n)
		next := new(big.Int)
		for i, r := range ranges {
			if r.start.big().Cmp(next) != 0 {
				t.Fatalf("range %d starts at %s, want %s", i, r.start, next)
			}
			next.Add(r.end.big(), big.NewInt(1))
		}
		if next.Cmp(hashSpace) != 0 {
			t.Fatalf("the last range ends before %s, want 2^128", next)
		}
		key := hashKey{rapid.Uint64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo")}
		p := newPartition(ranges)
		i := p.of(key)
		if r := ranges[i]; key.compare(r.start) < 0 || key.compare(r.end) > 0 {
			t.Fatalf("key %s is put into range %d, %s to %s", key, i, r.start, r.end)
		}
	})
}

func TestPartitionAtEnds(t *testing.T) {
	ranges := splitEvenly(3)
	p := newPartition(ranges)
	for i, r := range ranges {
		if got := p.of(r.start); got != i {
			t.Errorf("start of range %d is in range %d", i, got)
		}
		if got := p.of(r.end); got != i {
			t.Errorf("end of range %d is in range %d", i, got)
		}
	}
}
