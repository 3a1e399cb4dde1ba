package judge

import "math"

// z95 is the standard normal's 95 % quantile.
const z95 = 1.6449

// upperRate is the one-sided 95 % upper bound of a rate of which k of n were
// observed: the exact (Clopper-Pearson) one. For k = 0 it is near 3/n, the
// rule of three. It is 1 for n = 0.
func upperRate(k, n int64) float64 {
	if k >= n {
		return 1
	}
	lo, hi := float64(k)/float64(n), 1.0
	for range 60 {
		mid := (lo + hi) / 2
		if binomialCDF(k, n, mid) > 0.05 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return hi
}

// binomialCDF is the probability of at most k of n at rate p, 0 < p < 1. For a
// large k it is the normal approximation with continuity correction.
func binomialCDF(k, n int64, p float64) float64 {
	if k > 1000 {
		mean, sd := float64(n)*p, math.Sqrt(float64(n)*p*(1-p))
		return 0.5 * math.Erfc(-(float64(k)+0.5-mean)/sd/math.Sqrt2)
	}
	logTerm := float64(n) * math.Log1p(-p)
	total := math.Exp(logTerm)
	for i := int64(1); i <= k; i++ {
		logTerm += math.Log(float64(n-i+1)/float64(i)) + math.Log(p) - math.Log1p(-p)
		total += math.Exp(logTerm)
	}
	return total
}

// samplesForP99 is how many samples it takes before the largest of them bounds
// the true p99 with 95 % confidence: 0.99^n <= 0.05 from n = 299 on, said as
// 300.
const samplesForP99 = 300

// upperQuantile is the quantile of n samples that bounds their true quantile q
// from above with 95 % confidence, by order statistics; ok is false where n is
// too small for any sample to.
func upperQuantile(q float64, n int64) (bound float64, ok bool) {
	if n < samplesForP99 {
		return 0, false
	}
	rank := math.Ceil(float64(n)*q + z95*math.Sqrt(float64(n)*q*(1-q)))
	return min(rank/float64(n), 1), true
}
