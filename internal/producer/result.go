package producer

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Fate is what became of a record at the producer.
type Fate uint8

// Fates of records.
const (
	Accepted      Fate = iota // the stream acknowledged it
	Rejected                  // the stream refused it, or the call never left: it is not in the stream
	Indeterminate             // sent, and no usable answer came: it may be in the stream
)

// Outcome is what became of one record. ShardID and SequenceNumber are set
// when it was accepted; they lie in the result's memory.
type Outcome struct {
	Fate           Fate
	Cause          string // error code of a rejected or indeterminate record
	Message        string // what the stream said to it
	ShardID        []byte
	SequenceNumber []byte
}

// Result is the outcome of one call. The zero value is ready for Put; using it
// again overwrites it.
type Result struct {
	Records      []Outcome
	Err          error // why the call as a whole failed; nil when records were answered one by one
	Started      time.Time
	Duration     time.Duration // to the answer, or until it was given up
	RequestBytes int           // length of the request's body

	answer []byte
}

func (r *Result) begin(n int, at time.Time) {
	r.Records = append(r.Records[:0], make([]Outcome, n)...)
	r.Err, r.Started, r.Duration, r.RequestBytes = nil, at, 0, 0
}

// settle gives all records the same fate.
func (r *Result) settle(fate Fate, cause string, err error) {
	r.Err = err
	message := err.Error()
	for i := range r.Records {
		r.Records[i] = Outcome{Fate: fate, Cause: cause, Message: message}
	}
}

// read settles the records by the answer of the stream.
func (r *Result) read(status int, errorType string, single bool) {
	if status != 200 {
		r.refuse(status, errorType)
		return
	}
	read := readPutRecords
	if single {
		read = readPutRecord
	}
	if err := read(r.answer, r.Records); err != nil {
		r.settle(Indeterminate, CauseMalformedAnswer, fmt.Errorf("read answer: %w", err))
	}
}

// refuse settles the records of a call that was answered with an error. An
// error without a code is not Kinesis's: below 500 something in between
// refused the request, from 500 on nobody knows how far it came.
func (r *Result) refuse(status int, errorType string) {
	var answer struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // matches "Message" as well
	}
	_ = json.Unmarshal(r.answer, &answer) // what is not JSON carries no code
	if answer.Type == "" {
		answer.Type = errorType
	}
	code := errorCode(answer.Type)
	if code != "" {
		r.settle(Rejected, code, errors.New(strings.TrimSpace(code+": "+answer.Message)))
		return
	}
	code = fmt.Sprintf("HTTP%d", status)
	err := fmt.Errorf("answer %d without an error code", status)
	if status >= 500 {
		r.settle(Indeterminate, code, err)
		return
	}
	r.settle(Rejected, code, err)
}

// errorCode is the bare code in "namespace#Code" (a body's __type) or
// "Code:http://…" (the header).
func errorCode(s string) string {
	s, _, _ = strings.Cut(s, ":")
	return s[strings.LastIndexByte(s, '#')+1:]
}
