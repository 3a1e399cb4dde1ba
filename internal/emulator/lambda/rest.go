package lambda

import (
	"encoding/json"
	"net/http"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// maxRequestBytes bounds the body of an operation other than Invoke and those
// that have a base64 deployment package.
const (
	maxRequestBytes     = 1 << 20
	maxCodeRequestBytes = maxRequestBytes + quota.CodeZipBytes/3*4
)

const (
	createFunctionRoute = "POST /2015-03-31/functions"
	updateCodeRoute     = "PUT /2015-03-31/functions/{name}/code"
)

// operation answers one call of the API: with a status and a body to be written
// as JSON (nil: none), or an error, a *wire.Error where it is the client's.
type operation func(r *http.Request, body []byte) (status int, answer any, err error)

// routes names the operations. A path with and one without a slash at its end
// are the same.
func (s *Server) routes() {
	s.mux = http.NewServeMux()
	for pattern, op := range map[string]operation{
		createFunctionRoute: s.createFunction,
		updateCodeRoute:     s.updateFunctionCode,
		"PUT /2015-03-31/functions/{name}/configuration":  s.updateFunctionConfiguration,
		"DELETE /2015-03-31/functions/{name}":             s.deleteFunction,
		"GET /2015-03-31/functions":                       s.listFunctions,
		"GET /2015-03-31/functions/{name}":                s.getFunction,
		"GET /2015-03-31/functions/{name}/configuration":  s.getFunctionConfiguration,
		"PUT /2017-10-31/functions/{name}/concurrency":    s.putFunctionConcurrency,
		"GET /2019-09-30/functions/{name}/concurrency":    s.getFunctionConcurrency,
		"GET /2016-08-19/account-settings":                s.getAccountSettings,
		"POST /2015-03-31/event-source-mappings":          s.createEventSourceMapping,
		"GET /2015-03-31/event-source-mappings":           s.listEventSourceMappings,
		"GET /2015-03-31/event-source-mappings/{uuid}":    s.getEventSourceMapping,
		"PUT /2015-03-31/event-source-mappings/{uuid}":    s.updateEventSourceMapping,
		"DELETE /2015-03-31/event-source-mappings/{uuid}": s.deleteEventSourceMapping,
	} {
		limit := int64(maxRequestBytes)
		if pattern == createFunctionRoute || pattern == updateCodeRoute {
			limit = maxCodeRequestBytes
		}
		s.mux.HandleFunc(pattern, serve(op, limit))
		s.mux.HandleFunc(pattern+"/{$}", serve(op, limit))
	}
	s.mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", s.serveInvoke)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeError(w, &wire.Error{Code: "UnknownOperationException", Message: "The embedded Lambda does not have this operation.", Status: http.StatusNotFound}, "")
	})
}

// ServeHTTP answers the requests of Lambda's REST API (restJson1).
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func serve(op operation, limit int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := wire.ReadBody(w, r, limit, nil)
		if err != nil {
			writeError(w, err, "")
			return
		}
		status, answer, err := op(r, body)
		if err != nil {
			writeError(w, err, "")
			return
		}
		writeJSON(w, status, answer)
	}
}

func writeJSON(w http.ResponseWriter, status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil { // our own types marshal
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set(wire.RequestIDHeader, wire.RequestID())
	w.WriteHeader(status)
	if answer != nil {
		_, _ = w.Write(body) // a client that is gone has no use for it
	}
}

// WriteError answers with an error as the service does.
func WriteError(w http.ResponseWriter, _ *http.Request, e *wire.Error) { writeError(w, e, "") }

// writeError answers in restJson1's shape: the code in a header, the rest in
// the body.
func writeError(w http.ResponseWriter, err error, reason ThrottleReason) {
	e := wire.AsError(err)
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	kind := "User"
	if e.Status >= http.StatusInternalServerError {
		kind = "Service"
	}
	writeJSON(w, e.Status, struct {
		Reason  ThrottleReason `json:",omitempty"`
		Type    string
		Message string `json:"message"`
	}{reason, kind, e.Message})
}
