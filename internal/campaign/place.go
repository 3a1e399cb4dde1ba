package campaign

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// fault is something wrong at a path of the file, such as $.weeks[0].tests[2].
type fault struct{ path, text string }

func (f *fault) Error() string { return f.text }

// located adds the file's name, line and column to a fault.
func located(name string, text []byte, f *fault) error {
	path, err := yaml.PathString(f.path)
	if err != nil {
		return fmt.Errorf("read the plan: %s: %s: %w", name, f.path, f)
	}
	node, err := path.ReadNode(bytes.NewReader(text))
	if err != nil {
		return fmt.Errorf("read the plan: %s: %s: %w", name, f.path, f)
	}
	return fmt.Errorf("read the plan: %s %w", place(name, node.GetToken()), f)
}

// place is name:line:column:, as editors and terminals jump to.
func place(name string, at *token.Token) string {
	return fmt.Sprintf("%s:%d:%d:", name, at.Position.Line, at.Position.Column)
}

// unreadable is an error of the decoder in a plan author's words, with the
// place and what stands there.
func unreadable(name string, err error) error {
	wrong, ok := errors.AsType[yaml.Error](err)
	switch {
	case errors.Is(err, io.EOF):
		return fmt.Errorf("read the plan: %s is empty", name)
	case !ok || wrong.GetToken() == nil:
		return fmt.Errorf("read the plan: %s: %w", name, err)
	}
	message := wrong.GetMessage()
	if mismatch, ok := errors.AsType[*yaml.TypeError](err); ok {
		message = fmt.Sprintf("%s is needed here, not %s", kindName(mismatch.DstType), kindName(mismatch.SrcType))
	}
	if mismatch, ok := errors.AsType[*yaml.UnexpectedNodeTypeError](err); ok && mismatch.Expected == ast.SequenceType {
		message = "a list is needed here: [10, 100], or [10] for one"
	}
	excerpt := strings.TrimRight(yaml.FormatErrorWithToken("", wrong.GetToken(), false, true), "\n ")
	_, excerpt, _ = strings.Cut(excerpt, "\n") // the place has been said
	return fmt.Errorf("read the plan: %s %s\n%s", place(name, wrong.GetToken()), message, excerpt)
}

// kindName is what a plan's author calls a type.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return "a whole number"
	case reflect.Uint64, reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a mapping"
	case reflect.String:
		return "text"
	}
	return t.String()
}

// Wrong is err about the test of that id, with the test's place in the file.
func (f File) Wrong(name string, text []byte, id string, err error) error {
	for i, w := range f.Weeks {
		for j, t := range w.Tests {
			if t.id() == id {
				return located(name, text, &fault{fmt.Sprintf("$.weeks[%d].tests[%d]", i, j), id + ": " + err.Error()})
			}
		}
	}
	return err
}
