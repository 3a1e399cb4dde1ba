package ui

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a page in Chromium and what it did.
type browser struct {
	t    *testing.T
	ctx  context.Context //nolint:containedctx // chromedp's handle of the page
	base string

	mu       sync.Mutex
	requests []string
	errors   []string
}

// browse opens the server's pages in this machine's Chromium. Without one the
// test is skipped, unless WEIR_REQUIRE names chromium.
func browse(t *testing.T, o Options) *browser {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if slices.Contains(strings.Split(os.Getenv("WEIR_REQUIRE"), ","), "chromium") {
			t.Fatal("there is no chromium, and WEIR_REQUIRE demands it")
		}
		t.Skip("there is no chromium on this machine")
	}
	pages := New(o)
	pages.lookEvery, pages.streamEvery = time.Millisecond, 50*time.Millisecond
	server := httptest.NewServer(pages.Handler())
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute) // the browser is closed in order, after the test
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b := &browser{t: t, ctx: ctx, base: server.URL}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits until the browser has ended
			t.Errorf("close chromium: %v", err)
		}
		server.CloseClientConnections()
	})
	b.listen()
	b.do(network.Enable(), log.Enable(), chromedp.EmulateViewport(1200, 900))
	return b
}

func (b *browser) listen() {
	chromedp.ListenTarget(b.ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch event := event.(type) {
		case *network.EventRequestWillBeSent:
			b.requests = append(b.requests, event.Request.URL)
		case *runtime.EventExceptionThrown:
			b.errors = append(b.errors, event.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if event.Entry.Level == log.LevelError || event.Entry.Level == log.LevelWarning {
				b.errors = append(b.errors, event.Entry.Text)
			}
		case *runtime.EventConsoleAPICalled:
			text, err := json.Marshal(event.Args)
			b.errors = append(b.errors, fmt.Sprint(event.Type, " ", string(text), err))
		}
	})
}

func (b *browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// open goes to a page of the server.
func (b *browser) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
}

// wait waits until an expression is true in the page.
func (b *browser) wait(expression string) {
	b.t.Helper()
	// What is not there yet is not an error.
	quiet := "(() => { try { return Boolean(" + expression + ") } catch { return false } })()"
	if err := chromedp.Run(b.ctx, chromedp.Poll(quiet, nil, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(15*time.Second))); err != nil {
		var text string
		_ = chromedp.Run(b.ctx, chromedp.Text("main", &text, chromedp.ByQuery)) // only to show what there is
		b.t.Fatalf("%s never became true: %v\nerrors: %q\nthe page says: %s", expression, err, b.errors, text)
	}
}

// text is an expression's value as text.
func (b *browser) text(expression string) string {
	b.t.Helper()
	var text string
	b.do(chromedp.Evaluate("String("+expression+")", &text))
	return text
}

// press presses keys, one after another: letters, or those of package kb.
func (b *browser) press(keys ...string) {
	b.t.Helper()
	for _, k := range keys {
		if k[0] < ' ' || k[0] > '~' {
			b.do(chromedp.KeyEvent(k))
			continue
		}
		// The letter comes with the key, as from a keyboard: a page that takes the
		// key keeps the letter out of its fields.
		b.do(input.DispatchKeyEvent(input.KeyDown).WithKey(k).WithText(k), input.DispatchKeyEvent(input.KeyUp).WithKey(k))
	}
}

// keep fails where the page is wider than its window, in both themes and two
// widths. `go test -artifacts` keeps pictures of them.
func (b *browser) keep(name string) {
	b.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1200, 400} {
			var wide int64
			b.do(
				chromedp.EmulateViewport(width, 900),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
				chromedp.Evaluate(`new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(document.documentElement.scrollWidth))))`, &wide,
					func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }),
			)
			if wide > width {
				b.t.Errorf("%s, %s: the page is %d px wide in a window of %d", name, scheme, wide, width)
			}
			if flag.Lookup("test.artifacts").Value.String() == "true" {
				b.picture(fmt.Sprintf("%s-%s-%d.png", name, scheme, width))
			}
		}
	}
	b.do(chromedp.EmulateViewport(1200, 900))
}

// picture keeps a picture of the whole page.
func (b *browser) picture(name string) {
	b.t.Helper()
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
		data, err := page.CaptureScreenshot().WithCaptureBeyondViewport(true).Do(ctx)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(b.t.ArtifactDir(), name), data, 0o644)
	}))
}

// check fails the test for every request beyond the server and every word on
// the console.
func (b *browser) check() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) == 0 {
		b.t.Error("no request was seen, so that others may have been missed")
	}
	for _, url := range b.requests {
		if !strings.HasPrefix(url, b.base+"/") && !strings.HasPrefix(url, "data:") {
			b.t.Errorf("the page asks for %s", url)
		}
	}
	for _, text := range b.errors {
		b.t.Errorf("on the console: %s", text)
	}
}
