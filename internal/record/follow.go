package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"weir/internal/ledger"
)

// Follower reads a run directory as it grows, whoever writes it. It has one
// owner: it is not safe for concurrent use.
type Follower struct {
	data   Data
	offset int64            // of series up to the last whole line read
	seen   map[string]stamp // the files that are replaced whole, as last read
}

// stamp tells one state of a file from the next.
type stamp struct {
	modified time.Time
	size     int64
}

// Follow begins to follow the run in dir. Nothing is read before Next.
func Follow(dir string) *Follower {
	f := &Follower{data: Data{Dir: dir}, seen: map[string]stamp{}}
	fillRejected(&f.data.Ledger)
	return f
}

// Data is the run as read so far. It is the Follower's: the next Next changes
// it.
func (f *Follower) Data() *Data { return &f.data }

// Offset is how far the series has been read, in bytes.
func (f *Follower) Offset() int64 { return f.offset }

// Next reads what was written since the last call. It returns the points of
// the series' new lines, one a line, and whether anything changed. A line that
// is not whole yet is left for the next call.
func (f *Follower) Next() (fresh []Point, changed bool, err error) {
	for _, file := range []struct {
		name string
		read func() error
	}{
		{runFile, f.readRun},
		{stepsFile, f.readSteps},
		{ledgerFile, f.readLedger},
	} {
		read, err := f.readChanged(file.name, file.read)
		if err != nil {
			return nil, false, err
		}
		changed = changed || read
	}
	fresh, err = f.readSeries()
	return fresh, changed || len(fresh) > 0, err
}

// readChanged reads a file where it is another than the one last read. Only
// run.json has to be there.
func (f *Follower) readChanged(name string, read func() error) (bool, error) {
	info, err := os.Stat(filepath.Join(f.data.Dir, name))
	if errors.Is(err, fs.ErrNotExist) && name != runFile {
		return false, nil
	}
	var now stamp
	if err == nil {
		now = stamp{info.ModTime(), info.Size()}
	}
	if f.seen[name] == now && err == nil {
		return false, nil
	}
	if err := read(); err != nil {
		return false, err
	}
	f.seen[name] = now
	return true, nil
}

func (f *Follower) readRun() error {
	run, err := ReadRun(f.data.Dir)
	if err == nil {
		f.data.Run = run
	}
	return err
}

func (f *Follower) readSteps() error {
	var steps []StepResult
	err := readOptional(f.data.Dir, stepsFile, &steps)
	f.data.Steps = steps
	return err
}

func (f *Follower) readLedger() error {
	var report ledger.Report
	err := readOptional(f.data.Dir, ledgerFile, &report)
	fillRejected(&report)
	f.data.Ledger = report
	return err
}

// readSeries reads the whole lines after offset.
func (f *Follower) readSeries() ([]Point, error) {
	path := filepath.Join(f.data.Dir, seriesFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("follow the series: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	if _, err := file.Seek(f.offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("follow the series: %w", err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fmt.Errorf("follow the series: %w", err)
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	var fresh []Point
	for line := range bytes.Lines(text) {
		var p Point
		if err := json.Unmarshal(line, &p); err != nil {
			return nil, fmt.Errorf("read %s at byte %d: %w", path, f.offset, err)
		}
		fresh = append(fresh, p)
		f.offset += int64(len(line))
		f.data.Series = merge(f.data.Series, p)
	}
	return fresh, nil
}

// merge puts a point into a series that is in the order of time: into the point
// of its second where there is one, the later value of a key wins.
func merge(series []Point, p Point) []Point {
	i, found := slices.BinarySearchFunc(series, p.T, func(q Point, t int64) int { return int(q.T - t) })
	if !found {
		series = slices.Insert(series, i, Point{T: p.T, V: map[string]float64{}})
	}
	maps.Copy(series[i].V, p.V)
	if p.N != nil {
		series[i].N = p.N
	}
	return series
}
