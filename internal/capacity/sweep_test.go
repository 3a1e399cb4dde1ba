package capacity

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseSweep(t *testing.T) {
	base := Choice{Shards: 4, Parallelization: 1, BatchSize: 100, MemoryMB: 128}
	got, err := ParseSweep("shards=1..5,window=0/2", base)
	if err != nil {
		t.Fatal(err)
	}
	var want []Choice
	for _, shards := range []int{1, 2, 4, 5} { // the ends and the doublings between
		for _, window := range []time.Duration{0, 2 * time.Second} {
			want = append(want, Choice{Shards: shards, Parallelization: 1, BatchSize: 100, MemoryMB: 128, Window: window})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "shards", "shards=0", "pf=1..11", "shards=4..2", "colour=1", "shards=1,shards=2", "batch=ten", "shards=1..10000,batch=1..10000,memory=128..10240,pf=1/2/3/4/5"} {
		if got, err := ParseSweep(text, base); err == nil {
			t.Errorf("%q: %d combinations, want an error", text, len(got))
		}
	}
}

func TestFrontier(t *testing.T) {
	got := Frontier([][2]float64{{3, 10}, {1, 30}, {2, 30}, {2, 20}, {4, 10}, {5, 9}, {1, 30}})
	if diff := cmp.Diff([]int{1, 3, 0, 5}, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithMemory(t *testing.T) {
	sc := scenario(1, time.Second)
	sc.Pipeline.FunctionMemoryMB, sc.Timing.PerBatch = 442, 40*time.Millisecond
	for memory, want := range map[int]time.Duration{
		221: 80 * time.Millisecond, 442: 40 * time.Millisecond,
		// 442 ÷ 1769 of a processor before, a whole one after: 40 × 442 ÷ 1769
		1769: 9994347, 10240: 9994347,
	} {
		if got := sc.With(Choice{MemoryMB: memory}).Timing.PerBatch; got != want {
			t.Errorf("%d MB: %v, want %v", memory, got, want)
		}
	}
}
