package campaign

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"
)

// Entry is a line of a campaign's journal: a unit was begun, or ended.
type Entry struct {
	At   time.Time `json:"at"`
	Unit string    `json:"unit"`
	// Ended is false where the unit began.
	Ended bool `json:"ended"`
	// Run is the directory of the unit's run, below the campaign's.
	Run string `json:"run,omitzero"`
	// Verdict is the run's: pass, fail or unknown; empty where it gave none.
	Verdict string `json:"verdict,omitzero"`
	// Failure is why the unit could not be carried out; it is tried again when
	// the campaign goes on.
	Failure string `json:"failure,omitzero"`
}

// Progress is what a journal says.
type Progress struct {
	Done    map[string]Entry // by unit: its last end without a failure
	Failed  map[string]Entry // by unit: the failure of its last attempt
	Begun   map[string]int   // attempts by unit
	Started time.Time        // of the campaign; zero: never
	Last    time.Time        // of the last entry
}

// Left are the units that are not done, in their order.
func (p Progress) Left(units []Unit) []Unit {
	var left []Unit
	for _, u := range units {
		if _, done := p.Done[u.ID]; !done {
			left = append(left, u)
		}
	}
	return left
}

// Fold tells the progress from a journal's entries.
func Fold(entries []Entry) Progress {
	p := Progress{Done: map[string]Entry{}, Failed: map[string]Entry{}, Begun: map[string]int{}}
	for _, e := range entries {
		if p.Started.IsZero() {
			p.Started = e.At
		}
		p.Last = e.At
		switch {
		case !e.Ended:
			p.Begun[e.Unit]++
		case e.Failure != "":
			p.Failed[e.Unit] = e
		default:
			p.Done[e.Unit] = e
			delete(p.Failed, e.Unit)
		}
	}
	return p
}

// Journal is a campaign's append-only record of what was begun and ended. Each
// entry is on disk when Append returns.
type Journal struct{ file *os.File }

// OpenJournal opens the journal at path, making it where there is none, and
// returns the entries it holds. A last line that a kill or a power cut left
// half written is removed.
func OpenJournal(path string) (*Journal, []Entry, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("open the campaign's journal: %w", err)
	}
	entries, whole, err := readEntries(file)
	if err == nil {
		err = file.Truncate(whole)
	}
	if err == nil {
		_, err = file.Seek(whole, io.SeekStart)
	}
	if err != nil {
		file.Close() //nolint:errcheck // nothing was written
		return nil, nil, fmt.Errorf("read the campaign's journal %s: %w", path, err)
	}
	return &Journal{file}, entries, nil
}

// ReadJournal reads the entries at path; a journal that isn't there has none.
func ReadJournal(path string) ([]Entry, error) {
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the campaign's journal: %w", err)
	}
	entries, _, err := readEntries(bytes.NewReader(text))
	return entries, err
}

// readEntries reads whole lines and returns how many bytes they take.
func readEntries(r io.Reader) (entries []Entry, whole int64, err error) {
	lines := bufio.NewReader(r)
	for number := 1; ; number++ {
		text, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return entries, whole, nil // what is left is no whole line
		}
		if err != nil {
			return nil, 0, err
		}
		var e Entry
		if err := json.Unmarshal(text, &e); err != nil {
			return nil, 0, fmt.Errorf("line %d: %w", number, err)
		}
		entries, whole = append(entries, e), whole+int64(len(text))
	}
}

// Append writes an entry and waits until it is on disk.
func (j *Journal) Append(e Entry) error {
	text, err := json.Marshal(e)
	if err == nil {
		_, err = j.file.Write(append(text, '\n'))
	}
	if err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		return fmt.Errorf("write the campaign's journal: %w", err)
	}
	return nil
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }
