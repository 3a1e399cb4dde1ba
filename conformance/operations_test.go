// Package conformance proves by clients from outside that the embedded pipeline
// is what it says. docs/conformance.md tells what is proved and how.
package conformance

import (
	"fmt"
	"maps"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"regexp"
	"sync"
	"testing"
	"time"

	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/kinesis"
)

// operation is one operation of the Kinesis API with the call that stands for
// it. Texts are JSON, in which $Member stands for what calls before
// answered, and in answers "*" for any value.
type operation struct {
	name   string
	before []step
	in     string
	want   string // the answer; empty: none, the operation is not embedded
	after  []step // shows what the call did

	// A second call, which is refused: its input and "Code: message".
	wrong, refused string

	noCommand string // why the AWS CLI can't make the call; empty: it can
	cliLacks  string // the member of the answer that the AWS CLI drops; empty: none
}

// step is a call beside the one under test, made in JSON, and the part of its
// answer that matters; empty: none does.
type step struct{ operation, in, want string }

// notEmbedded is the answer to an operation that the server doesn't have.
const notEmbedded = "UnknownOperationException"

// TestOperations makes the calls of each operation in each protocol, against a
// server of its own that holds the same each time: the stream orders of two
// shards with a tag, a consumer and a record. All protocols have to give the one
// answer that stands in the table.
func TestOperations(t *testing.T) {
	for _, o := range operations {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			for _, p := range protocols {
				t.Run(p.name, func(t *testing.T) { o.check(t, p) })
			}
		})
	}
}

// dawn is the time of all that happens. It has milliseconds, which a protocol
// may lose.
var dawn = time.Date(2026, 11, 22, 12, 0, 0, 125e6, time.UTC)

// serve starts the server that each call finds, and gives its address.
func serve(t *testing.T) string {
	t.Helper()
	web := httptest.NewServer(kinesis.New(kinesis.Config{Now: func() time.Time { return dawn }}))
	t.Cleanup(web.Close)
	for _, s := range []step{
		{"CreateStream", `{"StreamName":"orders","ShardCount":2,"Tags":{"team":"red"}}`, ""},
		{"RegisterStreamConsumer", `{"StreamARN":"` + streamARN + `","ConsumerName":"reader"}`, ""},
		{"PutRecord", `{"StreamName":"orders","PartitionKey":"a","Data":"aGVsbG8="}`, `{"ShardId":"shardId-000000000000"}`},
	} {
		s.check(t, web.URL, nil)
	}
	return web.URL
}

func (o operation) check(t *testing.T, p protocol) {
	t.Helper()
	endpoint := serve(t)
	known := members{}
	for _, s := range o.before {
		maps.Copy(known, s.check(t, endpoint, known))
	}
	answer, refused := p.call(t, endpoint, o.name, parse(t, o.in, known))
	switch {
	case o.want == "" && (refused == nil || refused.Code != notEmbedded):
		t.Errorf("an operation that is not embedded gives %v, %v", answer, refused)
	case o.want == "":
	case refused != nil:
		t.Fatalf("refused: %v", *refused)
	default:
		want := parse(t, o.want, known)
		if p.name == "cli" && answer[o.cliLacks] == nil {
			delete(want, o.cliLacks)
		}
		compare(t, o.name, want, answer)
		maps.Copy(known, answer)
	}
	for _, s := range o.after {
		s.check(t, endpoint, known)
	}
	if o.wrong == "" || p.name == "cli" { // which would take another second
		return
	}
	answer, refused = p.call(t, endpoint, o.name, parse(t, o.wrong, known))
	if refused == nil {
		t.Errorf("%s is answered %v", o.wrong, answer)
	} else if got := refused.Code + ": " + refused.Message; got != o.refused {
		t.Errorf("%s is refused with\n%s, want\n%s", o.wrong, got, o.refused)
	}
}

func (s step) check(t *testing.T, endpoint string, known members) members {
	t.Helper()
	answer, refused := callJSON(t, endpoint, s.operation, parse(t, s.in, known))
	if refused != nil {
		t.Fatalf("%s %s: %v", s.operation, s.in, *refused)
	}
	want := parse(t, s.want, known)
	compare(t, s.operation, want, part(want, answer).(members))
	return answer
}

