package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// StudentP is the two-sided probability of a t at least as far from zero under
// Student's distribution with the given degrees of freedom (above 0).
func StudentP(t, freedom float64) float64 {
	return 2 * distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.CDF(-math.Abs(t))
}

// StudentBound is the t that a value stays within on both sides with the given
// confidence (0.99).
func StudentBound(confidence, freedom float64) float64 {
	return distuv.StudentsT{Mu: 0, Sigma: 1, Nu: freedom}.Quantile((1 + confidence) / 2)
}
