package frame

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxBytes bounds one frame. A second of the worst case, every record in a
// range of its own, is some 60 bytes a record.
const maxBytes = 256 << 20

// Write writes one frame: its length, four bytes with the most significant
// first, and its JSON. One Write call reaches w.
func Write(w io.Writer, f Frame) error {
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("encode frame: %w", err)
	}
	b := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(text)), uint32(len(text)))
	if _, err := w.Write(append(b, text...)); err != nil {
		return fmt.Errorf("write frame: %w", err)
	}
	return nil
}

// Read reads one frame. It returns io.EOF where the stream ends between
// frames, and an error that wraps io.ErrUnexpectedEOF where it ends inside one.
func Read(r io.Reader) (Frame, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		if errors.Is(err, io.EOF) {
			return Frame{}, io.EOF
		}
		return Frame{}, fmt.Errorf("read frame's length: %w", err)
	}
	n := int64(binary.BigEndian.Uint32(length[:]))
	if n > maxBytes {
		return Frame{}, fmt.Errorf("frame of %d bytes: at most %d", n, maxBytes)
	}
	// Memory grows with what arrives, not with what a broken length claims.
	text, err := io.ReadAll(io.LimitReader(r, n))
	if err != nil {
		return Frame{}, fmt.Errorf("read frame: %w", err)
	}
	if int64(len(text)) < n {
		return Frame{}, fmt.Errorf("read frame: %w", io.ErrUnexpectedEOF)
	}
	var f Frame
	if err := json.Unmarshal(text, &f); err != nil {
		return Frame{}, fmt.Errorf("decode frame: %w", err)
	}
	return f, nil
}
