package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"weir/internal/record"
)

// Difference is something of the configuration that is not the same on both
// sides.
type Difference struct {
	What string `json:"what"`
	Base string `json:"base"` // the values of the side's runs, each once
	New  string `json:"new"`
}

// setting is one value of a run's configuration.
type setting struct{ what, value string }

// settings are what a run's figures depend on besides the code under test: the
// load and the pipeline around the function. The function's name is not among
// them, nor the seed.
func settings(d *record.Data) []setting {
	t, p := d.Run.Test, d.Run.Pipeline
	all := []setting{
		{"test", t.Name},
		{"steps", steps(d)},
		{"payload", t.Payload.String()},
		{"partition keys", t.Keys.String()},
		{"records per call", fmt.Sprintf("up to %d, linger %s", t.Put.MaxRecords, t.Put.Linger)},
		{"retry of failed puts", t.Put.Retry},
		{"encoding of calls", encoding(&d.Run)},
		{"pipeline", strings.TrimSpace(p.Kind + " " + p.Profile)},
		{"resolution of the metrics", fmt.Sprintf("%d s", p.ResolutionS)},
		{"stream mode", p.StreamMode},
		{"shards", fmt.Sprint(p.Shards)},
		{"shard limit factor", fmt.Sprint(cmp.Or(p.ShardLimitFactor, 1))},
		{"function timeout", p.FunctionTimeout.String()},
		{"function memory", fmt.Sprintf("%d MB", p.FunctionMemoryMB)},
		{"function runtime", p.FunctionRuntime},
		{"reserved concurrency", fmt.Sprint(p.Concurrency)},
		{"batch size", fmt.Sprint(p.BatchSize)},
		{"batching window", p.BatchingWindow.String()},
		{"parallelization factor", fmt.Sprint(p.Parallelization)},
		{"retry attempts", fmt.Sprint(p.RetryAttempts)},
		{"bisecting of failed batches", fmt.Sprint(p.Bisect)},
		{"region", p.Region},
		{"judged by", t.JudgedBy()},
		{"faults", cmp.Or(list(d.Run.Faults), "none")},
	}
	if p.Kind == "embedded" { // then generator and pipeline share the machine
		all = append(all, setting{"machine", fmt.Sprintf("%s/%s, %d CPUs", d.Run.Host.OS, d.Run.Host.Arch, d.Run.Host.CPUs)})
	}
	return all
}

// encoding is that of calls; where it was left to the generator, what that came
// to.
func encoding(r *record.Run) string {
	var chosen []string
	for _, e := range r.Encodings {
		if !slices.Contains(chosen, e.Chosen) {
			chosen = append(chosen, e.Chosen)
		}
	}
	return cmp.Or(strings.Join(chosen, ", "), r.Test.Put.Encoding)
}

// steps are rates, or how they move, and lengths of the judged steps.
func steps(d *record.Data) string {
	var all []string
	for _, s := range d.Run.Test.Steps {
		if s.Judged {
			all = append(all, fmt.Sprintf("%v/s for %s", s, s.Duration))
		}
	}
	return strings.Join(all, ", ")
}

// differences are the settings that are not the same in all runs of both sides.
func differences(base, fresh []reading) []Difference {
	found := []Difference{}
	for _, s := range settings(base[0].data) {
		d := Difference{What: s.what, Base: valuesOf(base, s.what), New: valuesOf(fresh, s.what)}
		if d.Base != d.New || strings.Contains(d.Base, separator) {
			found = append(found, d)
		}
	}
	return found
}

const separator = " | "

// valuesOf are a setting's values among runs, each once.
func valuesOf(runs []reading, what string) string {
	var values []string
	for _, r := range runs {
		value := "not recorded"
		for _, s := range settings(r.data) {
			if s.what == what && s.value != "" {
				value = s.value
			}
		}
		if !slices.Contains(values, value) {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return strings.Join(values, separator)
}

// matching are the runs with the same configuration as one.
func matching(runs []reading, one reading) []reading {
	return slices.DeleteFunc(runs, func(r reading) bool {
		return len(differences([]reading{one}, []reading{r})) > 0
	})
}

func list(names []string) string { return strings.Join(names, ", ") }
