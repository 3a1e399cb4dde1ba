package payload

import "math/bits"

// alias draws an index in proportion to weights, at the same cost however many
// there are (A. J. Walker's alias method, tables by M. D. Vose, "A linear
// algorithm for generating random numbers with a given distribution", 1991).
type alias struct {
	columns []column
}

// column is one of as many equally likely ones as there are weights. It stands
// for its own index where the rest of the draw is below limit, for other
// where it isn't.
type column struct {
	limit uint64 // share of the column, times 2^64
	other uint32
}

// newAlias is for at least one weight; weights are positive and finite.
func newAlias(weights []float64) *alias {
	n := len(weights)
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	left := make([]float64, n) // of each index, in columns
	var small, large []int
	for i, w := range weights {
		left[i] = w / sum * float64(n)
		if left[i] < 1 {
			small = append(small, i)
		} else {
			large = append(large, i)
		}
	}
	a := &alias{columns: make([]column, n)}
	for len(small) > 0 && len(large) > 0 {
		s, l := small[len(small)-1], large[len(large)-1]
		small = small[:len(small)-1]
		a.columns[s] = column{limit: uint64(left[s] * (1 << 64)), other: uint32(l)}
		if left[l] -= 1 - left[s]; left[l] < 1 {
			large = large[:len(large)-1]
			small = append(small, l)
		}
	}
	for _, i := range append(small, large...) { // full but for rounding
		a.columns[i].other = uint32(i)
	}
	return a
}

// index is the index for 64 random bits.
func (a *alias) index(random uint64) uint64 {
	i, rest := bits.Mul64(random, uint64(len(a.columns)))
	if c := &a.columns[i]; rest >= c.limit {
		return uint64(c.other)
	}
	return i
}
