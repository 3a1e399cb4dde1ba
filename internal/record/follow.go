package record

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
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
	f.offset, err = readLines(f.data.Dir, f.offset, math.MaxInt64, &f.points, func(p Point) { f.data.Series = merge(f.data.Series, p) })
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
