package campaign

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func at(second int64) time.Time { return time.Unix(1_800_000_000+second, 0).UTC() }

func TestJournalOutlivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	j, entries, err := OpenJournal(path)
	if err != nil || len(entries) != 0 {
		t.Fatalf("%v, %v", entries, err)
	}
	want := []Entry{
		{At: at(0), Unit: "a"},
		{At: at(10), Unit: "a", Ended: true, Run: "runs/1", Verdict: "pass"},
		{At: at(11), Unit: "b"},
	}
	for _, e := range want {
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	half, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := half.WriteString(`{"at":"2027-01-15T08:00:2`); err != nil {
		t.Fatal(err)
	}
	if err := half.Close(); err != nil {
		t.Fatal(err)
	}

	read, err := ReadJournal(path)
	if d := cmp.Diff(want, read); d != "" || err != nil {
		t.Errorf("read: %v\n%s", err, d)
	}
	j, entries, err = OpenJournal(path)
	if d := cmp.Diff(want, entries); d != "" || err != nil {
		t.Fatalf("opened: %v\n%s", err, d)
	}
	more := Entry{At: at(20), Unit: "b", Ended: true, Run: "runs/2", Verdict: "fail"}
	if err := j.Append(more); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	read, err = ReadJournal(path)
	if d := cmp.Diff(append(want, more), read); d != "" || err != nil {
		t.Errorf("after the half line: %v\n%s", err, d)
	}
}

func TestJournalRefusesWhatItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal.ndjson")
	if err := os.WriteFile(path, []byte("{\"unit\":\"a\"}\nnonsense\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := OpenJournal(path); err == nil {
		t.Error("no error for a line that is no entry")
	}
}

func TestFold(t *testing.T) {
	entries := []Entry{
		{At: at(0), Unit: "a"},
		{At: at(5), Unit: "a", Ended: true, Failure: "no address"},
		{At: at(6), Unit: "a"},
		{At: at(9), Unit: "a", Ended: true, Verdict: "pass"},
		{At: at(9), Unit: "b"}, // killed in it
		{At: at(30), Unit: "b"},
		{At: at(33), Unit: "b", Ended: true, Failure: "no address"},
	}
	p := Fold(entries)
	if p.Started != at(0) || p.Last != at(33) || p.Begun["b"] != 2 || p.Done["a"] != entries[3] || p.Failed["b"] != entries[6] || len(p.Failed) != 1 {
		t.Errorf("%+v", p)
	}
	left := p.Left([]Unit{{ID: "a"}, {ID: "b"}, {ID: "c"}})
	if len(left) != 2 || left[0].ID != "b" || left[1].ID != "c" {
		t.Errorf("left %+v", left)
	}
}
