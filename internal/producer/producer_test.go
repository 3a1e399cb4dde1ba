package producer

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

var keys = credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")

func newProducer(t *testing.T, endpoint string, change func(*Config)) *Producer {
	t.Helper()
	c := Config{
		Endpoint: endpoint, Region: "eu-west-1", Stream: "orders", Credentials: keys,
		Timeout: 5 * time.Second, MaxConns: 4, Encoding: JSON,
	}
	if change != nil {
		change(&c)
	}
	p, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

func three() []Record {
	return []Record{
		{Data: []byte("a"), PartitionKey: "k1"},
		{Data: []byte("b"), PartitionKey: "k2"},
		{Data: []byte("c"), PartitionKey: "k3"},
	}
}

// tally writes each record's fate and cause in a word: "A", "R:cause", "I:cause".
func tally(r *Result) string {
	var words []string
	for _, o := range r.Records {
		word := string("ARI"[o.Fate])
		if o.Cause != "" {
			word += ":" + o.Cause
		}
		words = append(words, word)
	}
	return strings.Join(words, " ")
}

func TestPutOutcomes(t *testing.T) {
	ok := `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"},{"SequenceNumber":"2","ShardId":"s"},{"SequenceNumber":"3","ShardId":"s"}]}`
	for _, tt := range []struct {
		name    string
		answer  http.HandlerFunc
		want    string
		wantErr string // in Result.Err; empty: nil
	}{
		{name: "accepted", answer: write(200, ok), want: "A A A"},
		{
			name:   "partly refused",
			answer: write(200, `{"FailedRecordCount":2,"Records":[{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"slow"},{"SequenceNumber":"2","ShardId":"s"},{"ErrorCode":"InternalFailure","ErrorMessage":"oops"}]}`),
			want:   "R:ProvisionedThroughputExceededException A R:InternalFailure",
		},
		{
			name:    "refused whole",
			answer:  write(400, `{"__type":"com.amazonaws.kinesis#ValidationException","message":"1 validation error"}`),
			want:    "R:ValidationException R:ValidationException R:ValidationException",
			wantErr: "ValidationException: 1 validation error",
		},
		{
			name: "code in the header only",
			answer: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-ErrorType", "InternalFailure:http://internal.amazon.com/coral/")
				w.WriteHeader(http.StatusInternalServerError)
			},
			want:    "R:InternalFailure R:InternalFailure R:InternalFailure",
			wantErr: "InternalFailure",
		},
		{name: "a proxy refuses", answer: write(413, "too large"), want: "R:HTTP413 R:HTTP413 R:HTTP413", wantErr: "answer 413"},
		{name: "a proxy lost its way", answer: write(502, "<html>"), want: "I:HTTP502 I:HTTP502 I:HTTP502", wantErr: "answer 502"},
		{name: "garbage", answer: write(200, "<html>"), want: "I:MalformedAnswer I:MalformedAnswer I:MalformedAnswer", wantErr: "read answer"},
		{
			name:   "answer to other records",
			answer: write(200, `{"FailedRecordCount":0,"Records":[{"SequenceNumber":"1","ShardId":"s"}]}`),
			want:   "I:MalformedAnswer I:MalformedAnswer I:MalformedAnswer", wantErr: "1 entries for 3 records",
		},
		{
			name:   "connection closed instead of an answer",
			answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			want:   "I:ConnectionClosed I:ConnectionClosed I:ConnectionClosed", wantErr: "closed",
		},
		{
			name:   "no answer in time",
			answer: func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); <-r.Context().Done() },
			want:   "I:Timeout I:Timeout I:Timeout", wantErr: "timeout",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			p := newProducer(t, server.URL, func(c *Config) { c.Timeout = 200 * time.Millisecond })
			var r Result
			r.Records = make([]Outcome, 7) // what an earlier call left must not show
			p.Put(t.Context(), three(), &r)
			if got := tally(&r); got != tt.want {
				t.Errorf("outcomes %s, want %s", got, tt.want)
			}
			if (r.Err == nil) != (tt.wantErr == "") || r.Err != nil && !strings.Contains(r.Err.Error(), tt.wantErr) {
				t.Errorf("error %v, want %q", r.Err, tt.wantErr)
			}
			if r.Duration <= 0 || len(r.Calls) != 1 || r.Calls[0].Bytes == 0 || r.Retries() != 0 {
				t.Errorf("duration %v, calls %+v", r.Duration, r.Calls)
			}
		})
	}
}

