package lambda

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// An asynchronous invocation that fails is tried again after a minute and after
// two more, and then dropped; one that is throttled waits 1, 2, 4 … s.
func TestEventInvocationsAreRetried(t *testing.T) {
	for name, test := range map[string]struct {
		failures int           // attempts that fail
		refused  time.Duration // how long the function may not run at all
		want     []string      // when it was called
	}{
		"success":   {want: []string{"0s"}},
		"recovers":  {failures: 1, want: []string{"0s", "1m0s"}},
		"dropped":   {failures: 9, want: []string{"0s", "1m0s", "3m0s"}},
		"throttled": {refused: 5 * time.Second, want: []string{"7s"}}, // refused at 0, 1, 3 s
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var got []string
				handle := func(context.Context, Invocation) ([]byte, []string, error) {
					got = append(got, time.Since(began).String())
					if len(got) <= test.failures {
						return nil, nil, errors.New("fails")
					}
					return nil, nil, nil
				}
				server := New(Config{})
				defer func() {
					if err := server.Close(); err != nil {
						t.Error(err)
					}
				}()
				f := FunctionConfig{Name: "f", InProcess: handle}
				if test.refused > 0 {
					f.ReservedConcurrency = new(0)
				}
				if err := server.CreateFunction(f); err != nil {
					t.Fatal(err)
				}
				r := httptest.NewRequest(http.MethodPost, "/2015-03-31/functions/f/invocations", strings.NewReader("{}"))
				r.Header.Set("X-Amz-Invocation-Type", "Event")
				w := httptest.NewRecorder()
				server.ServeHTTP(w, r)
				if w.Code != http.StatusAccepted {
					t.Fatalf("%d %s", w.Code, w.Body)
				}
				time.Sleep(test.refused)
				server.mu.Lock()
				err := server.concurrency.Reserve("f", 10)
				server.mu.Unlock()
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("calls (-want +got):\n%s", diff)
				}
			})
		})
	}
}
