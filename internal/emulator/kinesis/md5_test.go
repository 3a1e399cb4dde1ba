package kinesis

import (
	"testing"

	"pgregory.net/rapid"
)

func TestHashPair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.SliceOfN(rapid.Byte(), 0, md5Short+2)
		first, second := key.Draw(t, "first"), key.Draw(t, "second")
		a, b := hashPair(first, second)
		if wantA, wantB := hashPartitionKey(first), hashPartitionKey(second); a != wantA || b != wantB {
			t.Fatalf("hashed to %v and %v, want %v and %v", a, b, wantA, wantB)
		}
	})
}

// BenchmarkHashKey is the hash of a key, alone and as one of a pair.
func BenchmarkHashKey(b *testing.B) {
	first, second := []byte("partition-key-100000"), []byte("partition-key-200000")
	b.Run("alone", func(b *testing.B) {
		for b.Loop() {
			hashPartitionKey(first)
		}
	})
	b.Run("in a pair", func(b *testing.B) {
		for i := 0; b.Loop(); i++ {
			if i%2 == 0 {
				hashPair(first, second)
			}
		}
	})
}
