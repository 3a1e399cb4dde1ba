package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"weir/internal/ledger"
)

// Read reads a run directory. Steps and ledger may be missing and the last
// line of the series torn: so a run cut short leaves them. Rejected of the
// ledger's accounts is never nil.
func Read(dir string) (*Data, error) {
	d := &Data{Dir: dir}
	if err := readRun(dir, &d.Run); err != nil {
		return nil, err
	}
	series, err := os.ReadFile(filepath.Join(dir, seriesFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read run %s: %w", dir, err)
	}
	if d.Series, err = parseSeries(series); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, seriesFile), err)
	}
	if err := readOptional(dir, stepsFile, &d.Steps); err != nil {
		return nil, err
	}
	if err := readOptional(dir, ledgerFile, &d.Ledger); err != nil {
		return nil, err
	}
	fillRejected(&d.Ledger)
	return d, nil
}

// CutShort reports whether the run neither ended nor is still under way: its
// status is Running and alive denies its process. Whatever it left can be read
// and judged.
func (d *Data) CutShort(alive func(pid int) bool) bool {
	return d.Run.Status == Running && !alive(d.Run.PID)
}

// Step is the result of the step with that index, nil where there is none.
func (d *Data) Step(index int) *StepResult {
	i := slices.IndexFunc(d.Steps, func(s StepResult) bool { return s.Index == index })
	if i < 0 {
		return nil
	}
	return &d.Steps[i]
}

// StepLedger is the account of the step with that index, nil where there is
// none.
func (d *Data) StepLedger(index int) *ledger.Account {
	i := slices.IndexFunc(d.Ledger.Steps, func(s ledger.StepAccount) bool { return s.Step == index })
	if i < 0 {
		return nil
	}
	return &d.Ledger.Steps[i].Account
}

// Latest is the newest run directory under root.
func Latest(root string) (string, error) {
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("list runs: %w", err)
	}
	// Names begin with the time of their start, so the last one is the newest.
	for _, e := range slices.Backward(entries) {
		dir := filepath.Join(root, e.Name())
		if _, err := os.Stat(filepath.Join(dir, runFile)); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no run in %s", root)
}

// Resolve is the run directory that name means: "latest" (the newest under
// root), a path, or the name of a run under root.
func Resolve(root, name string) (string, error) {
	if name == "latest" {
		return Latest(root)
	}
	for _, dir := range []string{name, filepath.Join(root, name)} {
		if _, err := os.Stat(dir); err == nil {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no run %q: it is neither a path nor a run in %s", name, root)
}

// ReadRun reads run.json alone.
func ReadRun(dir string) (Run, error) {
	var run Run
	err := readRun(dir, &run)
	return run, err
}

func readRun(dir string, run *Run) error {
	path := filepath.Join(dir, runFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(dir); err != nil {
			return fmt.Errorf("open run: %w", err)
		}
		return fmt.Errorf("%s is not a run directory: it has no %s", dir, runFile)
	}
	if err != nil {
		return fmt.Errorf("open run: %w", err)
	}
	var version struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	switch {
	case version.Format > Format:
		return fmt.Errorf("%s was written by a newer weir (format %d, this one reads up to %d)", dir, version.Format, Format)
	case version.Format < 1:
		return fmt.Errorf("%s is not a run directory: its %s has no format", dir, runFile)
	}
	if err := json.Unmarshal(data, run); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

func readOptional(dir, name string, into any) error {
	path := filepath.Join(dir, name)
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read run: %w", err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// parseSeries merges the lines' points by second. Only the last line may be
// torn: the others were whole when the next was appended.
func parseSeries(data []byte) ([]Point, error) {
	merged := map[int64]map[string]float64{}
	names := map[int64]map[string]string{}
	for n := 1; len(data) > 0; n++ {
		text, rest, _ := bytes.Cut(data, []byte("\n"))
		var p Point
		if err := json.Unmarshal(text, &p); err != nil {
			if len(rest) == 0 {
				break
			}
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		if merged[p.T] == nil {
			merged[p.T] = map[string]float64{}
		}
		maps.Copy(merged[p.T], p.V)
		if p.N != nil {
			names[p.T] = p.N
		}
		data = rest
	}
	points := make([]Point, 0, len(merged))
	for _, t := range slices.Sorted(maps.Keys(merged)) {
		points = append(points, Point{T: t, V: merged[t], N: names[t]})
	}
	return points, nil
}

func fillRejected(r *ledger.Report) {
	if r.Rejected == nil {
		r.Rejected = map[string]int64{}
	}
	for i := range r.Steps {
		if r.Steps[i].Rejected == nil {
			r.Steps[i].Rejected = map[string]int64{}
		}
	}
}
