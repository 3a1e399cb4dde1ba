package ui

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A name that somebody else points at this machine is refused, whatever it
// asks for.
func TestHostsThatAreAnswered(t *testing.T) {
	handler := New(Options{Runs: t.TempDir(), Hosts: []string{"build7.example.com"}, Alive: alive}).Handler()
	for host, want := range map[string]int{
		"localhost":               200,
		"localhost:4568":          200,
		"LOCALHOST:4568":          200,
		"127.0.0.1:4568":          200,
		"[::1]:4568":              200,
		"192.168.1.7:4568":        200, // an address can't be pointed elsewhere
		"build7.example.com:4568": 200,
		"build7.example.com":      200,
		"evil.example.com":        403,
		"evil.example.com:4568":   403,
		"localhost.example.com":   403,
		"127.0.0.1.example.com":   403,
		"":                        403,
	} {
		for _, path := range []string{"/", "/api/runs", "/api/campaigns"} {
			r := httptest.NewRequest(http.MethodGet, "http://x"+path, nil)
			r.Host = host
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s for host %q: %d, want %d", path, host, w.Code, want)
			}
			if !strings.HasPrefix(w.Header().Get("Content-Security-Policy"), "default-src 'none'") {
				t.Errorf("%s for host %q has no policy", path, host)
			}
		}
	}
}

// Nothing is changed, and nothing outside the folders is read.
func TestPathsStayInTheFolders(t *testing.T) {
	root := t.TempDir()
	runs := filepath.Join(root, "runs")
	inside := finished(t, runs, "inside", evening, time.Second, 10)
	outside := finished(t, filepath.Join(root, "elsewhere"), "outside", evening, time.Second, 10)
	if err := os.Symlink(outside.w.Dir(), filepath.Join(runs, "link")); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(root, "secret.html")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	tempting := finished(t, runs, "tempting", evening, time.Second, 10)
	if err := os.Remove(tempting.w.Path("report.html")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(secret, tempting.w.Path("report.html")); err != nil {
		t.Fatal(err)
	}
	handler := New(Options{Runs: runs, Alive: alive}).Handler()
	in, out := inside.w.ID(), outside.w.ID()
	for _, test := range []struct {
		method, path string
		want         int
	}{
		{"GET", "/api/runs/" + in, 200},
		{"GET", "/runs/" + in + "/report.html", 200},
		{"GET", "/api/runs/" + out, 404},
		{"GET", "/api/runs/..%2Felsewhere%2F" + out, 404},
		{"GET", "/api/runs/..%5Celsewhere%5C" + out, 404},
		{"GET", "/api/runs/%2e%2e", 404},
		{"GET", "/api/runs/link", 404},
		{"GET", "/runs/link/report.html", 404},
		{"GET", "/runs/" + tempting.w.ID() + "/report.html", 404}, // a link out of the run
		{"GET", "/api/compare/" + in + "/link", 404},
		{"GET", "/runs/" + in + "/run.json", 404},
		{"GET", "/ui.go", 404},
		{"GET", "/api/runs/" + in + "/events?from=-1", 400},
		{"GET", "/api/runs/" + in + "/events?from=x", 400},
		{"POST", "/api/runs", 405},
		{"DELETE", "/api/runs/" + in, 405},
	} {
		r := httptest.NewRequest(test.method, "http://localhost"+test.path, nil)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != test.want {
			t.Errorf("%s %s: %d, want %d", test.method, test.path, w.Code, test.want)
		}
		if strings.Contains(w.Body.String(), "secret\n") || w.Body.String() == "secret" {
			t.Errorf("%s %s tells the secret", test.method, test.path)
		}
	}
}

// A report, which is a file that others may have touched, can do nothing to the
// pages it is served beside.
func TestReportsAreSandboxed(t *testing.T) {
	root := t.TempDir()
	r := finished(t, root, "inside", evening, time.Second, 10)
	w := httptest.NewRecorder()
	New(Options{Runs: root, Alive: alive}).Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/runs/"+r.w.ID()+"/report.html", nil))
	policy := w.Header().Get("Content-Security-Policy")
	for _, part := range []string{"default-src 'none'", "sandbox allow-scripts"} {
		if !strings.Contains(policy, part) {
			t.Errorf("the report's policy %q lacks %s", policy, part)
		}
	}
	if strings.Contains(policy, "connect-src") || strings.Contains(policy, "allow-same-origin") {
		t.Errorf("the report's policy %q lets it reach the pages", policy)
	}
}
