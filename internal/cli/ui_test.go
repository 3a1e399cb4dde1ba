package cli

import (
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"weir/internal/record"
)

// The pages are served on loopback from what the flags name until weir is
// interrupted.
func TestUIServesUntilInterrupted(t *testing.T) {
	runs := t.TempDir()
	w, err := record.Create(runs, "shown", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.WriteRun(record.Run{Status: record.Complete}); err != nil {
		t.Fatal(err)
	}
	said, saying := io.Pipe()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	code := make(chan int, 1)
	go func() {
		code <- Main(ctx, Process{
			Args: []string{"ui", "--runs", runs, "--addr", "127.0.0.1:0"}, Getenv: func(string) string { return "" }, Stdout: io.Discard, Stderr: saying,
		})
	}()
	text := make([]byte, 4096)
	n, err := said.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	go io.Copy(io.Discard, said)
	url := regexp.MustCompile(`http://127\.0\.0\.1:\d+/`).FindString(string(text[:n]))
	if url == "" {
		t.Fatalf("weir ui says no address: %s", text[:n])
	}
	response, err := http.Get(url + "api/runs") //nolint:noctx // the test's own server
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), w.ID()) {
		t.Errorf("%v: the runs are %s, want %s among them", err, body, w.ID())
	}
	interrupt()
	if got := <-code; got != ExitPass {
		t.Errorf("exit code %d after an interrupt, want %d", got, ExitPass)
	}
}

func TestUIAddressInUse(t *testing.T) {
	taken, err := listenUI("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var said strings.Builder
	code := Main(t.Context(), Process{
		Args: []string{"ui", "--addr", taken.Addr().String()}, Getenv: func(string) string { return "" }, Stdout: io.Discard, Stderr: &said,
	})
	if code != ExitUsage || !strings.Contains(said.String(), "127.0.0.1:0 for a free port") {
		t.Errorf("exit code %d, %s; want %d and a hint at a free port", code, said.String(), ExitUsage)
	}
}
