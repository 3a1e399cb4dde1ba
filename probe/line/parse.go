package line

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// maxSequenceDigits is the length of the longest stream sequence number
// (docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html, read
// 2026-11-22). It keeps a table of lanes from claiming a long prefix many times.
const maxSequenceDigits = 129

// Is reports whether b looks like a ledger line: cheap, and no promise that
// Parse succeeds.
func Is(b []byte) bool { return bytes.Contains(b, []byte(Marker)) }

// Parse reads the line that b is, with or without a newline; it uses only the
// member "weir" and the two dimensions. An error names the member that is
// wrong; a line whose account does not close is wrong. Memory is proportional
// to len(b). Times come back to the microsecond, in UTC.
func Parse(b []byte) (*Line, error) {
	var doc document
	if err := json.Unmarshal(b, &doc); err != nil {
		return nil, fmt.Errorf("parse ledger line: %w", err)
	}
	l, err := doc.line()
	if err != nil {
		return nil, fmt.Errorf("parse ledger line: member weir.%w", err)
	}
	return l, nil
}

func (doc *document) line() (*Line, error) {
	a := &doc.Weir
	if a.V != Marker {
		return nil, fmt.Errorf("v: %q is not %q", a.V, Marker)
	}
	l := &Line{
		RequestID: a.Request, Function: doc.Function, Stream: doc.Stream, Shard: a.Shard,
		Start: time.UnixMicro(a.Start).UTC(), End: time.UnixMicro(a.End).UTC(),
		OK: a.OK, Error: a.Error,
		Records: a.Records, Bytes: a.Bytes, First: a.First, Last: a.Last,
		Inversions: a.Inversions, InversionsBefore: a.InversionsBefore,
	}
	var err error
	if l.Groups, err = decodeGroups(a.Groups); err != nil {
		return nil, err
	}
	if l.Foreign, err = decodeIDs(a.Foreign); err != nil {
		return nil, fmt.Errorf("foreign: %w", err)
	}
	if l.ForeignAge, err = decodeHist(a.ForeignAge); err != nil {
		return nil, fmt.Errorf("foreign_age: %w", err)
	}
	if l.Lanes, err = a.Lanes.decode(); err != nil {
		return nil, fmt.Errorf("lanes: %w", err)
	}
	return l, l.check()
}

// check reports counts that can't be.
func (l *Line) check() error {
	for _, count := range []struct {
		member string
		n      int64
	}{
		{"records", int64(l.Records)},
		{"bytes", l.Bytes},
		{"inversions", int64(l.Inversions)},
		{"inversions_before", int64(l.InversionsBefore)},
	} {
		if count.n < 0 {
			return fmt.Errorf("%s: %d is negative", count.member, count.n)
		}
	}
	// Differences, as sums of hostile counts could wrap around.
	left := uint64(l.Records)
	for i, g := range l.Groups {
		n := g.Seqs.Len()
		if g.Duplicates < 0 || n > left || uint64(g.Duplicates) > left-n {
			return fmt.Errorf("groups[%d]: %d sequences and %d duplicates of %d records", i, n, g.Duplicates, l.Records)
		}
		left -= n + uint64(g.Duplicates)
	}
	if left != uint64(len(l.Foreign)) {
		return fmt.Errorf("records: %d, but %d of them have no token and %d are named in foreign",
			l.Records, left, len(l.Foreign))
	}
	return nil
}

func decodeGroups(texts []groupText) ([]Group, error) {
	var groups []Group
	for i := range texts {
		g, err := texts[i].decode()
		if err != nil {
			return nil, fmt.Errorf("groups[%d].%w", i, err)
		}
		groups = append(groups, g)
	}
	return groups, nil
}

func (t *groupText) decode() (Group, error) {
	g := Group{Run: t.Run, Step: t.Step, Producer: t.Producer, Duplicates: t.Duplicates}
	var err error
	if g.Seqs, err = decodeSet(t.Seqs); err != nil {
		return g, fmt.Errorf("seqs: %w", err)
	}
	if g.FromDue, err = decodeHist(t.Due); err != nil {
		return g, fmt.Errorf("due: %w", err)
	}
	if g.FromSent, err = decodeHist(t.Sent); err != nil {
		return g, fmt.Errorf("sent: %w", err)
	}
	if g.FromArrive, err = decodeHist(t.Arrive); err != nil {
		return g, fmt.Errorf("arrive: %w", err)
	}
	return g, nil
}

func decodeIDs(text string) ([]uint64, error) {
	packed, err := codes.DecodeString(text)
	if err != nil {
		return nil, err
	}
	if len(packed)%8 != 0 {
		return nil, fmt.Errorf("%d bytes are not eight each", len(packed))
	}
	var ids []uint64
	for len(packed) > 0 {
		ids = append(ids, binary.BigEndian.Uint64(packed))
		packed = packed[8:]
	}
	return ids, nil
}

// decode is the table's rows; a nil table has none.
func (t *laneTable) decode() ([]Lane, error) {
	if t == nil {
		return nil, nil
	}
	n := len(t.Lane)
	if len(t.Run) != n || len(t.Producer) != n || len(t.First) != n || len(t.Last) != n {
		return nil, errors.New("columns of different length")
	}
	if len(t.Prefix) > maxSequenceDigits {
		return nil, fmt.Errorf("a prefix of %d bytes", len(t.Prefix))
	}
	var lanes []Lane
	for i := range n {
		first := t.Prefix + t.First[i]
		last := first
		if t.Last[i] != "" {
			last = t.Prefix + t.Last[i]
		}
		lanes = append(lanes, Lane{Run: t.Run[i], Producer: t.Producer[i], Lane: t.Lane[i], First: first, Last: last})
	}
	return lanes, nil
}
