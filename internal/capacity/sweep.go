package capacity

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weir/internal/quota"
)

// Choice is one configuration of a pipeline among others.
type Choice struct {
	Shards          int           `json:"shards"`
	Parallelization int           `json:"parallelization_factor"`
	BatchSize       int           `json:"batch_size"`
	Window          time.Duration `json:"batching_window_ns"`
	MemoryMB        int           `json:"memory_mb"`
}

// dimensions are what a sweep may change, by the names in its text, with AWS's
// bounds.
var dimensions = []struct {
	name      string
	of        func(*Choice) *int
	low, high int
}{
	{"shards", func(c *Choice) *int { return &c.Shards }, 1, quota.MaxShardsPerStream},
	{"pf", func(c *Choice) *int { return &c.Parallelization }, 1, quota.MaxParallelization},
	{"batch", func(c *Choice) *int { return &c.BatchSize }, quota.MinBatchSize, quota.MaxBatchSize},
	{"memory", func(c *Choice) *int { return &c.MemoryMB }, quota.MinMemoryMB, quota.MaxMemoryMB},
}

// windowName is the dimension whose values are whole seconds.
const windowName = "window"

// mostChoices bounds a sweep.
const mostChoices = 5000

// ParseSweep reads what is to be varied and returns every combination; what the
// text doesn't name is as in base.
//
//	shards=1..16,pf=1..10,batch=10/100/1000,memory=128..1769,window=0/1
//
// A range is its ends and the doublings between them, a list its values.
func ParseSweep(text string, base Choice) ([]Choice, error) {
	choices := []Choice{base}
	named := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		name, values, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || named[name] {
			return nil, fmt.Errorf("%q: write each of shards, pf, batch, memory and window once, as in shards=1..16,batch=10/100", part)
		}
		named[name] = true
		set, low, high, err := dimension(name)
		if err != nil {
			return nil, err
		}
		all, err := parseValues(values, low, high)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		var next []Choice
		for _, c := range choices {
			for _, v := range all {
				set(&c, v)
				next = append(next, c)
			}
		}
		if choices = next; len(choices) > mostChoices {
			return nil, fmt.Errorf("%d combinations and more: %d at most, so name fewer values", len(choices), mostChoices)
		}
	}
	return choices, nil
}

// dimension is how a dimension is set, and its bounds.
func dimension(name string) (set func(*Choice, int), low, high int, err error) {
	if name == windowName {
		set = func(c *Choice, v int) { c.Window = time.Duration(v) * time.Second }
		return set, 0, int(quota.MaxBatchingWindow.Seconds()), nil
	}
	for _, d := range dimensions {
		if d.name == name {
			return func(c *Choice, v int) { *d.of(c) = v }, d.low, d.high, nil
		}
	}
	return nil, 0, 0, fmt.Errorf("%q can't be varied: shards, pf, batch, memory and window can", name)
}

func parseValues(text string, low, high int) ([]int, error) {
	from, to, isRange := strings.Cut(text, "..")
	parts := strings.Split(text, "/")
	if isRange {
		parts = []string{from, to}
	}
	var values []int
	for _, part := range parts {
		v, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || v < low || v > high {
			return nil, fmt.Errorf("%q: whole numbers from %d to %d, as 1..16 or 1/4/16", part, low, high)
		}
		values = append(values, v)
	}
	if isRange {
		if values[0] > values[1] {
			return nil, fmt.Errorf("%q: the first end is above the second", text)
		}
		for v := 2 * values[0]; v > 0 && v < values[1]; v *= 2 {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	return slices.Compact(values), nil
}

// fullCPU is the memory with which a function has one processor whole
// (lambda/latest/dg/configuration-memory, read 2026-11-22).
const fullCPU = 1769

// With is the scenario with another configuration. A function's processor grows
// with its memory up to a whole one: its time is taken to be processor time of
// one thread.
func (sc Scenario) With(c Choice) Scenario {
	p := &sc.Pipeline
	share := float64(min(p.FunctionMemoryMB, fullCPU)) / float64(min(c.MemoryMB, fullCPU))
	sc.Timing.PerBatch = time.Duration(float64(sc.Timing.PerBatch) * share)
	sc.Timing.PerRecord = time.Duration(float64(sc.Timing.PerRecord) * share)
	p.Shards, p.Parallelization, p.BatchSize = c.Shards, c.Parallelization, c.BatchSize
	p.BatchingWindow, p.FunctionMemoryMB = c.Window, c.MemoryMB
	return sc
}

// Frontier are the indices of the pairs of costs and latencies that no other
// pair betters in one without being worse in the other, from the cheapest on.
// Of equal pairs the first stands.
func Frontier(pairs [][2]float64) []int {
	order := make([]int, len(pairs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return slices.Compare(pairs[a][:], pairs[b][:]) })
	var frontier []int
	for _, i := range order {
		if n := len(frontier); n == 0 || pairs[i][1] < pairs[frontier[n-1]][1] {
			frontier = append(frontier, i)
		}
	}
	return frontier
}
