package producer

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/fxamacker/cbor/v2"

	"weir/internal/emulator/kinesis"
)

// stream is an embedded endpoint with the stream that newProducer puts into.
func stream(t *testing.T) http.Handler {
	t.Helper()
	endpoint := kinesis.New(kinesis.Config{Region: "eu-west-1", AccountID: "123456789012", ShardLimitFactor: 1})
	if err := endpoint.CreateStream("orders", 1, kinesis.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	return endpoint
}

// answerCBOR answers whatever comes in CBOR.
func answerCBOR(t *testing.T, status int, value any) http.HandlerFunc {
	t.Helper()
	body, err := cbor.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", formats[CBOR].contentType)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

type refusal map[string]string

// Auto finds out what an endpoint takes, whatever it says to a call in CBOR, and
// then puts as to any other: here nothing but the question is met by what the
// endpoint is said to do with CBOR.
func TestAuto(t *testing.T) {
	for _, tt := range []struct {
		name   string
		toCBOR http.Handler // nil: the embedded endpoint
		want   Encoding
		reason string
	}{
		{
			name: "the embedded endpoint", want: CBOR,
			reason: "the endpoint reads it (it refused a call without records in kind: ValidationException)",
		},
		{
			name: "one that may not be put to", want: CBOR, reason: "the endpoint reads it (it refused a call without records in kind: AccessDeniedException)",
			toCBOR: answerCBOR(t, 400, refusal{"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "not authorized"}),
		},
		{
			name: "one that refuses nothing", want: CBOR, reason: "the endpoint reads it (it answered a call without records in kind)",
			toCBOR: answerCBOR(t, 200, map[string]any{"FailedRecordCount": 0, "Records": []any{}}),
		},
		{
			name: "one that knows JSON only", want: JSON, reason: "the endpoint answered a call in CBOR with 400 application/x-amz-json-1.1",
			toCBOR: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", formats[JSON].contentType)
				var body map[string]any
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"__type":"SerializationException"}`)
				}
			}),
		},
		{
			name: "a page that is not there", want: JSON, reason: "the endpoint answered a call in CBOR with 404 text/plain; charset=utf-8",
			toCBOR: http.NotFoundHandler(),
		},
		{
			name: "text by the name of CBOR", want: JSON, reason: "the endpoint answered a call in CBOR with 400 and no refusal",
			toCBOR: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", formats[CBOR].contentType)
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"__type":"ValidationException"}`)
			}),
		},
		{
			name: "one that takes anything", want: JSON, reason: "the endpoint answered a call in CBOR with 200 and no refusal",
			toCBOR: answerCBOR(t, 200, map[string]any{}),
		},
		{
			name: "one that is out of order", want: JSON, reason: "the endpoint answered a call in CBOR with 500 and no refusal",
			toCBOR: answerCBOR(t, 500, refusal{"__type": "InternalFailure"}),
		},
		{
			name: "one that understood nothing", want: JSON, reason: "the endpoint did not understand a call in CBOR: SerializationException",
			toCBOR: answerCBOR(t, 400, refusal{"__type": "SerializationException"}),
		},
		{
			name: "kinesalite", want: JSON, reason: "the endpoint knows no StreamARN: it is too old to be put to in CBOR",
			toCBOR: answerCBOR(t, 400, refusal{
				"__type":  "ValidationException",
				"message": "2 validation errors detected: Value '[]' at 'records' failed to satisfy constraint: Member must have length greater than or equal to 1; Value null at 'streamName' failed to satisfy constraint: Member must not be null",
			}),
		},
		{
			name: "a connection closed", want: JSON, reason: "the endpoint was asked in CBOR: the server closed the connection and gave no answer",
			toCBOR: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }),
		},
		{
			name: "silence", want: JSON, reason: "the endpoint was asked in CBOR: timeout: no answer came in time",
			toCBOR: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); <-r.Context().Done() }),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			embedded := stream(t)
			var puts []string // content types of the calls that could store something
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				switch asked := string(body) == question; {
				case asked && tt.toCBOR != nil:
					tt.toCBOR.ServeHTTP(w, r)
					return
				case !asked:
					puts = append(puts, r.Header.Get("Content-Type"))
				}
				embedded.ServeHTTP(w, r)
			}))
			defer server.Close()
			var choices []Choice
			p := newProducer(t, server.URL, func(c *Config) {
				c.Encoding, c.Timeout = Auto, 300*time.Millisecond
				c.OnChoice = func(got Choice) { choices = append(choices, got) }
			})
			p.Prepare()
			var r Result
			for range 2 {
				p.Put(t.Context(), three(), &r)
				if got := tally(&r); got != "A A A" || len(r.Calls) != 1 {
					t.Fatalf("outcomes %s in %d calls (%v)", got, len(r.Calls), r.Err)
				}
			}
			if len(choices) != 1 || choices[0].Encoding != tt.want || choices[0].Reason != tt.reason {
				t.Errorf("choices %+v, want %s once: %s", choices, tt.want, tt.reason)
			}
			if want := formats[tt.want].contentType; len(puts) != 2 || puts[0] != want || puts[1] != want {
				t.Errorf("puts %q, want two in %s", puts, want)
			}
		})
	}
}

// Without a word before, the first call asks.
func TestAutoAsksAheadOfTheFirstCall(t *testing.T) {
	server := httptest.NewServer(stream(t))
	defer server.Close()
	p := newProducer(t, server.URL, func(c *Config) { c.Encoding = Auto })
	var r Result
	p.Put(t.Context(), three(), &r)
	if got := tally(&r); got != "A A A" || p.dialect.Load().contentType != formats[CBOR].contentType {
		t.Errorf("outcomes %s in %s (%v)", got, p.dialect.Load().contentType, r.Err)
	}
}

// Credentials that can't be had say nothing of the endpoint: it is asked later.
func TestAutoWithoutCredentials(t *testing.T) {
	p := newProducer(t, "http://127.0.0.1:1", func(c *Config) { c.Encoding, c.Credentials = Auto, credentials.StaticCredentialsProvider{} })
	p.Prepare()
	var r Result
	p.Put(t.Context(), three(), &r)
	if got := tally(&r); got != "R:NoCredentials R:NoCredentials R:NoCredentials" || p.dialect.Load() != nil {
		t.Errorf("outcomes %s, dialect %+v", got, p.dialect.Load())
	}
}

// A call in CBOR may be answered in JSON.
func TestAnswerInJSON(t *testing.T) {
	ok := `{"FailedRecordCount":1,"Records":[{"SequenceNumber":"1","ShardId":"s"},{"ErrorCode":"InternalFailure","ErrorMessage":"oops"},{"SequenceNumber":"3","ShardId":"s"}]}`
	for _, tt := range []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{"an answer", write(200, ok), "A R:InternalFailure A"},
		{"a refusal", write(400, `{"__type":"ValidationException"}`), "R:ValidationException R:ValidationException R:ValidationException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			p := newProducer(t, server.URL, func(c *Config) { c.Encoding = CBOR })
			var r Result
			p.Put(t.Context(), three(), &r)
			if got := tally(&r); got != tt.want {
				t.Errorf("outcomes %s, want %s (%v)", got, tt.want, r.Err)
			}
		})
	}
}
