package payload

import (
	"fmt"
	"math"
	"math/bits"
)

// Sizes says how large bodies are, in bytes: from Min to Max, both included.
type Sizes struct {
	Min, Max int
	// Mean and Deviation are of a normal distribution; what it gives outside of
	// Min to Max becomes Min or Max. With Deviation 0 all sizes are equally
	// likely.
	Mean, Deviation float64
}

// draw is the size for 64 random bits.
func (s Sizes) draw(random uint64) int {
	if s.Deviation > 0 {
		// 53 bits, as many as a float64 has, at the middle of their interval, so
		// that neither 0 nor 1 comes up.
		u := (float64(random>>11) + 0.5) / (1 << 53)
		size := s.Mean + s.Deviation*math.Sqrt2*math.Erfinv(2*u-1)
		return int(math.Round(min(max(size, float64(s.Min)), float64(s.Max))))
	}
	i, _ := bits.Mul64(random, uint64(s.Max-s.Min+1))
	return s.Min + int(i)
}

// check reports sizes that can't be had.
func (s Sizes) check(least int) error {
	switch smallest := min(s.Min, s.Max); {
	case smallest < least:
		return fmt.Errorf("a body of %d bytes can't hold the ledger token: the smallest is %d", smallest, least)
	case s.Max > MaxBytes:
		return fmt.Errorf("a body of %d bytes is above the largest record, %d", s.Max, MaxBytes)
	case s.Min > s.Max:
		return fmt.Errorf("sizes from %d to %d bytes: the range ends before it starts", s.Min, s.Max)
	}
	return nil
}
