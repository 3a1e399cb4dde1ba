package judge

import (
	"math"
	"strconv"
	"strings"
)

// Number is a value with its unit as verdicts and reports print it: thousands
// apart, no more digits than the value supports.
func Number(v float64, unit string) string {
	switch unit {
	case "ms":
		if v < 10 && v != math.Trunc(v) {
			return decimals(v, 1) + " ms"
		}
		return Count(int64(math.Round(v))) + " ms"
	case "%":
		return decimals(v, 3) + " %"
	case "ratio":
		return decimals(v, 4)
	case "records":
		return Count(int64(math.Round(v))) + " records"
	default:
		return Count(int64(math.Round(v)))
	}
}

// Count is a whole number with its thousands apart: 15 893.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// decimals is v with at most n decimals, trailing zeros left out.
func decimals(v float64, n int) string {
	s := strconv.FormatFloat(v, 'f', n, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// share is part of whole in per cent, 0 of nothing.
func share(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}
