// Package wire speaks AWS's HTTP protocols: awsJson 1.0 and 1.1 requests and
// answers, error shapes, timestamps, request ids, and the delay of an answer.
// It knows no service and keeps no state.
package wire

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// ContentType11 and ContentType10 are awsJson's content types.
const (
	ContentType11 = "application/x-amz-json-1.1"
	ContentType10 = "application/x-amz-json-1.0"
)

// Target splits the X-Amz-Target header of an awsJson request into the
// service's prefix and the operation ("Kinesis_20131202", "PutRecords"). Both
// are empty where the header is missing or has no dot.
func Target(r *http.Request) (service, operation string) {
	service, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if !ok {
		return "", ""
	}
	return service, operation
}

// BodyTime is how long a request's body may take to arrive. AWS publishes no
// figure.
const BodyTime = 30 * time.Second

// ReadBody appends the request's body, decoded if it is gzip, to buf[:0] and
// returns it. A body over limit bytes (before or after decoding), one that can't
// be decoded or one that takes longer than BodyTime is an *Error.
func ReadBody(w http.ResponseWriter, r *http.Request, limit int64, buf []byte) ([]byte, error) {
	body, err := ReadRaw(w, r, limit, buf)
	if err != nil || r.Header.Get("Content-Encoding") != "gzip" {
		return body, err
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, bodyError(err)
	}
	decoded, err := io.ReadAll(io.LimitReader(unzipped, limit+1))
	if err != nil {
		return nil, bodyError(err)
	}
	if int64(len(decoded)) > limit {
		return nil, tooLarge(limit)
	}
	return decoded, nil
}

// ReadRaw is ReadBody for the body as it was sent.
func ReadRaw(w http.ResponseWriter, r *http.Request, limit int64, buf []byte) ([]byte, error) {
	deadlines := http.NewResponseController(w)
	_ = deadlines.SetReadDeadline(time.Now().Add(BodyTime)) // only connections of tests can't
	into := bytes.NewBuffer(buf[:0])
	if n := r.ContentLength; n > 0 && n <= limit {
		into.Grow(int(n) + bytes.MinRead)
	}
	if _, err := into.ReadFrom(http.MaxBytesReader(w, r.Body, limit)); err != nil {
		// The deadline stays: net/http reads what is left of a body before it
		// answers.
		return nil, bodyError(err)
	}
	_ = deadlines.SetReadDeadline(time.Time{}) // an answer may take its time
	return into.Bytes(), nil
}

func bodyError(err error) *Error {
	if over, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge(over.Limit)
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &Error{
			Code:    "RequestTimeoutException",
			Message: fmt.Sprintf("the body did not arrive within %v", BodyTime),
			Status:  http.StatusRequestTimeout,
		}
	}
	return Serialization("the body can't be read: " + err.Error())
}

func tooLarge(limit int64) *Error {
	return &Error{
		Code:    "RequestEntityTooLargeException",
		Message: fmt.Sprintf("the body is larger than %d bytes", limit),
		Status:  http.StatusRequestEntityTooLarge,
	}
}

// ReadJSON decodes the request's body, gzip or plain and at most limit bytes,
// into v. An empty body is an empty object. It returns an *Error:
// SerializationException where the body isn't JSON of v's shape.
func ReadJSON(w http.ResponseWriter, r *http.Request, limit int64, v any) error {
	body, err := ReadBody(w, r, limit, nil)
	if err != nil {
		return err
	}
	return DecodeJSON(body, v)
}

// DecodeJSON is ReadJSON for a body already read.
func DecodeJSON(body []byte, v any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	err := json.Unmarshal(body, v)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		kind, _, _ := strings.Cut(mismatch.Value, " ")
		return Serialization(strings.ToUpper(kind) + "_VALUE can not be converted to a " + shapeOf(mismatch))
	}
	if err != nil {
		return Serialization(err.Error())
	}
	return nil
}

// shapeOf is the name that AWS's services give the wanted type.
func shapeOf(e *json.UnmarshalTypeError) string {
	name := e.Type.Kind().String()
	switch {
	case strings.HasPrefix(name, "int"), strings.HasPrefix(name, "uint"):
		return "Integer"
	case strings.HasPrefix(name, "float"):
		return "Double"
	case name == "bool":
		return "Boolean"
	case name == "slice":
		return "List"
	case name == "struct", name == "map":
		return "Map"
	}
	return "String"
}

// WriteJSON answers with v as JSON, in the awsJson version that the request
// spoke (1.1 where it doesn't say), under a new request id. A nil v writes no
// body. Errors of the connection are the client's loss and are dropped.
func WriteJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	var body []byte
	if v != nil {
		var err error
		if body, err = json.Marshal(v); err != nil {
			WriteError(w, r, fmt.Errorf("encode answer: %w", err))
			return
		}
	}
	WriteBody(w, r, status, body)
}

// WriteBody is WriteJSON for a body already rendered, which may be CBOR where
// the request was.
func WriteBody(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	StartBody(w, r, status, len(body))
	_, _ = w.Write(body)
}

// StartBody is WriteBody for a body of that length which the caller writes then.
func StartBody(w http.ResponseWriter, r *http.Request, status, length int) {
	header := w.Header()
	header.Set("Content-Type", contentType(r))
	if header.Get(RequestIDHeader) == "" {
		header.Set(RequestIDHeader, RequestID())
	}
	header.Set("Content-Length", strconv.Itoa(length))
	w.WriteHeader(status)
}

func contentType(r *http.Request) string {
	switch asked := r.Header.Get("Content-Type"); {
	case strings.HasPrefix(asked, ContentType10):
		return ContentType10
	case strings.HasPrefix(asked, ContentTypeCBOR11):
		return ContentTypeCBOR11
	}
	return ContentType11
}

// WriteError answers with AsError(err) in awsJson's shape.
func WriteError(w http.ResponseWriter, r *http.Request, err error) {
	e := AsError(err)
	WriteJSON(w, r, e.Status, struct {
		Type    string `json:"__type"`
		Message string `json:"message,omitempty"`
	}{e.Code, e.Message})
}
