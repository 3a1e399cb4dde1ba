package wire

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener on connections in memory, whose deadlines obey the
// test's clock.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accepted:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error   { close(p.closed); return nil }
func (p pipes) Addr() net.Addr { return &net.TCPAddr{} }

// A client that sends its body too slowly is answered and let go; one whose
// answer takes long may wait for it.
func TestBodiesMustArriveInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		listener := pipes{make(chan net.Conn), make(chan struct{})}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, err := ReadBody(w, r, 100, nil); err != nil {
				WriteError(w, r, err)
				return
			}
			time.Sleep(10 * BodyTime) // a long answer
			if r.Context().Err() != nil {
				t.Error("the deadline for the body ended the request")
			}
			WriteJSON(w, r, http.StatusOK, nil)
		})}
		go server.Serve(listener)
		defer server.Close()

		for _, test := range []struct {
			body   string
			status int
			after  time.Duration
		}{
			{"0123456789", http.StatusOK, 10 * BodyTime},
			{"0123", http.StatusRequestTimeout, BodyTime},
		} {
			client, served := net.Pipe()
			listener.accepted <- served
			began := time.Now()
			if _, err := fmt.Fprintf(client, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n%s", test.body); err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(client), nil)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != test.status || time.Since(began) != test.after {
				t.Errorf("%q was answered %d after %v, want %d after %v", test.body, response.StatusCode, time.Since(began), test.status, test.after)
			}
			client.Close()
		}
	})
}