var variable = regexp.MustCompile(`\$(\w+)`)

// parse reads JSON of the table with $Member replaced by the known one.
func parse(t *testing.T, text string, known members) members {
	t.Helper()
	return unmarshal(t, []byte(variable.ReplaceAllStringFunc(text, func(name string) string {
		value, ok := known[name[1:]]
		if !ok {
			t.Fatalf("%s is not known", name)
		}
		return fmt.Sprint(value)
	})))
}

// compare holds an answer against the one in the table. The SDK's members that
// an answer didn't have are null or empty text.
func compare(t *testing.T, operation string, want, got members) {
	t.Helper()
	plain := present(each(got, func(name string, v any) any {
		if text, ok := v.(string); ok && isTime(name) { // the SDK and version 2 of the CLI
			at, err := time.Parse(time.RFC3339Nano, text)
			if err != nil {
				t.Errorf("%s: %s is no time: %v", operation, name, err)
			}
			return float64(at.UnixMilli()) / 1000
		}
		return v
	}))
	if diff := cmp.Diff(any(want), masked(want, plain)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", operation, diff)
	}
}

// present is v without members that are null, empty text or without members.
func present(v any) any {
	switch v := v.(type) {
	case members:
		for name, member := range v {
			if v[name] = present(member); v[name] == nil || v[name] == "" {
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = present(v[i])
		}
	}
	return v
}

// part is got without the members that want doesn't name.
func part(want, got any) any {
	switch want := want.(type) {
	case members:
		got, _ := got.(members)
		out := members{}
		for name := range want {
			out[name] = part(want[name], got[name])
		}
		return out
	case []any:
		if got, ok := got.([]any); ok && len(got) == len(want) {
			for i := range want {
				got[i] = part(want[i], got[i])
			}
		}
	}
	return got
}

// masked is got with "*" where want has it and got has something.
func masked(want, got any) any {
	switch want := want.(type) {
	case string:
		if want == "*" && got != nil {
			return want
		}
	case members:
		if got, ok := got.(members); ok {
			for name, member := range got {
				got[name] = masked(want[name], member)
			}
		}
	case []any:
		if got, ok := got.([]any); ok {
			for i := range min(len(want), len(got)) {
				got[i] = masked(want[i], got[i])
			}
		}
	}
	return got
}

// The table has each operation of AWS's client once.
func TestTableIsComplete(t *testing.T) {
	rows := map[string]int{}
	for _, o := range operations {
		rows[o.name]++
	}
	for method := range reflect.TypeFor[*client.Client]().Methods() {
		if method.Name == "Options" {
			continue
		}
		if rows[method.Name] != 1 {
			t.Errorf("%s has %d rows", method.Name, rows[method.Name])
		}
		delete(rows, method.Name)
	}
	for name := range rows {
		t.Errorf("%s is no operation", name)
	}
}

// commands are those of the installed AWS CLI; nil where there is none.
var commands = sync.OnceValue(func() map[string]bool {
	if _, err := exec.LookPath("aws"); err != nil {
		return nil
	}
	// An unknown command is answered with a list of those that there are.
	text, _ := exec.Command("aws", "kinesis", "list-of-commands").CombinedOutput()
	found := map[string]bool{}
	for _, name := range regexp.MustCompile(`[a-z]+(-[a-z]+)+`).FindAllString(string(text), -1) {
		found[name] = true
	}
	return found
})

// requireCommand skips the test where the AWS CLI has no command for the
// operation, or is not here, or takes too long.
func requireCommand(t *testing.T, operation string) {
	t.Helper()
	if testing.Short() {
		t.Skip("the AWS CLI takes about a second a call")
	}
	if commands() == nil {
		t.Skip("the AWS CLI is not installed")
	}
	for _, o := range operations {
		if o.name != operation || commands()[command(operation)] {
			continue
		}
		if o.noCommand == "" {
			t.Fatalf("this AWS CLI has no %s; the table says that it has", command(operation))
		}
		t.Skip(o.noCommand)
	}
}
