package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"weir/internal/quota"
)

// FunctionConfig is a function: its configuration and what runs it, exactly one
// of InProcess, Work and Command.
type FunctionConfig struct {
	Name                string
	Timeout             time.Duration // 0: quota.DefaultFunctionTimeout
	MemoryMB            int           // 0: quota.MinMemoryMB
	ReservedConcurrency *int          // nil: none
	Runtime             string        // label in answers; empty: provided.al2023
	Handler             string        // _HANDLER of a process, and label; empty: bootstrap

	InProcess InProcess
	Work      *WorkModel
	// Command is a program and its arguments that speak the Runtime API. One
	// process runs per environment, in Dir (empty: the current one), with the
	// environment variables of this process, Lambda's own, and Env.
	Command []string
	Dir     string
	Env     map[string]string

	// Of the zipped deployment package; zero: there is none.
	codeBytes  int64
	codeSHA256 string
}

// InProcess is a function that runs inside this process. It must return soon
// after ctx ends, which it does at the function's timeout. Log lines go to the
// log stream of its environment. A *FunctionError keeps its type; any other
// error is a function error of type "Error".
type InProcess func(ctx context.Context, inv Invocation) (response []byte, logLines []string, err error)

// Invocation is what a function is called with.
type Invocation struct {
	RequestID    string
	FunctionName string
	FunctionARN  string
	Start        time.Time
	Deadline     time.Time

	// Set when an event source mapping invokes.
	StreamARN string
	Shard     string
	Records   []*Record // not to be kept or changed
	Window    *Window   // nil without tumbling windows; its state is a json.RawMessage

	payload []byte       // of a direct invocation
	source  *eventSource // of a mapping's
	dies    bool         // half way
}

// Payload is the event as JSON. A mapping's is built at the call: functions in
// process that look at Records only never pay for it.
func (i *Invocation) Payload() []byte {
	if i.source == nil {
		return i.payload
	}
	event := i.source.event(i.Shard, i.Records)
	if i.Window != nil {
		event = i.source.appendWindow(event, i.Shard, i.Window)
	}
	return event
}

// FunctionError is what went wrong in a function, as its caller sees it.
type FunctionError struct {
	Type    string `json:"errorType,omitempty"`
	Message string `json:"errorMessage"`

	raw     []byte // the runtime's own document, if it sent one
	crashed bool   // the environment is gone
	status  string // REPORT's: "timeout", "error" or none
}

// Error is the type and the message.
func (e *FunctionError) Error() string {
	if e.Type == "" {
		return e.Message
	}
	return e.Type + ": " + e.Message
}

func (e *FunctionError) document() []byte {
	if len(e.raw) > 0 {
		return e.raw
	}
	body, err := json.Marshal(e)
	if err != nil { // strings marshal
		panic(err)
	}
	return body
}

// exitError is the error of an environment whose runtime ended.
func exitError(requestID, how string) *FunctionError {
	return &FunctionError{
		Type: "Runtime.ExitError", Message: fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", requestID, how),
		crashed: true, status: "error",
	}
}

// timeoutError is the error of an invocation that ran into the timeout.
func timeoutError(requestID string, at time.Time, timeout time.Duration) *FunctionError {
	return &FunctionError{
		Message: fmt.Sprintf("%s %s Task timed out after %.2f seconds", isoMilliseconds(at), requestID, timeout.Seconds()),
		crashed: true, status: "timeout",
	}
}

// revision is a function's code and configuration, with the defaults filled in.
// It never changes: an update makes another, and an environment keeps the one
// that it was started with.
type revision struct {
	FunctionConfig
	id       string
	worker   *worker // of a WorkModel
	modified time.Time
}

func (s *Server) newRevision(c FunctionConfig) *revision {
	r := &revision{FunctionConfig: c.withDefaults(), id: s.random.uuid(), modified: s.now()}
	if c.Work != nil {
		r.worker = newWorker(*c.Work, s.cfg.Now)
	}
	return r
}

// function is a function and its environments.
type function struct {
	name, arn string
	series    functionSeries

	// The server's lock guards what follows.
	*revision
	environments Environments
	live         map[int]*environment
}

func (c FunctionConfig) validate() error {
	kinds := 0
	for _, set := range []bool{c.InProcess != nil, c.Work != nil, len(c.Command) > 0} {
		if set {
			kinds++
		}
	}
	switch {
	case c.Name == "":
		return errors.New("function without a name")
	case kinds != 1:
		return fmt.Errorf("function %s: want one of InProcess, Work and Command, have %d", c.Name, kinds)
	case c.Timeout < 0 || c.Timeout > quota.MaxFunctionTimeout:
		return fmt.Errorf("function %s: timeout %v outside 1s to %v", c.Name, c.Timeout, quota.MaxFunctionTimeout)
	case c.MemoryMB != 0 && (c.MemoryMB < quota.MinMemoryMB || c.MemoryMB > quota.MaxMemoryMB):
		return fmt.Errorf("function %s: memory %d MB outside %d to %d", c.Name, c.MemoryMB, quota.MinMemoryMB, quota.MaxMemoryMB)
	}
	return nil
}

func (c FunctionConfig) withDefaults() FunctionConfig {
	if c.Timeout == 0 {
		c.Timeout = quota.DefaultFunctionTimeout
	}
	if c.MemoryMB == 0 {
		c.MemoryMB = quota.MinMemoryMB
	}
	if c.Runtime == "" {
		c.Runtime = "provided.al2023"
	}
	if c.Handler == "" {
		c.Handler = "bootstrap"
	}
	c.Command = slices.Clone(c.Command)
	return c
}

func logGroup(function string) string { return "/aws/lambda/" + function }
