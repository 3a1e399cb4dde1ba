package frame

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"weir/internal/ledger"
	"weir/internal/stats"
)

// large is a frame that takes several lines: fates that do not compress well.
func large() Frame {
	f := example()
	chance := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		from := chance.Uint64()
		f.Steps[0].Fates = append(f.Steps[0].Fates, FateRange{Fate: ledger.Accepted, From: from, To: from + 1})
	}
	return f
}

func TestLines(t *testing.T) {
	var out bytes.Buffer
	w := NewLineWriter(&out, 3)
	want := []Frame{example(), large(), example()}
	for _, f := range want {
		if err := w.Write(f); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(lines) < 5 {
		t.Fatalf("%d lines: the large frame was to take several", len(lines))
	}
	for _, line := range lines {
		if len(line) > 16<<10 {
			t.Fatalf("a line of %d characters, container runtimes split it", len(line))
		}
	}
	// Lines come twice, in any order, among others.
	lines = append(lines, lines...)
	lines = append(lines, "time=12:00 level=info msg=hello", "")
	rand.New(rand.NewPCG(3, 4)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	got := map[int]Frame{}
	var r LineReader
	for _, line := range lines {
		n, err := r.Add(line)
		if err != nil {
			t.Fatal(err)
		}
		if n == nil {
			continue
		}
		if _, again := got[n.Number]; again || n.Runner != 3 {
			t.Errorf("frame %d of runner %d, again: %v", n.Number, n.Runner, again)
		}
		got[n.Number] = n.Frame
	}
	hist := cmp.Transformer("quantiles", func(h *stats.Histogram) []any { return []any{h.Count(), h.Quantile(0.1), h.Max()} })
	for i, f := range want {
		if diff := cmp.Diff(f, got[i], hist); diff != "" {
			t.Errorf("frame %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestBadLines(t *testing.T) {
	for line, want := range map[string]string{
		"weir-frame/2 1 0 1/1 AAAA":           `version "weir-frame/2"`,
		"weir-frame/1 1 0 1/1":                "3 fields",
		"weir-frame/1 0 0 1/1 AAAA":           "runner 0",
		"weir-frame/1 1 0 2/1 AAAA":           "part 2 of 1",
		"weir-frame/1 1 -1 1/1 AAAA":          `"-1" is not a number`,
		"weir-frame/1 1 0 1/999999999 AAAA":   "part 1 of 999999999",
		"weir-frame/1 1 0 1/1 not*base64":     "decode frame",
		"weir-frame/1 1 0 1/1 AAAAAAAAAAAAAA": "frame 0 of runner 1",
	} {
		var r LineReader
		if _, err := r.Add(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", line, err, want)
		}
	}
	var r LineReader
	_, _ = r.Add("weir-frame/1 1 0 1/2 AAAA")
	if _, err := r.Add("weir-frame/1 1 0 1/3 AAAA"); err == nil {
		t.Error("a frame in two and in three parts was taken")
	}
}

func FuzzLines(f *testing.F) {
	var out bytes.Buffer
	if err := NewLineWriter(&out, 1).Write(example()); err != nil {
		f.Fatal(err)
	}
	f.Add(strings.TrimSpace(out.String()))
	f.Add("weir-frame/1 1 0 1/2 AAAA")
	f.Add("weir-frame/9")
	f.Fuzz(func(t *testing.T, line string) {
		var r LineReader
		got, err := r.Add(line)
		if err != nil || got == nil {
			return
		}
		var again bytes.Buffer
		if err := NewLineWriter(&again, got.Runner).Write(got.Frame); err != nil {
			t.Fatalf("a frame that was read can't be written: %v", err)
		}
		if !strings.HasPrefix(again.String(), fmt.Sprintf("weir-frame/1 %d 0 ", got.Runner)) {
			t.Fatalf("written again as %q", again.String())
		}
	})
}
