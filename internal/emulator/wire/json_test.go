package wire

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func request(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", ContentType11)
	return r
}

func TestTarget(t *testing.T) {
	tests := []struct{ header, service, operation string }{
		{"Kinesis_20131202.PutRecords", "Kinesis_20131202", "PutRecords"},
		{"Kinesis_20131202", "", ""},
		{"", "", ""},
	}
	for _, test := range tests {
		r := request("")
		r.Header.Set("X-Amz-Target", test.header)
		if service, operation := Target(r); service != test.service || operation != test.operation {
			t.Errorf("target %q is %q, %q", test.header, service, operation)
		}
	}
}

func TestReadJSON(t *testing.T) {
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = z.Write([]byte(`{"Name":"zipped"}`))
	_ = z.Close()
	var bomb bytes.Buffer
	z = gzip.NewWriter(&bomb)
	_, _ = z.Write(bytes.Repeat([]byte(" "), 1000))
	_ = z.Close()

	tests := []struct {
		name, body string
		gzip       bool
		want, err  string
	}{
		{"plain", `{"Name":"a","Unknown":[1]}`, false, "a", ""},
		{"empty", "", false, "", ""},
		{"gzip", zipped.String(), true, "zipped", ""},
		{"gzip that isn't", "{}", true, "", "SerializationException"},
		{"gzip that swells", bomb.String(), true, "", "RequestEntityTooLargeException"},
		{"too large", `{"Name":"` + strings.Repeat("a", 100) + `"}`, false, "", "RequestEntityTooLargeException"},
		{"not JSON", `{`, false, "", "SerializationException"},
		{"wrong type", `{"Name":7}`, false, "", "SerializationException: NUMBER_VALUE can not be converted to a String"},
		{"wrong number", `{"Count":1.5}`, false, "", "SerializationException: NUMBER_VALUE can not be converted to a Integer"},
	}
	for _, test := range tests {
		r := request(test.body)
		if test.gzip {
			r.Header.Set("Content-Encoding", "gzip")
		}
		var got struct {
			Name  string
			Count int
		}
		err := ReadJSON(httptest.NewRecorder(), r, 100, &got)
		if test.err == "" && (err != nil || got.Name != test.want) {
			t.Errorf("%s: read %q, %v", test.name, got.Name, err)
		}
		if test.err != "" && (err == nil || !strings.HasPrefix(err.Error(), test.err)) {
			t.Errorf("%s: error %v, want %s", test.name, err, test.err)
		}
	}
}

func TestWriteJSON(t *testing.T) {
	tests := []struct{ asked, answered string }{
		{ContentType10, ContentType10},
		{ContentType11, ContentType11},
		{"", ContentType11},
	}
	id := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	for _, test := range tests {
		r := request("")
		r.Header.Set("Content-Type", test.asked)
		w := httptest.NewRecorder()
		WriteJSON(w, r, http.StatusAccepted, map[string]int{"A": 1})
		if got := w.Header().Get("Content-Type"); got != test.answered || w.Code != http.StatusAccepted || w.Body.String() != `{"A":1}` {
			t.Errorf("asked in %q: answered %d in %q: %s", test.asked, w.Code, got, w.Body)
		}
		if got := w.Header().Get("x-amzn-RequestId"); !id.MatchString(got) {
			t.Errorf("request id %q", got)
		}
	}
}

func TestWriteError(t *testing.T) {
	tests := []struct {
		name   string
		err    error
		status int
		body   string
	}{
		{"an answer", &Error{Code: "X", Message: "m", Status: 404}, 404, `{"__type":"X","message":"m"}`},
		{"without status and message", &Error{Code: "X"}, 400, `{"__type":"X"}`},
		{"wrapped", errors.Join(&Error{Code: "X"}), 400, `{"__type":"X"}`},
		{"a failure of ours", errors.New("secret"), 500, `{"__type":"InternalFailure","message":"The request processing has failed because of an unknown error, exception or failure."}`},
	}
	for _, test := range tests {
		w := httptest.NewRecorder()
		WriteError(w, request(""), test.err)
		if w.Code != test.status || w.Body.String() != test.body {
			t.Errorf("%s: %d %s, want %d %s", test.name, w.Code, w.Body, test.status, test.body)
		}
	}
}
