package record

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"weir/internal/ledger"
)

// Files of a run directory that this package writes.
const (
	runFile    = "run.json"
	seriesFile = "series.ndjson"
	stepsFile  = "steps.json"
	ledgerFile = "ledger.json"
)

// Writer writes one run directory. It has one owner: it is not safe for
// concurrent use. Every error leaves the directory readable, with the last
// whole state of the file that could not be written.
type Writer struct {
	dir    string
	series *os.File
	size   int64 // of series up to the last whole batch of lines
	points pointEncoder
	lines  []byte // memory of the last ones
}

// nameTime is what a run's name begins with.
const nameTime = "20060102T150405Z"

// Create makes the directory <root>/<UTC time>-<test>-<4 hex digits> and opens
// it for writing. Letters of the test's name that do not belong in a file name
// become '-'. The directory's name is the run's ID.
func Create(root, test string, now time.Time) (*Writer, error) {
	dir, err := MakeDir(root, test, now)
	if err != nil {
		return nil, err
	}
	series, err := os.OpenFile(filepath.Join(dir, seriesFile), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("create series: %w", err)
	}
	if err := errors.Join(syncDir(dir), syncDir(root)); err != nil {
		return nil, errors.Join(fmt.Errorf("create run directory: %w", err), series.Close())
	}
	return &Writer{dir: dir, series: series}, nil
}

// MakeDir makes a directory under root, named by its time, the test and chance.
func MakeDir(root, test string, now time.Time) (string, error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return "", fmt.Errorf("create runs directory: %w", err)
	}
	var suffix [2]byte
	_, _ = rand.Read(suffix[:]) // crypto/rand never fails
	name := now.UTC().Format(nameTime) + "-" + slug(test) + "-" + hex.EncodeToString(suffix[:])
	dir := filepath.Join(root, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", fmt.Errorf("create run directory: %w", err)
	}
	return dir, nil
}

// ID is the run's identity: the directory's name.
func (w *Writer) ID() string { return filepath.Base(w.dir) }

// Dir is the run directory.
func (w *Writer) Dir() string { return w.dir }

// Path is where a file of that name stands in the run directory.
func (w *Writer) Path(name string) string { return filepath.Join(w.dir, name) }

// WriteRun replaces run.json. Format and, where it is empty, ID are filled in.
func (w *Writer) WriteRun(run Run) error {
	run.Format = Format
	if run.ID == "" {
		run.ID = w.ID()
	}
	return w.replaceJSON(runFile, run)
}

// WriteSteps replaces steps.json.
func (w *Writer) WriteSteps(steps []StepResult) error { return w.replaceJSON(stepsFile, steps) }

// WriteLedger replaces ledger.json.
func (w *Writer) WriteLedger(report ledger.Report) error { return w.replaceJSON(ledgerFile, report) }

// AppendPoints appends points to the series. A second may be appended again
// with other keys or corrected values: a reader merges them, the later value
// of a key wins. Values must be finite. Either all points are appended or none.
func (w *Writer) AppendPoints(points []Point) error {
	lines := w.lines[:0]
	for _, p := range points {
		var err error
		if lines, err = w.points.appendLine(lines, p); err != nil {
			return fmt.Errorf("encode point of second %d: %w", p.T, err)
		}
	}
	w.lines = lines
	n, err := w.series.Write(lines)
	if err != nil {
		err = fmt.Errorf("append to series: %w", err)
		if n > 0 {
			_, seekErr := w.series.Seek(w.size, io.SeekStart)
			err = errors.Join(err, w.series.Truncate(w.size), seekErr)
		}
		return err
	}
	w.size += int64(n)
	return nil
}

// Sync brings the series to stable storage. The other files are there as soon
// as they are written.
func (w *Writer) Sync() error {
	if err := w.series.Sync(); err != nil {
		return fmt.Errorf("sync series: %w", err)
	}
	return nil
}

// Close syncs and closes the series.
func (w *Writer) Close() error {
	return errors.Join(w.Sync(), w.series.Close())
}

func (w *Writer) replaceJSON(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode %s: %w", name, err)
	}
	return Replace(w.Path(name), append(data, '\n'))
}

// Replace writes a file whole: a reader, and a crash at any instant, sees
// either the file as it was or all of data. On an error the file is as it was.
func Replace(path string, data []byte) (err error) {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("write %s: %w", name, err)
		}
	}()
	f, err := os.CreateTemp(dir, "."+name+"-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncDir(dir)
}

// syncDir makes renames and new names in dir last through a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("open directory: %w", err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync directory: %w", err)
	}
	return nil
}

// slug keeps what may stand in a file name everywhere.
func slug(name string) string {
	s := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_':
			return r
		}
		return '-'
	}, name)
	s = strings.Trim(s, "-")
	if len(s) > 64 {
		s = s[:64]
	}
	if s == "" {
		return "run"
	}
	return s
}
