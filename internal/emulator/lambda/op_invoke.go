package lambda

import (
	"encoding/base64"
	"encoding/json"
	"net/http"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// serveInvoke is Invoke. RequestResponse waits for the function; Event does not;
// DryRun only looks whether the function is there. Qualifiers and client
// contexts are ignored.
func (s *Server) serveInvoke(w http.ResponseWriter, r *http.Request) {
	name, payload, err := s.invokeRequest(w, r)
	if err != nil {
		writeError(w, err, "")
		return
	}
	kind := r.Header.Get("X-Amz-Invocation-Type")
	switch kind {
	case "", "RequestResponse":
	case "DryRun":
		writeJSON(w, http.StatusNoContent, nil)
		return
	case "Event":
	default:
		writeError(w, invalid("Value '%s' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [RequestResponse, Event, DryRun]", kind), "")
		return
	}
	if !s.begin() {
		writeError(w, errClosed, "")
		return
	}
	if kind == "Event" {
		go func() {
			defer s.background.Done()
			s.invokeLater(s.ctx, name, payload)
		}()
		writeJSON(w, http.StatusAccepted, nil)
		return
	}
	defer s.background.Done()
	writeInvocation(w, s.invoke(s.ctx, name, &Invocation{payload: payload}), r.Header.Get("X-Amz-Log-Type") == "Tail")
}

func (s *Server) invokeRequest(w http.ResponseWriter, r *http.Request) (function string, payload []byte, err error) {
	payload, err = wire.ReadBody(w, r, quota.InvocationPayloadBytes, nil)
	if err != nil && wire.AsError(err).Status == http.StatusRequestEntityTooLarge {
		err = &wire.Error{Code: "RequestTooLargeException", Message: "Request must be smaller than 6291456 bytes for the InvokeFunction operation", Status: http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return "", nil, err
	}
	if len(payload) == 0 {
		payload = []byte("{}")
	}
	if !json.Valid(payload) {
		return "", nil, &wire.Error{Code: "InvalidRequestContentException", Message: "Could not parse request body into json", Status: http.StatusBadRequest}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.function(r.PathValue("name"))
	if err != nil {
		return "", nil, err
	}
	return f.name, payload, nil
}

func writeInvocation(w http.ResponseWriter, result invocation, tail bool) {
	switch {
	case result.missing != nil:
		writeError(w, result.missing, "")
		return
	case result.throttled != "":
		w.Header().Set("Retry-After", "1")
		writeError(w, &wire.Error{Code: "TooManyRequestsException", Message: "Rate Exceeded.", Status: http.StatusTooManyRequests}, result.throttled)
		return
	case result.aborted:
		writeError(w, errClosed, "")
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set(wire.RequestIDHeader, wire.RequestID())
	h.Set("X-Amz-Executed-Version", latest)
	if result.failed != nil {
		h.Set("X-Amz-Function-Error", "Unhandled")
	}
	if tail {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(result.logTail))
	}
	_, _ = w.Write(result.response) // a client that is gone has no use for it
}
