package price

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Billed is what Cost Explorer shows, as its CSV has it.
type Billed struct {
	By   string                        // what the columns are: "Service", "Usage type"
	Days []string                      // 2026-11-22, rising
	USD  map[string]map[string]float64 // by column, then by day
}

const byteOrderMark = "\ufeff"

// ReadCostExplorer reads a CSV that the console's Cost Explorer exports, grouped
// by service or by usage type: a column for each with ($) behind its name, a row
// with totals, and a row a day. An error names the line.
func ReadCostExplorer(r io.Reader) (Billed, error) {
	text := bufio.NewReader(r)
	if mark, err := text.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = text.Discard(len(byteOrderMark)) // it was peeked at
	}
	rows := csv.NewReader(text)
	head, err := rows.Read()
	if err != nil {
		return Billed{}, fmt.Errorf("read the export: %w", err)
	}
	b := Billed{By: head[0], USD: map[string]map[string]float64{}}
	if b.By != "Service" && b.By != "Usage type" {
		return Billed{}, fmt.Errorf("read the export: line 1: the first column is %q, not Service or Usage type", b.By)
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Billed{}, fmt.Errorf("read the export: %w", err)
		}
		if _, err := time.Parse(time.DateOnly, row[0]); err != nil {
			continue // totals
		}
		b.Days = append(b.Days, row[0])
		for i, name := range head {
			name, isCost := strings.CutSuffix(strings.TrimSpace(name), "($)")
			if i == 0 || !isCost || row[i] == "" || strings.HasPrefix(name, "Total cost") {
				continue
			}
			usd, err := strconv.ParseFloat(strings.ReplaceAll(row[i], ",", ""), 64)
			if err != nil {
				line, column := rows.FieldPos(i)
				return Billed{}, fmt.Errorf("read the export: line %d, column %d: %q is no amount", line, column, row[i])
			}
			if b.USD[name] == nil {
				b.USD[name] = map[string]float64{}
			}
			b.USD[name][row[0]] += usd
		}
	}
	if len(b.Days) == 0 {
		return Billed{}, errors.New("read the export: it has no row of a day")
	}
	slices.Sort(b.Days)
	return b, nil
}

// Between adds up what each column has from one day to another, both counted;
// days is how many of them the export has.
func (b Billed) Between(from, to time.Time) (usd map[string]float64, days int) {
	first, last := from.UTC().Format(time.DateOnly), to.UTC().Format(time.DateOnly)
	usd = map[string]float64{}
	for _, day := range b.Days {
		if day < first || day > last {
			continue
		}
		days++
		for name, of := range b.USD {
			usd[name] += of[day]
		}
	}
	return usd, days
}

// UsageTypeOf is the dimension that a usage type is of, region's code and all.
// On-demand and its Advantage have the same; it is then on-demand's.
func UsageTypeOf(usageType string) (Dimension, bool) {
	for _, service := range slices.Sorted(maps.Keys(picks)) {
		for _, p := range picks[service] {
			if p.matches(usageType, p.group) {
				return p.dimension, true
			}
		}
	}
	return "", false
}

// ServiceOf is the group of dimensions that a service of the bill is: "kinesis",
// "lambda" or "cloudwatch". Firehose, Analytics and Video are not Kinesis's data
// streams.
func ServiceOf(name string) (string, bool) {
	lower := strings.ToLower(name)
	for _, other := range []string{"firehose", "analytics", "video"} {
		if strings.Contains(lower, other) {
			return "", false
		}
	}
	for _, service := range []string{"kinesis", "lambda", "cloudwatch"} {
		if strings.Contains(lower, service) {
			return service, true
		}
	}
	return "", false
}
