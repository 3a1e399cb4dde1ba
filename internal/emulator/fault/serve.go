package fault

import (
	"io"
	"net"
	"net/http"
	"time"

	"weir/internal/emulator/wire"
)

// Call is one request on its way to the service that it is meant for.
type Call struct {
	Service   string // one of Services
	Operation string // AWS's name; empty where only the body has it
	Handler   http.Handler
	// Fail writes an error as the service does.
	Fail func(http.ResponseWriter, *http.Request, *wire.Error)
}

// Serve carries a call out with what the faults do to it.
func (s *Schedule) Serve(w http.ResponseWriter, r *http.Request, c Call) {
	v := s.Call(c.Service, c.Operation, time.Now())
	if v == (Verdict{}) {
		c.Handler.ServeHTTP(w, r)
		return
	}
	if !wire.Wait(r.Context(), v.Wait) {
		return // the client is gone: nothing is done
	}
	if v.Error != nil || v.Reset {
		// A client that is still sending would not see what comes of it.
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, longestBody))
	}
	switch {
	case v.Error != nil:
		c.Fail(w, r, v.Error)
	case v.Reset:
		reset(w)
	case v.DropAnswer:
		c.Handler.ServeHTTP(unheard{}, r)
		panic(http.ErrAbortHandler) // net/http's way to close a connection without an answer
	default:
		c.Handler.ServeHTTP(w, r)
	}
}

// longestBody is more than any request of AWS's clients to these services has.
const longestBody = 32 << 20

// reset makes the client see ECONNRESET; over HTTP/2, a reset stream.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // closing then sends RST; without it the client sees an end of file
	}
	_ = conn.Close()
}

// unheard takes an answer that nobody gets.
type unheard struct{}

func (unheard) Header() http.Header         { return http.Header{} }
func (unheard) Write(b []byte) (int, error) { return len(b), nil }
func (unheard) WriteHeader(int)             {}
