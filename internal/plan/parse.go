package plan

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// ParseSize reads a size in bytes: "300", "300B", "1KB" (1,024 B), "10MiB".
func ParseSize(text string) (int, error) {
	s := strings.ToUpper(strings.TrimSpace(text))
	unit := 1
	for _, u := range []struct {
		suffix string
		bytes  int
	}{{"KIB", 1 << 10}, {"MIB", 1 << 20}, {"KB", 1 << 10}, {"MB", 1 << 20}, {"B", 1}} {
		if rest, ok := strings.CutSuffix(s, u.suffix); ok {
			s, unit = strings.TrimSpace(rest), u.bytes
			break
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil || n < 0 || math.IsNaN(n) || n*float64(unit) > math.MaxInt32 {
		return 0, fmt.Errorf("%q is not a size: write for example 500, 500B, 1KB (1,024 bytes) or 1MiB", text)
	}
	return int(n * float64(unit)), nil
}

// ParseRates reads one or more rates in records per second, separated by
// commas: "2000", "10,100,500", "1.5k".
func ParseRates(text string) ([]float64, error) {
	var rates []float64
	for part := range strings.SplitSeq(text, ",") {
		s := strings.ToLower(strings.TrimSpace(part))
		s = strings.TrimSpace(strings.TrimSuffix(s, "/s"))
		factor := 1.0
		for suffix, f := range map[string]float64{"k": 1e3, "m": 1e6} {
			if rest, ok := strings.CutSuffix(s, suffix); ok {
				s, factor = rest, f
				break
			}
		}
		r, err := strconv.ParseFloat(s, 64)
		if err != nil || math.IsNaN(r) || math.IsInf(r, 0) || r <= 0 {
			return nil, fmt.Errorf("%q is not a rate: write records per second, for example 2000 or 10,100,500", strings.TrimSpace(part))
		}
		rates = append(rates, r*factor)
	}
	return rates, nil
}
