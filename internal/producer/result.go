package producer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
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
	Tries          uint32 // calls that it was part of, the last one's answer being this outcome; at least 1
	Cause          string // error code of a rejected or indeterminate record
	Message        string // what the stream said to it
	ShardID        []byte
	SequenceNumber []byte
}

// Result is the outcome of one Put. The zero value is ready for Put; using it
// again overwrites it.
type Result struct {
	Records  []Outcome
	Err      error // why the last call as a whole failed; nil when records were answered one by one
	Started  time.Time
	Duration time.Duration // to the last answer, or until it was given up
	// Calls are the calls made, in order: one, and those that a retry policy
	// asked for. A call that never left this machine is one of them.
	Calls []Call

	request  []byte    // the last one, after the room for its head
	answers  [][]byte  // of each call
	left     []int     // places in Records of those put again
	records  []Record  // those records
	outcomes []Outcome // and what became of them this time
}

// Call is one request.
type Call struct {
	After    time.Duration // start, after the start of Put
	Duration time.Duration // to the answer, or until it was given up
	Records  int
	Bytes    int // length of the request's body; 0 when none was made
}

// Retries is the number of times that records were put again.
func (r *Result) Retries() int {
	n := 0
	for _, c := range r.Calls[1:] {
		n += c.Records
	}
	return n
}

// Answered is when the outcome of record i came.
func (r *Result) Answered(i int) time.Time {
	c := r.Calls[r.Records[i].Tries-1]
	return r.Started.Add(c.After + c.Duration)
}

// FateRun is the end of the run of records, from the given one on, that have
// the same fate and cause.
func (r *Result) FateRun(from int) int {
	first := &r.Records[from]
	to := from + 1
	for to < len(r.Records) && r.Records[to].Fate == first.Fate && r.Records[to].Cause == first.Cause {
		to++
	}
	return to
}

func (r *Result) begin(n int, at time.Time) {
	r.Records = slices.Grow(r.Records[:0], n)[:n]
	clear(r.Records)
	r.Err, r.Started, r.Duration, r.Calls = nil, at, 0, r.Calls[:0]
}

// round makes one call with records, notes it in result and settles outcomes.
type round func(records []Record, outcomes []Outcome, r *Result)

// run makes the first call and those that the policy, if any, asks for. When
// ctx ends, no further call is made.
func (r *Result) run(ctx context.Context, records []Record, p policy, call round) {
	call(records, r.Records, r)
	for i := range r.Records {
		r.Records[i].Tries = 1
	}
	if p != nil {
		r.repeat(ctx, records, p, call)
	}
	last := r.Calls[len(r.Calls)-1]
	r.Duration = last.After + last.Duration
}

func (r *Result) repeat(ctx context.Context, records []Record, p policy, call round) {
	var t turn
	for {
		pause, again := p.next(r, &t)
		if !again || !wait(ctx, pause) {
			return
		}
		r.left, r.records = r.left[:0], r.records[:0]
		for i := range r.Records {
			if p.takes(&r.Records[i]) {
				r.left, r.records = append(r.left, i), append(r.records, records[i])
			}
		}
		r.outcomes = slices.Grow(r.outcomes[:0], len(r.left))[:len(r.left)]
		clear(r.outcomes)
		call(r.records, r.outcomes, r)
		for k, i := range r.left {
			r.Records[i].follow(r.outcomes[k])
		}
	}
}

// follow takes over a later try's outcome. A record that may be in the stream
// since an earlier try stays so when a later one is refused.
func (o *Outcome) follow(later Outcome) {
	later.Tries = o.Tries + 1
	if o.Fate == Indeterminate && later.Fate == Rejected {
		later.Fate = Indeterminate
	}
	*o = later
}

// wait waits and reports true, or false when ctx ends before.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

// keep takes the body of an answer over; it lives as long as the result does.
func (r *Result) keep(resp *fasthttp.Response) []byte {
	k := len(r.Calls)
	for k >= len(r.answers) { // calls before may have had no answer
		r.answers = append(r.answers, nil)
	}
	r.answers[k] = resp.SwapBody(r.answers[k][:0])
	return r.answers[k]
}

// callError is why a call as a whole failed, with what the SDK's retryer asks
// of an error.
type callError struct {
	err       error
	code      string // the stream's error code
	status    int    // of the answer; 0 without one
	transport bool   // no answer came
	timeout   bool
}

func (e *callError) Error() string         { return e.err.Error() }
func (e *callError) Unwrap() error         { return e.err }
func (e *callError) ErrorCode() string     { return e.code }
func (e *callError) HTTPStatusCode() int   { return e.status }
func (e *callError) ConnectionError() bool { return e.transport }
func (e *callError) Timeout() bool         { return e.timeout }

// settle gives all records of a call the same fate.
func settle(outcomes []Outcome, fate Fate, cause string, err error) {
	message := err.Error()
	for i := range outcomes {
		outcomes[i] = Outcome{Fate: fate, Cause: cause, Message: message}
	}
}

// read settles the records of a call by its answer. The error is the call's as
// a whole.
func (f *format) read(status int, errorType string, answer []byte, single bool, outcomes []Outcome) error {
	if status != 200 {
		return f.refuse(status, errorType, answer, outcomes)
	}
	readAnswer := f.readPutRecords
	if single {
		readAnswer = f.readPutRecord
	}
	if err := readAnswer(answer, outcomes); err != nil {
		err = &callError{err: fmt.Errorf("read answer: %w", err), status: status}
		settle(outcomes, Indeterminate, CauseMalformedAnswer, err)
		return err
	}
	return nil
}

// refuse settles the records of a call that was answered with an error. An
// error without a code is not Kinesis's: below 500 something in between
// refused the request, from 500 on nobody knows how far it came.
func (f *format) refuse(status int, errorType string, answer []byte, outcomes []Outcome) error {
	var body struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // matches "Message" as well
	}
	_ = f.decodeAnswer(answer, &body) // a body in another format carries no code
	if body.Type == "" {
		body.Type = errorType
	}
	if code := errorCode(body.Type); code != "" {
		err := &callError{err: errors.New(strings.TrimSpace(code + ": " + body.Message)), code: code, status: status}
		settle(outcomes, Rejected, code, err)
		return err
	}
	fate := Rejected
	if status >= 500 {
		fate = Indeterminate
	}
	err := &callError{err: fmt.Errorf("answer %d without an error code", status), status: status}
	settle(outcomes, fate, fmt.Sprintf("HTTP%d", status), err)
	return err
}

// errorCode is the bare code in "namespace#Code" (a body's __type) or
// "Code:http://…" (the header).
func errorCode(s string) string {
	s, _, _ = strings.Cut(s, ":")
	return s[strings.LastIndexByte(s, '#')+1:]
}
