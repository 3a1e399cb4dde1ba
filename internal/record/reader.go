package record

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

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
	if err := readSeries(filepath.Join(dir, seriesFile), d); err != nil {
		return nil, fmt.Errorf("read run %s: %w", dir, err)
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
	return latest(root, isRun)
}

func isRun(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, runFile))
	return err == nil
}

// LatestLive is the newest under root of a run that was not simulated.
func LatestLive(root string) (string, error) {
	dir, err := latest(root, func(dir string) bool {
		run, err := ReadRun(dir)
		return err == nil && run.Pipeline.Kind != Simulated
	})
	if err != nil {
		return "", fmt.Errorf("look for the latest live run: %w", err)
	}
	return dir, nil
}

// latest is the newest directory under root that is what is wanted.
func latest(root string, wanted func(dir string) bool) (string, error) {
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("list runs: %w", err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return byStart(root, a.Name(), b.Name()) })
	for _, e := range slices.Backward(entries) {
		if dir := filepath.Join(root, e.Name()); wanted(dir) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("no run in %s", root)
}

// byStart orders runs by the time with which their names begin. A second holds
// many simulations; of those the one is older whose series was ended first.
func byStart(root, a, b string) int {
	const n = len(nameTime)
	if len(a) < n || len(b) < n || a[:n] != b[:n] {
		return cmp.Compare(a, b)
	}
	return cmp.Or(ended(root, a).Compare(ended(root, b)), cmp.Compare(a, b))
}

// ended is when the series of a run was last written to, zero if it has none.
func ended(root, name string) time.Time {
	info, err := os.Stat(filepath.Join(root, name, seriesFile))
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// previous is the newest run under root but one.
func previous(root string) (string, error) {
	newest, err := Latest(root)
	if err != nil {
		return "", err
	}
	dir, err := latest(root, func(dir string) bool { return dir != newest && isRun(dir) })
	if err != nil {
		return "", fmt.Errorf("no run before the latest in %s", root)
	}
	return dir, nil
}

// Resolve is the run directory that name means: "latest" (the newest under
// root), "previous" (the one before), a path, or the name of a run under root.
func Resolve(root, name string) (string, error) {
	switch name {
	case "latest":
		return Latest(root)
	case "previous":
		return previous(root)
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

// readSeries reads the series, if there are any.
func readSeries(path string, d *Data) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the series: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	if d.Series, err = parseSeries(file); err != nil {
		return fmt.Errorf("series %s: %w", path, err)
	}
	return nil
}

// parseSeries merges the lines' points by second. Only the last line may be
// torn: the others were whole when the next was appended.
func parseSeries(data io.Reader) ([]Point, error) {
	points := []Point{}
	lines := bufio.NewScanner(data)
	lines.Buffer(make([]byte, 0, 1<<16), math.MaxInt)
	var d pointDecoder
	for n := 1; lines.Scan(); n++ {
		p, err := d.decode(lines.Bytes())
		if err != nil {
			if !lines.Scan() {
				break
			}
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		points = merge(points, p)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return points, nil
}

// merge puts a point into a series, which is in the order of time: into the
// point of its second where there is one; the later value of a key wins.
func merge(series []Point, p Point) []Point {
	i, found := len(series), false
	if i > 0 && series[i-1].T >= p.T {
		i, found = slices.BinarySearchFunc(series, p.T, func(q Point, t int64) int { return cmp.Compare(q.T, t) })
	}
	if !found {
		if p.V == nil {
			p.V = map[string]float64{}
		}
		return slices.Insert(series, i, p)
	}
	maps.Copy(series[i].V, p.V)
	if p.N != nil {
		series[i].N = p.N
	}
	return series
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
