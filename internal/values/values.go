// Package values gives every metric of the catalogue the value that a run's
// record has for it, with its source and resolution, or says why it is not
// known. It is pure and decides nothing.
package values

import (
	"fmt"
	"strings"

	"weir/internal/metrics"
	"weir/internal/record"
)

// Figure is one metric of the catalogue over a whole run with its drain.
type Figure struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Value     *float64 `json:"value"` // nil: not known, and Note says why
	Unit      string   `json:"unit"`
	Statistic string   `json:"statistic"` // of Value
	Source    string   `json:"source"`
	// ResolutionS is the period of the source's points; 0: everything counted.
	ResolutionS int    `json:"resolution_s"`
	Note        string `json:"note,omitzero"` // what else is to be said of it
}

// finding is a value without its metric.
type finding struct {
	value     float64
	statistic string // empty: the catalogue's
	unit      string // empty: the catalogue's
	source    string // empty: the catalogue's
	exact     bool   // everything was counted: no points with a resolution
	note      string
}

// unknown is why there is no finding.
type unknown string

// Error is the reason.
func (u unknown) Error() string { return string(u) }

func unknownf(format string, args ...any) error { return unknown(fmt.Sprintf(format, args...)) }

// Of is the whole catalogue, in its order.
func Of(d *record.Data) []Figure {
	r := newReading(d)
	all := make([]Figure, len(metrics.Catalogue))
	for i, m := range metrics.Catalogue {
		all[i] = r.figure(m)
	}
	return all
}

func (r *reading) figure(m metrics.Metric) Figure {
	f := Figure{ID: m.ID, Name: m.Name, Unit: m.Unit, Statistic: m.Statistic, Source: m.Source}
	if m.Source == metrics.SourceCloudWatch {
		f.Source = m.Namespace
	}
	got, err := finders[m.ID](r)
	if got.statistic != "" {
		f.Statistic = got.statistic
	}
	if got.source != "" {
		f.Source = got.source
	}
	if got.unit != "" {
		f.Unit = got.unit
	}
	if !got.exact {
		f.ResolutionS = max(r.data.Run.Pipeline.ResolutionS, 1)
	}
	if err != nil {
		f.Note = err.Error()
		return f
	}
	f.Value, f.Note = &got.value, strings.TrimPrefix(got.note, "; ")
	return f
}

// finders find each metric of the catalogue, by its ID.
var finders = map[string]func(*reading) (finding, error){
	"K1": (*reading).iteratorAge, "K2": (*reading).incomingRecords, "K3": (*reading).incomingBytes,
	"K4": (*reading).writesRefused, "K5": (*reading).readsRefused, "K6": (*reading).putFailures,
	"K7": (*reading).putSuccess, "K8": (*reading).putLatency, "K9": (*reading).getLatency, "K10": (*reading).recordsRead,

	"L1": (*reading).duration, "L2": (*reading).errors, "L3": (*reading).throttles, "L4": (*reading).invocations,
	"L5": (*reading).concurrency, "L6": (*reading).functionAge, "L7": (*reading).initDuration, "L8": (*reading).memory,

	"E1": (*reading).recordLatency, "E2": (*reading).throughputMatch, "E3": (*reading).backlog, "E4": (*reading).batchSize,
	"E5": (*reading).givenUp, "E6": (*reading).lost, "E7": (*reading).drainTime,

	"C1": (*reading).streamCost, "C2": (*reading).functionCost, "C3": (*reading).costPerMillion, "C4": (*reading).observationCost,

	"G1": (*reading).accepted, "G2": (*reading).putDuration, "G3": (*reading).rejected, "G4": (*reading).notSent,
}
