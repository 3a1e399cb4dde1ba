package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Bootstrap is the distribution of a statistic of a series of n points that
// depend on their neighbours: the statistic of `times` series, each put
// together from blocks of neighbouring points taken at random places, the
// series closed to a ring (the circular block bootstrap, Politis and Romano
// 1992). The statistic gets the places of the points, 0 to n-1, and must not
// keep them. The result is sorted; it is the same for the same seed, and empty
// for n = 0.
func Bootstrap(n, block, times int, seed uint64, statistic func(places []int) float64) []float64 {
	if n == 0 {
		return nil
	}
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	places := make([]int, n)
	values := make([]float64, times)
	for i := range values {
		resample(places, block, random)
		values[i] = statistic(places)
	}
	slices.Sort(values)
	return values
}

// resample fills places with blocks of neighbours on a ring of as many points.
func resample(places []int, block int, random *rand.Rand) {
	start := 0
	for i := range places {
		if i%max(block, 1) == 0 {
			start = random.IntN(len(places))
		}
		places[i] = (start + i%max(block, 1)) % len(places)
	}
}

// BlockLength is how many neighbours a bootstrap of the mean of v takes
// together: (√6·ρ/(1-ρ²))^⅔·∛n for the correlation ρ of neighbours (Carlstein
// 1986, for a first-order autoregression), at least 1 and at most n/4.
func BlockLength(v []float64) int { return blockLength(autocorrelation(v, 1), len(v)) }

func blockLength(rho float64, n int) int {
	rho = min(math.Abs(rho), 0.99)
	length := math.Pow(math.Sqrt(6)*rho/(1-rho*rho), 2.0/3) * math.Cbrt(float64(n))
	return max(1, min(int(math.Ceil(length)), n/4))
}

// autocorrelation of v at a lag; 0 where v doesn't vary or is too short.
func autocorrelation(v []float64, lag int) float64 {
	mean := Mean(v)
	var own, with float64
	for i, x := range v {
		own += (x - mean) * (x - mean)
		if i >= lag {
			with += (x - mean) * (v[i-lag] - mean)
		}
	}
	if own == 0 {
		return 0
	}
	return with / own
}

// Mean is the arithmetic mean, NaN of nothing.
func Mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// Variance is the sample's variance with n-1 in the divisor, NaN of fewer than
// two values.
func Variance(v []float64) float64 {
	if len(v) < 2 {
		return math.NaN()
	}
	mean, sum := Mean(v), 0.0
	for _, x := range v {
		sum += (x - mean) * (x - mean)
	}
	return sum / float64(len(v)-1)
}

// Median is the middle value, NaN of nothing.
func Median(v []float64) float64 {
	if len(v) == 0 {
		return math.NaN()
	}
	return median(slices.Sorted(slices.Values(v)))
}
