package plan

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
)

// maxStretches bounds what a file of rates holds: the child process is told of
// them in its environment, where 128 KiB fit (MAX_ARG_STRLEN of Linux,
// execve(2), read 2026-11-22). With all their digits some 1,600 would; a rate for
// each minute of a day is 1,440.
const maxStretches = 1500

// parseRatesFile reads lines of time and rate. A time is seconds, a length such
// as 1m30s, or a moment (RFC 3339), and counts from that of the first line. A
// rate holds until the next line's time, the last one until the step's end. A
// first line that holds neither is a header.
func parseRatesFile(path string, length time.Duration) (Shape, error) {
	file, err := os.Open(path)
	if err != nil {
		return Shape{}, fmt.Errorf("read rates: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	points, err := readRates(file)
	if err != nil {
		return Shape{}, fmt.Errorf("%s:%w", path, err)
	}
	var stretches []Stretch
	for i, p := range points {
		end := length
		if i+1 < len(points) {
			end = min(points[i+1].at-points[0].at, length)
		}
		if start := p.at - points[0].at; start < end {
			stretches = append(stretches, Stretch{end - start, p.rate, p.rate})
		}
	}
	return Shape{Stretches: stretches}, nil
}

type ratePoint struct {
	at   time.Duration
	rate float64
}

// readRates reads a file of rates. Errors begin with line:column.
func readRates(r io.Reader) ([]ratePoint, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord, in.TrimLeadingSpace, in.Comment = -1, true, '#'
	var points []ratePoint
	for first := true; ; first = false {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, fmt.Errorf("%d:%d: %w", syntax.Line, syntax.Column, syntax.Err)
		}
		if err != nil {
			return nil, err
		}
		cell, p, err := parsePoint(cells)
		line, column := in.FieldPos(min(cell, len(cells)-1))
		switch {
		case err != nil && first && isHeader(cells):
			continue
		case err != nil:
			return nil, fmt.Errorf("%d:%d: %w", line, column, err)
		case len(points) > 0 && p.at <= points[len(points)-1].at:
			return nil, fmt.Errorf("%d:1: time %s is not after that of the line before", line, cells[0])
		case len(points) == maxStretches:
			return nil, fmt.Errorf("%d:1: more than %d rates", line, maxStretches)
		}
		points = append(points, p)
	}
	if len(points) == 0 {
		return nil, errors.New("1:1: no rates: write lines of time and rate, for example 0,100 and 60,500")
	}
	return points, nil
}

// parsePoint reads a line; cell is the one that is wrong.
func parsePoint(cells []string) (cell int, p ratePoint, err error) {
	if len(cells) != 2 {
		return 0, p, fmt.Errorf("%d cells instead of a time and a rate", len(cells))
	}
	if p.at, err = parseMoment(strings.TrimSpace(cells[0])); err != nil {
		return 0, p, err
	}
	p.rate, err = parseRate(cells[1])
	return 1, p, err
}

func isHeader(cells []string) bool {
	for _, cell := range cells {
		if _, err := parseRate(cell); err == nil {
			return false
		}
	}
	return len(cells) == 2
}

// parseMoment reads a time as an offset, from the Unix epoch where it is a
// moment.
func parseMoment(text string) (time.Duration, error) {
	if s, err := strconv.ParseFloat(text, 64); err == nil && s >= 0 && s < 1e9 {
		return seconds(s), nil
	}
	if d, err := time.ParseDuration(text); err == nil && d >= 0 {
		return d, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return time.Duration(t.UnixNano()), nil
	}
	return 0, fmt.Errorf("%q is not a time: write seconds, a length such as 1m30s, or a moment such as 2026-11-22T12:00:00Z", text)
}
