package frame

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Frames also travel as lines of text, among what else a program prints, so
// that whatever keeps a container's output keeps them: a line is
//
//	weir-frame/1 RUNNER NUMBER PART/PARTS DATA
//
// RUNNER counts from 1, the NUMBER of the runner's frame from 0, PART from 1.
// The DATA of all parts, put together, is the frame as Write writes it, deflated
// and in base64. Lines may come in any order, again, or not at all.

// lineMark begins every line; its number is the version of the format.
const lineMark = "weir-frame/1 "

// lineMarkAny begins the lines of any version.
const lineMarkAny = "weir-frame/"

// lineData is how many characters of data a line holds at most: container
// runtimes split lines at 16 KiB.
const lineData = 12000

// maxParts bounds the parts of one frame that a reader keeps.
const maxParts = maxBytes / lineData

// LineWriter writes frames as lines. It has one owner.
type LineWriter struct {
	w      io.Writer
	runner int
	number int
}

// NewLineWriter writes the frames of a runner, counted from 1, to w.
func NewLineWriter(w io.Writer, runner int) *LineWriter { return &LineWriter{w: w, runner: runner} }

// Write writes one frame. One Write call reaches w.
func (l *LineWriter) Write(f Frame) error {
	var whole bytes.Buffer
	deflate, err := flate.NewWriter(&whole, flate.BestSpeed)
	if err != nil {
		return fmt.Errorf("deflate frame: %w", err)
	}
	if err := Write(deflate, f); err != nil {
		return err
	}
	if err := deflate.Close(); err != nil {
		return fmt.Errorf("deflate frame: %w", err)
	}
	text := base64.RawStdEncoding.EncodeToString(whole.Bytes())
	parts := (len(text) + lineData - 1) / lineData
	var lines bytes.Buffer
	for i := range parts {
		fmt.Fprintf(&lines, "%s%d %d %d/%d %s\n", lineMark, l.runner, l.number, i+1, parts, text[i*lineData:min((i+1)*lineData, len(text))])
	}
	l.number++
	if _, err := l.w.Write(lines.Bytes()); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// Numbered is a frame with its place among those of its runner.
type Numbered struct {
	Runner int // from 1
	Number int // from 0
	Frame  Frame
}

// LineReader puts lines together to frames. The zero value is ready to use; it
// has one owner. It keeps the parts of frames that have not come whole.
type LineReader struct {
	parts map[frameID][]string
	seen  map[frameID]bool
}

type frameID struct{ runner, number int }

// Add takes one line, without its end. It returns a frame when the line made
// one whole for the first time, and an error where a line of frames can't be
// read. Other lines are passed over.
func (l *LineReader) Add(line string) (*Numbered, error) {
	if !strings.HasPrefix(line, lineMarkAny) {
		return nil, nil
	}
	id, part, parts, data, err := parseLine(line)
	if err != nil {
		return nil, fmt.Errorf("read line of frames: %w", err)
	}
	if l.seen[id] {
		return nil, nil
	}
	if l.parts == nil {
		l.parts, l.seen = map[frameID][]string{}, map[frameID]bool{}
	}
	had := l.parts[id]
	if had == nil {
		had = make([]string, parts)
		l.parts[id] = had
	}
	if len(had) != parts {
		return nil, fmt.Errorf("read line of frames: frame %d of runner %d in %d parts, and in %d", id.number, id.runner, len(had), parts)
	}
	had[part-1] = data
	if slices.Contains(had, "") {
		return nil, nil
	}
	delete(l.parts, id)
	l.seen[id] = true
	f, err := inflate(strings.Join(had, ""))
	if err != nil {
		return nil, fmt.Errorf("frame %d of runner %d: %w", id.number, id.runner, err)
	}
	return &Numbered{Runner: id.runner, Number: id.number, Frame: f}, nil
}

func parseLine(line string) (id frameID, part, parts int, data string, err error) {
	rest, ours := strings.CutPrefix(line, lineMark)
	if !ours {
		version, _, _ := strings.Cut(line, " ")
		return id, 0, 0, "", fmt.Errorf("it is of version %q, this weir reads %q: use the same weir everywhere", version, strings.TrimSpace(lineMark))
	}
	fields := strings.Fields(rest)
	if len(fields) != 4 {
		return id, 0, 0, "", fmt.Errorf("%d fields in place of four", len(fields))
	}
	of, total, _ := strings.Cut(fields[2], "/")
	for i, text := range []string{fields[0], fields[1], of, total} {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return id, 0, 0, "", fmt.Errorf("%q is not a number", text)
		}
		*[]*int{&id.runner, &id.number, &part, &parts}[i] = n
	}
	if id.runner < 1 || part < 1 || part > parts || parts > maxParts {
		return id, 0, 0, "", fmt.Errorf("runner %d, part %d of %d", id.runner, part, parts)
	}
	return id, part, parts, fields[3], nil
}

func inflate(text string) (Frame, error) {
	packed, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return Frame{}, fmt.Errorf("decode frame: %w", err)
	}
	f, err := Read(flate.NewReader(bytes.NewReader(packed)))
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return f, err
}
