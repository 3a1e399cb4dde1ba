package payload

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// readRows takes the rows of a CSV file (RFC 4180), the first of which names
// the columns.
func (l *lines) readRows(data []byte) error {
	in := csv.NewReader(bytes.NewReader(data))
	var names [][]byte // as JSON
	for {
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
			return fmt.Errorf("%s:%d:%d: %w", l.path, syntax.Line, syntax.Column, syntax.Err)
		}
		if err != nil {
			return fmt.Errorf("read payload file: %w", err)
		}
		line, column := in.FieldPos(0)
		if names == nil {
			if at, err := checkNames(cells); err != nil {
				line, column = in.FieldPos(at)
				return fmt.Errorf("%s:%d:%d: %w", l.path, line, column, err)
			}
			for _, name := range cells {
				names = append(names, quoted(name))
			}
			continue
		}
		if _, err := l.add(object(names, cells), line); err != nil {
			return fmt.Errorf("%s:%d:%d: %w", l.path, line, column, err)
		}
	}
}

// checkNames returns the place of a column's name that can't be a member's.
func checkNames(names []string) (at int, err error) {
	for i, name := range names {
		switch {
		case name == "":
			return i, errors.New("the column has no name")
		case name == Member:
			return i, fmt.Errorf("the name %s is the ledger token's", Member)
		case slices.Contains(names[:i], name):
			return i, fmt.Errorf("a second column %s", name)
		}
	}
	return 0, nil
}

// object is a row as a JSON object of strings.
func object(names [][]byte, cells []string) []byte {
	text := []byte{'{'}
	for i, cell := range cells {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(append(text, names[i]...), ':')
		text = append(text, quoted(cell)...)
	}
	return append(text, '}')
}

func quoted(s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // a string has a JSON form
	}
	return text
}
