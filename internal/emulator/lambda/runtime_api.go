package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"

	"weir/internal/quota"
)

// runtimeAPI is the Lambda Runtime API of one environment, on a loopback port
// (lambda/latest/dg/runtimes-api, read 2026-11-22).
type runtimeAPI struct {
	listener net.Listener
	server   *http.Server
	done     sync.WaitGroup
	calls    chan *apiCall
	ready    chan struct{} // closed at the first request for an invocation
	once     sync.Once
	closing  chan struct{}

	freeze, thaw func() // around the wait for an invocation

	initErrors chan *FunctionError

	mu      sync.Mutex
	current *apiCall
}

// apiCall is one invocation on its way through the API.
type apiCall struct {
	inv     *Invocation
	payload []byte
	trace   string
	taken   chan struct{} // closed when the runtime has it
	reply   chan apiReply
}

type apiReply struct {
	response []byte
	failed   *FunctionError
}

func newAPICall(inv *Invocation) *apiCall {
	return &apiCall{
		inv: inv, payload: inv.Payload(), trace: "Root=1-" + strconv.FormatInt(inv.Start.Unix(), 16) + "-" + inv.RequestID[:8],
		taken: make(chan struct{}), reply: make(chan apiReply, 1),
	}
}

func newRuntimeAPI(freeze, thaw func()) (*runtimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	a := &runtimeAPI{
		listener: listener, calls: make(chan *apiCall), ready: make(chan struct{}),
		closing: make(chan struct{}), initErrors: make(chan *FunctionError, 1),
		freeze: freeze, thaw: thaw,
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initFailure)
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: quota.InitTimeout}
	a.done.Go(func() { _ = a.server.Serve(listener) }) // ends with close
	return a, nil
}

func (a *runtimeAPI) address() string { return a.listener.Addr().String() }

// close ends the API; the process must be gone.
func (a *runtimeAPI) close() {
	a.mu.Lock()
	select {
	case <-a.closing:
	default:
		close(a.closing)
	}
	a.mu.Unlock()
	_ = a.server.Close() // connections of a dead process have nothing to lose
	a.done.Wait()
}

// next hands over the next invocation, however long that takes to come.
func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	a.once.Do(func() { close(a.ready) })
	call := a.await(r.Context())
	if call == nil {
		return
	}
	a.mu.Lock()
	a.current = call
	a.mu.Unlock()
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Lambda-Runtime-Aws-Request-Id", call.inv.RequestID)
	h.Set("Lambda-Runtime-Invocation-Id", call.inv.RequestID)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.inv.Deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", call.inv.FunctionARN)
	h.Set("Lambda-Runtime-Trace-Id", call.trace)
	h.Set("Content-Length", strconv.Itoa(len(call.payload)))
	_, _ = w.Write(call.payload) // a runtime that is gone ends the call by its exit
	_ = http.NewResponseController(w).Flush()
	close(call.taken)
}

// await is the next invocation, or nil when there will be none. The process is
// frozen unless it is there already.
func (a *runtimeAPI) await(ctx context.Context) *apiCall {
	select {
	case call := <-a.calls:
		return call
	default:
	}
	a.freeze()
	defer a.thaw()
	select {
	case call := <-a.calls:
		return call
	case <-a.closing:
	case <-ctx.Done():
	}
	return nil
}

// take claims the invocation of a request's path for its one reply, or answers
// what the API answers.
func (a *runtimeAPI) take(w http.ResponseWriter, r *http.Request) *apiCall {
	a.mu.Lock()
	defer a.mu.Unlock()
	id := r.PathValue("id")
	if a.current == nil || a.current.inv.RequestID != id {
		apiError(w, http.StatusBadRequest, "InvalidRequestID", "no invocation "+id+" is under way")
		return nil
	}
	if echo := r.Header.Get("Lambda-Runtime-Invocation-Id"); echo != "" && echo != id {
		apiError(w, http.StatusBadRequest, "InvalidInvocationId", "the invocation id is another's")
		return nil
	}
	call := a.current
	a.current = nil
	return call
}

func (a *runtimeAPI) response(w http.ResponseWriter, r *http.Request) {
	body, err := readRuntimeBody(r)
	if err != nil && !errors.Is(err, errTooLarge) {
		apiError(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	call := a.take(w, r)
	if call == nil {
		return
	}
	if err != nil {
		apiError(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
		call.reply <- apiReply{failed: &FunctionError{Type: "Function.ResponseSizeTooLarge", Message: "Response payload size exceeded maximum allowed payload size (6291556 bytes)."}}
		return
	}
	accepted(w)
	call.reply <- apiReply{response: body}
}

func (a *runtimeAPI) failure(w http.ResponseWriter, r *http.Request) {
	failed := readFailure(r)
	if call := a.take(w, r); call != nil {
		accepted(w)
		call.reply <- apiReply{failed: failed}
	}
}

func (a *runtimeAPI) initFailure(w http.ResponseWriter, r *http.Request) {
	failed := readFailure(r)
	accepted(w)
	select {
	case a.initErrors <- failed:
	default: // the first one counts
	}
}

// maxResponseBytes is the largest answer of a synchronous invocation: 6 MB and
// a little for its envelope, the figure in Lambda's own error message.
const maxResponseBytes = 6291556

var errTooLarge = errors.New("the body is larger than 6291556 bytes")

func readRuntimeBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxResponseBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read body: %w", err)
	}
	if len(body) > maxResponseBytes {
		return nil, errTooLarge
	}
	return body, nil
}

func readFailure(r *http.Request) *FunctionError {
	failed := &FunctionError{}
	body, err := readRuntimeBody(r)
	if err == nil && json.Unmarshal(body, failed) == nil {
		failed.raw = body
	}
	if failed.Type == "" {
		failed.Type = r.Header.Get("Lambda-Runtime-Function-Error-Type")
	}
	return failed
}

func accepted(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
	_ = http.NewResponseController(w).Flush()
}

func apiError(w http.ResponseWriter, status int, kind, message string) {
	body, err := json.Marshal(FunctionError{Type: kind, Message: message})
	if err != nil { // strings marshal
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
