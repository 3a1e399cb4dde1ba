package report

import (
	"weir/internal/compare"
	"weir/internal/judge"
	"weir/internal/record"
)

// Amount is a name with its value in words.
type Amount struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Cost is what the run's stream and function are charged for by item, in words;
// nil where nothing was counted.
func Cost(d *record.Data) []Amount {
	var all []Amount
	for _, f := range cost(d) {
		all = append(all, Amount(f))
	}
	return all
}

// CapacityLine says in a sentence which rates were sustained and what gave out.
func CapacityLine(v judge.Verdict) string { return capacityLine(v) }

// ComparisonTable is a comparison's table: the columns' heads and a row of words
// for each metric.
func ComparisonTable(c compare.Comparison) (head []string, rows [][]string) {
	for _, m := range c.Metrics {
		rows = append(rows, comparisonRow(m))
	}
	return comparisonHead, rows
}

// PipelineLine says what was tested, and of one that is not AWS's that its
// timing is a model.
func PipelineLine(d *record.Data) string { return pipelineLine(d) }
