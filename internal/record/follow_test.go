package record

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"weir/internal/ledger"
)

// A run read piece by piece is the run read whole, at every moment.
func TestFollowerReadsWhatReadReads(t *testing.T) {
	w, err := Create(t.TempDir(), "follow", time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	f := Follow(w.Dir(), nil)
	point := func(second int64, name string, v float64) Point {
		return Point{T: second, V: map[string]float64{name: v}}
	}
	for _, step := range []struct {
		name  string
		write func() error
		fresh []Point
	}{
		{"begun", func() error { return w.WriteRun(Run{Status: Running}) }, nil},
		{"first seconds", func() error {
			return w.AppendPoints([]Point{point(10, "offered", 1), point(11, "offered", 2)})
		}, []Point{point(10, "offered", 1), point(11, "offered", 2)}},
		{"nothing new", func() error { return nil }, nil},
		{"account", func() error {
			return w.WriteLedger(ledger.Report{Account: ledger.Account{Offered: 3, Rejected: map[string]int64{"x": 1}}})
		}, nil},
		// CloudWatch's value of a past second, and a second that came late.
		{"late points", func() error {
			return w.AppendPoints([]Point{point(9, "offered", 7), point(10, "age", 5), point(11, "offered", 4)})
		}, []Point{point(9, "offered", 7), point(10, "age", 5), point(11, "offered", 4)}},
		{"settled", func() error {
			return w.WriteLedger(ledger.Report{Account: ledger.Account{Offered: 3}, Closed: true})
		}, nil},
		{"steps", func() error { return w.WriteSteps([]StepResult{{Index: 0}}) }, nil},
	} {
		before := f.Offset()
		if err := step.write(); err != nil {
			t.Fatal(err)
		}
		changed, err := f.Next()
		if err != nil || changed != (step.name != "nothing new") {
			t.Fatalf("%s: changed %t, %v", step.name, changed, err)
		}
		fresh, err := PointsBetween(w.Dir(), before, f.Offset())
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.fresh, fresh); diff != "" {
			t.Errorf("%s: fresh points: %s", step.name, diff)
		}
		whole, err := Read(w.Dir())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole, f.Data(), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", step.name, diff)
		}
	}
	if changed, err := f.Next(); changed || err != nil {
		t.Errorf("nothing was written, and Next says changed %t, %v", changed, err)
	}
}

// The writer is in the middle of a line.
func TestFollowerLeavesATornLine(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(runFile, `{"format":1}`)
	const first, second = `{"t":10,"v":{"offered":1}}` + "\n", `{"t":11,"v":{"offered":2}}` + "\n"
	write(seriesFile, first+second[:9])
	f := Follow(dir, nil)
	if _, err := f.Next(); err != nil || len(f.Data().Series) != 1 || f.Offset() != int64(len(first)) {
		t.Fatalf("%v, %d points up to byte %d; want the first line, %d bytes", err, len(f.Data().Series), f.Offset(), len(first))
	}
	write(seriesFile, first+second)
	if _, err := f.Next(); err != nil || len(f.Data().Series) != 2 || f.Data().Series[1].T != 11 {
		t.Fatalf("%v, %v; want the point of second 11 as well", err, f.Data().Series)
	}
}

func TestFollowerOfNoRun(t *testing.T) {
	if _, err := Follow(t.TempDir(), nil).Next(); err == nil {
		t.Error("a folder without run.json is no run, and no error was given")
	}
}

// Data has the series that are to be kept, Series all, in the order of time.
func TestFollowerKeeps(t *testing.T) {
	w, err := Create(t.TempDir(), "follow", time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	point := func(second int64, v map[string]float64) Point { return Point{T: second, V: v} }
	if err := w.WriteRun(Run{Status: Running}); err != nil {
		t.Fatal(err)
	}
	if err := w.AppendPoints([]Point{
		point(10, map[string]float64{"age": 1}),
		point(12, map[string]float64{"age": 3, "heap": 7}),
		point(11, map[string]float64{"heap": 6}), // came late
		point(12, map[string]float64{"age": 4}),  // the later value wins
		{T: 13, V: map[string]float64{"age": 5}, N: map[string]string{"hot_key": "k"}},
	}); err != nil {
		t.Fatal(err)
	}
	f := Follow(w.Dir(), func(name string) bool { return name == "age" })
	if _, err := f.Next(); err != nil {
		t.Fatal(err)
	}
	want := []Point{point(10, map[string]float64{"age": 1}), point(11, map[string]float64{}), point(12, map[string]float64{"age": 4}), point(13, map[string]float64{"age": 5})}
	if diff := cmp.Diff(want, f.Data().Series); diff != "" {
		t.Errorf("kept: %s", diff)
	}
	none := math.NaN()
	all := map[string][]float64{"age": {1, none, 4, 5}, "heap": {none, 6, 7}}
	if diff := cmp.Diff(all, maps.Collect(f.Series()), cmpopts.EquateNaNs()); diff != "" {
		t.Errorf("all: %s", diff)
	}
}