func write(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// What never left is certainly not in the stream: rejected, not indeterminate.
func TestNeverLeft(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := "http://" + listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	plain := httptest.NewServer(write(200, "{}"))
	defer plain.Close()

	for _, tt := range []struct {
		name, endpoint, want string
		credentials          aws.CredentialsProvider
	}{
		{name: "nobody listens", endpoint: refusing, want: CauseConnectionRefused, credentials: keys},
		{name: "no TLS there", endpoint: "https" + strings.TrimPrefix(plain.URL, "http"), want: CauseConnectionFailed, credentials: keys},
		{name: "no credentials", endpoint: plain.URL, want: CauseNoCredentials, credentials: credentials.StaticCredentialsProvider{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newProducer(t, tt.endpoint, func(c *Config) { c.Credentials = tt.credentials })
			var r Result
			p.Put(t.Context(), three(), &r)
			want := strings.TrimSpace(strings.Repeat("R:"+tt.want+" ", 3))
			if got := tally(&r); got != want {
				t.Errorf("outcomes %s, want %s (%v)", got, want, r.Err)
			}
		})
	}
}

func TestNoFreeConnection(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-release
	}))
	defer server.Close()
	p := newProducer(t, server.URL, func(c *Config) { c.MaxConns = 1 })
	done := make(chan struct{})
	go func() {
		defer close(done)
		var r Result
		p.Put(t.Context(), three(), &r)
	}()
	<-arrived
	var r Result
	p.Put(t.Context(), three(), &r)
	if got := tally(&r); got != "R:NoConnection R:NoConnection R:NoConnection" {
		t.Errorf("outcomes %s", got)
	}
	close(release)
	<-done
}

func TestSinglePut(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var got struct {
			StreamName, PartitionKey string
			Data                     []byte
		}
		_ = json.NewDecoder(r.Body).Decode(&got)
		if target := r.Header.Get("X-Amz-Target"); target != targetPutRecord || got.StreamName != "orders" || string(got.Data) != "a" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprintf(w, `{"__type":"Unexpected","message":"%s %+v"}`, target, got)
			return
		}
		_, _ = io.WriteString(w, `{"SequenceNumber":"42","ShardId":"shardId-000000000000"}`)
	}))
	defer server.Close()
	p := newProducer(t, server.URL, func(c *Config) { c.SinglePut = true })
	var r Result
	p.Put(t.Context(), three()[:1], &r)
	if got := tally(&r); got != "A" || string(r.Records[0].SequenceNumber) != "42" || string(r.Records[0].ShardID) != "shardId-000000000000" {
		t.Errorf("outcome %s %+v (%v)", got, r.Records, r.Err)
	}
}

func TestNewRefuses(t *testing.T) {
	good := Config{Region: "eu-west-1", Stream: "s", Credentials: keys, Timeout: time.Second, MaxConns: 1}
	for name, spoil := range map[string]func(*Config){
		"no region":      func(c *Config) { c.Region = "" },
		"no stream":      func(c *Config) { c.Stream = "" },
		"no credentials": func(c *Config) { c.Credentials = nil },
		"no timeout":     func(c *Config) { c.Timeout = 0 },
		"no connections": func(c *Config) { c.MaxConns = 0 },
		"no scheme":      func(c *Config) { c.Endpoint = "localhost:4567" },
		"a path":         func(c *Config) { c.Endpoint = "http://localhost/kinesis" },
	} {
		c := good
		spoil(&c)
		if _, err := New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	p, err := New(good)
	if err != nil || p.host != "kinesis.eu-west-1.amazonaws.com" {
		t.Errorf("AWS's endpoint: %v, %v", p, err)
	}
}
