package stats

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// Counts are never above the truth, and never below it by more than a 65th of
// what was added.
func TestFrequentIsWithinItsBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, truth, all := Frequent{}, map[string]int64{}, int64(0)
		for range rapid.IntRange(1, 2000).Draw(t, "additions") {
			key := fmt.Sprint("k", rapid.IntRange(0, rapid.SampledFrom([]int{3, 500}).Draw(t, "pool")).Draw(t, "key"))
			n := rapid.Int64Range(1, 100).Draw(t, "n")
			f.Add(key, n)
			truth[key] += n
			all += n
		}
		if len(f) > frequentKeys {
			t.Fatalf("%d keys", len(f))
		}
		for key, n := range truth {
			if f[key] > n || float64(n-f[key]) > float64(all)/(frequentKeys+1) {
				t.Fatalf("%s: counted %d of %d, %d added", key, f[key], n, all)
			}
		}
	})
}

func TestFrequentTop(t *testing.T) {
	f := Frequent{}
	if _, _, ok := f.Top(); ok {
		t.Error("an empty one has a top")
	}
	for _, key := range []string{"c", "b", "a", "b", "a"} {
		f.Add(key, 1)
	}
	if key, n, ok := f.Top(); key != "a" || n != 2 || !ok {
		t.Errorf("top is %s, %d, %t", key, n, ok)
	}
}
