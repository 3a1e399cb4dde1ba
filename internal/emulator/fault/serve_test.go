package fault

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

// A call waits for the stall and is then carried out; one whose client goes away
// meanwhile leaves nothing done.
func TestServeWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := NewSchedule(1)
		if _, err := s.Add(Fault{Kind: Stall, Length: 3 * time.Second}, time.Now()); err != nil {
			t.Fatal(err)
		}
		served := 0
		call := Call{Service: Kinesis, Operation: "PutRecords", Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ })}
		began := time.Now()
		gone, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s.Serve(httptest.NewRecorder(), httptest.NewRequestWithContext(gone, http.MethodPost, "/", nil), call)
		if served != 0 || time.Since(began) != time.Second {
			t.Errorf("a client that went away after 1s: served %d, after %v", served, time.Since(began))
		}
		s.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/", nil), call)
		if served != 1 || time.Since(began) != 3*time.Second {
			t.Errorf("served %d, after %v; want 1 after 3s", served, time.Since(began))
		}
	})
}

// Who reaches the pipeline from another machine can't order faults.
func TestAdminIsForThisMachine(t *testing.T) {
	for address, want := range map[string]int{"192.0.2.7:5000": http.StatusForbidden, "127.0.0.1:5000": http.StatusOK, "[::1]:5000": http.StatusOK} {
		r := httptest.NewRequest(http.MethodGet, AdminPath, nil)
		r.RemoteAddr = address
		w := httptest.NewRecorder()
		Admin(orders{}).ServeHTTP(w, r)
		if w.Code != want {
			t.Errorf("%s: status %d, want %d", address, w.Code, want)
		}
	}
}

type orders struct{}

func (orders) Order(string) (int, error) { return 0, nil }
func (orders) End(int) bool              { return false }
func (orders) EndAll()                   {}
func (orders) Faults() []Status          { return nil }
