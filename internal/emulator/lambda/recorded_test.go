package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// recordedAnswers are answers of the real service, kept outside the repository.
const recordedAnswers = "../../../../shared/recorded/lambda_esm_kinesis.snapshot.json"

// recordedScenarios are the recorded scenarios' contents by name.
func recordedScenarios(t *testing.T) map[string]map[string]any {
	t.Helper()
	text, err := os.ReadFile(recordedAnswers)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no recorded answers: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]struct {
		Content map[string]any `json:"recorded-content"`
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	scenarios := map[string]map[string]any{}
	for key, scenario := range all {
		scenarios[key[strings.LastIndex(key, "::")+2:]] = scenario.Content
	}
	return scenarios
}

// recording is our side of one recorded scenario: functions f and g over a
// stream of one shard, in a synctest bubble.
type recording struct {
	t      *testing.T
	want   map[string]any
	stream *stream
	server *Server
	masks  map[string]any // what stands behind a recorded placeholder

	mu     sync.Mutex
	events map[string][]any // by function
	sent   []sent           // to the destination
}

type sent struct {
	arn      string
	document any
}

// answerer is what a recorded scenario's function did with the records it got.
type answerer func(records []*Record) (response string, err error)

// newRecording has functions that remember their events and answer so; nil: {}.
func newRecording(t *testing.T, want map[string]any, answer answerer) *recording {
	t.Helper()
	r := &recording{t: t, want: want, stream: newStream(1), masks: map[string]any{}, events: map[string][]any{}}
	r.server = New(Config{Source: r.stream, PollInterval: time.Second, Destination: r.receive})
	handle := func(_ context.Context, inv Invocation) ([]byte, []string, error) {
		r.mu.Lock()
		r.events[inv.FunctionName] = append(r.events[inv.FunctionName], decoded(t, inv.Payload()))
		r.mu.Unlock()
		if answer == nil {
			return []byte("{}"), nil, nil
		}
		response, err := answer(inv.Records)
		return []byte(response), nil, err
	}
	for _, name := range []string{"f", "g"} {
		if err := r.server.CreateFunction(FunctionConfig{Name: name, InProcess: handle}); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		if err := r.server.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// receive is the server's Destination.
func (r *recording) receive(arn string, document []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sent = append(r.sent, sent{arn, decoded(r.t, document)})
	return nil
}

// create makes a mapping of stream and f, with the members given, and returns
// its UUID after comparing the answer with the recorded one, between two polls:
// what is put at once is then read at once.
func (r *recording) create(recorded, members string) string {
	r.t.Helper()
	answer := r.request("POST", "", fmt.Sprintf(`{"EventSourceArn":%q,"FunctionName":"f",%s}`, testStream, members))
	uuid, _ := answer["UUID"].(string)
	r.same(r.want[recorded], answer)
	time.Sleep(time.Second / 2)
	return uuid
}

// request is the answer to an operation on mappings, with the members that the
// recording's client adds.
func (r *recording) request(method, path, body string) map[string]any {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.server.ServeHTTP(w, httptest.NewRequest(method, "/2015-03-31/event-source-mappings/"+path, strings.NewReader(body)))
	answer := decoded(r.t, w.Body.Bytes()).(map[string]any)
	delete(answer, "MetricsConfig") // ours: EventCount is always on
	answer["ResponseMetadata"] = map[string]any{"HTTPHeaders": map[string]any{}, "HTTPStatusCode": float64(w.Code)}
	if code := w.Header().Get("X-Amzn-ErrorType"); code != "" {
		answer["Error"] = map[string]any{"Code": code, "Message": answer["message"]}
	}
	return answer
}

// got is what function name was invoked with so far.
func (r *recording) got(name string) []any {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]any{}, r.events[name]...)
}

// records are all records that function name got, in one event.
func (r *recording) records(name string) map[string]any {
	var all []any
	for _, event := range r.got(name) {
		all = append(all, event.(map[string]any)["Records"].([]any)...)
	}
	return map[string]any{"Records": all}
}

// theDocument is the one document that went to the destination.
func (r *recording) theDocument() sent {
	r.t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.sent) != 1 {
		r.t.Fatalf("%d documents, want 1: %v", len(r.sent), r.sent)
	}
	return r.sent[0]
}

// same compares ours with what was recorded.
func (r *recording) same(recorded, ours any) {
	r.t.Helper()
	if diff := cmp.Diff(recorded, r.masked(recorded, ours)); diff != "" {
		r.t.Errorf("(-recorded +ours):\n%s", diff)
	}
}

// masked is ours with the recorded text in place of what agrees with it: text
// does up to its first placeholder, and a numbered placeholder for a sequence
// number stands for the same one each time. Text that is JSON was recorded
// decoded.
func (r *recording) masked(recorded, ours any) any {
	switch recorded := recorded.(type) {
	case map[string]any:
		if text, ok := ours.(string); ok {
			ours = decoded(r.t, []byte(text))
		}
		object, ok := ours.(map[string]any)
		if !ok {
			return ours
		}
		for key, value := range object {
			object[key] = r.masked(recorded[key], value)
		}
		return object
	case []any:
		list, ok := ours.([]any)
		for i := range min(len(list), len(recorded)) {
			list[i] = r.masked(recorded[i], list[i])
		}
		if ok {
			return list
		}
	case string:
		start, _, found := strings.Cut(recorded, "<")
		if strings.Contains(recorded, "sequence-number:") && start == "" {
			if before, known := r.masks[recorded]; known && before != ours {
				return ours
			}
			r.masks[recorded] = ours
		}
		if text, ok := ours.(string); found && (start == "" && ours != nil || ok && strings.HasPrefix(text, start)) {
			return recorded
		}
	}
	return ours
}

func decoded(t *testing.T, text []byte) any {
	t.Helper()
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Errorf("decode %s: %v", text, err)
	}
	return value
}
