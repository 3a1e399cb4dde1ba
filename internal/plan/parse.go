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

// ParsePayload reads the sizes of generated bodies: "500" is exact, "300..900"
// uniform, and "normal:500±100" (or +-) normal with that standard deviation,
// cut at four of them. "binary:500" is of random bytes, "kpl:20x500" twenty
// user records of 500 bytes in each record; either takes all forms of sizes.
func ParsePayload(text string) (Payload, error) {
	if rest, ok := strings.CutPrefix(text, "binary:"); ok {
		p, err := parseSizes(rest)
		p.Binary = true
		return p, err
	}
	rest, ok := strings.CutPrefix(text, "kpl:")
	if !ok {
		return parseSizes(text)
	}
	count, sizes, ok := strings.Cut(rest, "x")
	n, err := strconv.Atoi(strings.TrimSpace(count))
	if !ok || err != nil || n < 1 {
		return Payload{}, fmt.Errorf("%q is not a number of user records and their size: write for example kpl:20x500", text)
	}
	p, err := parseSizes(sizes)
	p.UserRecords, p.UserBytes = n, p.Bytes
	p.Bytes = n * (p.UserBytes + aggregateOverhead)
	return p, err
}

// aggregateOverhead is about what the format adds to a user record.
const aggregateOverhead = 8

func parseSizes(text string) (Payload, error) {
	if low, high, ok := strings.Cut(text, ".."); ok {
		sizes, err := parseTwo(low, high)
		if err == nil && sizes[0] > sizes[1] {
			err = fmt.Errorf("%q ends before it starts", text)
		}
		return Payload{Bytes: (sizes[0] + sizes[1]) / 2, Sizes: Sizes{Min: sizes[0], Max: sizes[1]}}, err
	}
	if rest, ok := strings.CutPrefix(text, "normal:"); ok {
		mean, deviation, ok := strings.Cut(strings.Replace(rest, "+-", "±", 1), "±")
		if !ok {
			return Payload{}, fmt.Errorf("%q has no deviation: write for example normal:500±100", text)
		}
		sizes, err := parseTwo(mean, deviation)
		m, d := sizes[0], sizes[1]
		if err == nil && d < 1 {
			err = fmt.Errorf("%q: a deviation of at least 1 byte is needed", text)
		}
		return Payload{Bytes: m, Sizes: Sizes{Min: max(m-4*d, 0), Max: m + 4*d, Deviation: d}}, err
	}
	size, err := ParseSize(text)
	return Payload{Bytes: size}, err
}

func parseTwo(first, second string) (sizes [2]int, err error) {
	if sizes[0], err = ParseSize(first); err == nil {
		sizes[1], err = ParseSize(second)
	}
	return sizes, err
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
