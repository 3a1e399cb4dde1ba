package report

import (
	"io"
	"math"
	"strconv"

	"weir/internal/judge"
	"weir/internal/values"
)

// metricHead are the columns of the table of metrics; the value is a number, the
// others are words.
var metricHead = []string{"id", "metric", "value", "statistic", "source", "resolution", "note"}

// metricRows are the catalogue's metrics with their values.
func metricRows(all []values.Figure) [][]string {
	rows := make([][]string, len(all))
	for i, f := range all {
		rows[i] = []string{f.ID, f.Name, figureValue(f), f.Statistic, f.Source, resolution(f.ResolutionS), f.Note}
	}
	return rows
}

// figureValue is a metric's value with its unit.
func figureValue(f values.Figure) string {
	if f.Value == nil {
		return "unknown"
	}
	v := *f.Value
	switch f.Unit {
	case "USD":
		return dollars(v) + " USD"
	case "Bytes":
		return judge.Count(int64(v)) + " B"
	case "Seconds":
		return short(v) + " s"
	case "Megabytes":
		return short(v) + " MB"
	case "None":
		return judge.Number(v, "ratio")
	case "Count":
		if v == math.Trunc(v) {
			return judge.Count(int64(v))
		}
		return short(v)
	}
	return judge.Number(v, "ms")
}

func short(v float64) string { return strconv.FormatFloat(v, 'g', 4, 64) }

// metricWidths are the columns of the table of metrics in a terminal, about
// 100 wide: what is longer goes on below. The note has lines of its own.
var metricWidths = []int{3, 34, 12, 9, 17, 12}

// Metrics writes the table of metrics for a terminal.
func Metrics(w io.Writer, all []values.Figure) error {
	t := newText(TextOptions{})
	tab := table{align: "llrlll"}
	tab.add("ID", "METRIC", "VALUE", "STATISTIC", "SOURCE", "RESOLUTION")
	notes := map[int]string{} // by the last line of their metric
	for _, row := range metricRows(all) {
		last := len(row) - 1
		tab.addWrapped(metricWidths, row[:last])
		notes[len(tab.rows)-1] = row[last]
	}
	for i, l := range tab.lines() {
		t.line(l)
		if notes[i] == "" {
			continue
		}
		t.wrapped(notes[i], "       ")
	}
	_, err := io.WriteString(w, t.b.String())
	return err
}
