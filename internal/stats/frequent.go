package stats

import (
	"cmp"
	"maps"
	"slices"
)

// frequentKeys is how many keys a Frequent keeps.
const frequentKeys = 64

// Frequent counts the frequent ones among any number of keys in memory for a
// few (J. Misra, D. Gries, "Finding repeated elements", 1982). A count is never
// above the truth, and below it by at most 1/65 of all that was added. The nil
// map is empty and must be made before Add.
type Frequent map[string]int64

// Add counts n more of a key.
func (f Frequent) Add(key string, n int64) {
	if f[key] += n; len(f) <= frequentKeys {
		return
	}
	least := slices.Min(slices.Collect(maps.Values(f)))
	for k, v := range f {
		if f[k] = v - least; v == least {
			delete(f, k)
		}
	}
}

// Top is the key counted most, of equal ones the first by name; ok is false
// where there is none.
func (f Frequent) Top() (key string, n int64, ok bool) {
	if len(f) == 0 {
		return "", 0, false
	}
	key = slices.MinFunc(slices.Collect(maps.Keys(f)), func(a, b string) int {
		return cmp.Or(cmp.Compare(f[b], f[a]), cmp.Compare(a, b))
	})
	return key, f[key], true
}
