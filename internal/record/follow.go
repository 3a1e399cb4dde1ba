package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"math"
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
	points pointDecoder
	keep   func(name string) bool
	series map[string]*column
	kept   int // of series, those that keep names
}

// column is a series, by the index of its seconds in Data's.
type column struct {
	name   string    // kept once: a day's lines hold millions of them
	kept   bool      // in Data
	values []float64 // NaN where there is none; it may end early
}

// stamp tells one state of a file from the next.
type stamp struct {
	modified time.Time
	size     int64
}

// Follow begins to follow the run in dir. Nothing is read before Next. Of the
// series, Data holds those that keep names, nil all of them: in its points a
// value takes some five times the memory that it takes in Series.
func Follow(dir string, keep func(name string) bool) *Follower {
	f := &Follower{data: Data{Dir: dir}, seen: map[string]stamp{}, keep: keep, series: map[string]*column{}}
	fillRejected(&f.data.Ledger)
	return f
}

// Data is the run as read so far. It is the Follower's: the next Next changes
// it.
func (f *Follower) Data() *Data { return &f.data }

// Series is every series as read so far: a value for each point of Data, NaN
// where there is none. One may end before the points do. It is the Follower's,
// as Data is.
func (f *Follower) Series() iter.Seq2[string, []float64] {
	return func(yield func(string, []float64) bool) {
		for name, c := range f.series {
			if !yield(name, c.values) {
				return
			}
		}
	}
}

// Offset is how far the series has been read, in bytes.
func (f *Follower) Offset() int64 { return f.offset }

// Next reads what was written since the last call, and reports whether anything
// was. A line that is not whole yet is left for the next call.
func (f *Follower) Next() (changed bool, err error) {
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
			return false, err
		}
		changed = changed || read
	}
	before := f.offset
	f.offset, err = readLines(f.data.Dir, f.offset, math.MaxInt64, &f.points, f.merge)
	return changed || f.offset > before, err
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

// PointsBetween reads the lines of a run's series between two offsets that a
// Follower gave, a point for each.
func PointsBetween(dir string, from, to int64) ([]Point, error) {
	var points []Point
	_, err := readLines(dir, from, to, new(pointDecoder), func(p Point) { points = append(points, p) })
	return points, err
}

// readLines takes the point of each whole line from an offset on, up to another,
// and returns how far it came. A run without a series yet has no lines.
func readLines(dir string, from, to int64, d *pointDecoder, take func(Point)) (int64, error) {
	path := filepath.Join(dir, seriesFile)
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return from, nil
	}
	if err != nil {
		return from, fmt.Errorf("follow the series: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	lines := bufio.NewReader(io.NewSectionReader(file, from, to-from))
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return from, nil // what is left is no whole line
		}
		if err != nil {
			return from, fmt.Errorf("follow the series: %w", err)
		}
		p, err := d.decode(line)
		if err != nil {
			return from, fmt.Errorf("read %s at byte %d: %w", path, from, err)
		}
		take(p)
		from += int64(len(line))
	}
}

// merge puts a point into the series, which is in the order of time: into the
// point of its second where there is one; the later value of a key wins.
func (f *Follower) merge(p Point) {
	points := f.data.Series
	i, found := slices.BinarySearchFunc(points, p.T, func(q Point, t int64) int { return int(q.T - t) })
	if !found {
		points = slices.Insert(points, i, Point{T: p.T, V: make(map[string]float64, f.kept)})
		for _, c := range f.series {
			if i < len(c.values) {
				c.values = slices.Insert(c.values, i, math.NaN())
			}
		}
	}
	for name, v := range p.V {
		c := f.column(name)
		for len(c.values) <= i {
			c.values = append(c.values, math.NaN())
		}
		c.values[i] = v
		if c.kept {
			points[i].V[c.name] = v
		}
	}
	maps.DeleteFunc(p.N, func(name, _ string) bool { return f.keep != nil && !f.keep(name) })
	if len(p.N) > 0 {
		points[i].N = p.N
	}
	f.data.Series = points
}

// column is the series of a name, which is made where it is new.
func (f *Follower) column(name string) *column {
	c := f.series[name]
	if c == nil {
		c = &column{name: name, kept: f.keep == nil || f.keep(name)}
		f.series[name] = c
		if c.kept {
			f.kept++
		}
	}
	return c
}
