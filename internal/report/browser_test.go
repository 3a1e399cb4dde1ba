package report_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"weir/internal/judge"
	"weir/internal/report"
)

// page is what a browser says of the report, measured by layout below.
type page struct {
	Verdict    string // the text of the verdict, empty where it can't be seen
	Pictures   int
	Hidden     []string // pictures without a box
	Width      int      // of the window
	Scrolls    int      // width of what is in it: more than Width scrolls sideways
	Background string
}

// layout runs in the page and returns a page.
const layout = `(() => {
  const visible = e => { const b = e.getBoundingClientRect(); return b.width > 0 && b.height > 0 && getComputedStyle(e).visibility === 'visible'; };
  const verdict = document.querySelector('header .verdict');
  const pictures = [...document.querySelectorAll('svg')];
  return {
    Verdict: verdict && visible(verdict) ? verdict.innerText : '',
    Pictures: pictures.length,
    Hidden: pictures.filter(e => !visible(e)).map(e => e.outerHTML.slice(0, 80)),
    Width: document.documentElement.clientWidth,
    Scrolls: document.documentElement.scrollWidth,
    Background: getComputedStyle(document.body).backgroundColor,
  };
})()`

// The report as a reader sees it: in Chromium, on a screen and on a telephone,
// by day and by night, without a word to any other host.
func TestReportInChromium(t *testing.T) {
	file := filepath.Join(t.TempDir(), "report.html")
	d := report.RealisticRun()
	v := judge.Judge(d, judge.Options{})
	var b bytes.Buffer
	if err := report.HTML(&b, d, v); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}

	ctx := startChromium(t)
	seen := listen(ctx)
	if err := chromedp.Run(ctx, network.Enable(), log.Enable(), chromedp.Navigate("file://"+file)); err != nil {
		t.Fatalf("open the report: %v", err)
	}
	backgrounds := map[string]string{}
	for _, width := range []int64{1200, 400} {
		for _, scheme := range []string{"light", "dark"} {
			name := fmt.Sprintf("%s at %d px", scheme, width)
			var p page
			err := chromedp.Run(ctx,
				chromedp.EmulateViewport(width, 900),
				emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
				chromedp.Evaluate(layout, &p),
			)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if want := strings.ToUpper(string(v.Overall)); !strings.Contains(p.Verdict, want) {
				t.Errorf("%s: the verdict reads %q, want %s", name, p.Verdict, want)
			}
			if p.Pictures != 7 || len(p.Hidden) > 0 { // six charts and the ledger
				t.Errorf("%s: %d pictures, want 7; not to be seen: %q", name, p.Pictures, p.Hidden)
			}
			if p.Width != int(width) || p.Scrolls > p.Width {
				t.Errorf("%s: the page is %d px wide in a window of %d", name, p.Scrolls, p.Width)
			}
			backgrounds[scheme] = p.Background
		}
	}
	if backgrounds["light"] == backgrounds["dark"] {
		t.Errorf("the background is %s by day and by night", backgrounds["dark"])
	}
	var shown struct{ Values, Copied, Printed string }
	err := chromedp.Run(ctx, chromedp.EmulateViewport(1200, 900), chromedp.Evaluate(interact, &shown),
		emulation.SetEmulatedMedia().WithMedia("print"), chromedp.Evaluate(`getComputedStyle(document.querySelector('.copy')).display`, &shown.Printed))
	if err != nil {
		t.Fatal(err)
	}
	// A quarter of 43 s of load and drain lies in the second step, at 100 records/s.
	if want := "at 11 s|offered 100|accepted 100"; shown.Values != want {
		t.Errorf("at a quarter of the first picture stands %q, want %q", shown.Values, want)
	}
	if want := "10\t80\t80\t0\t"; !strings.HasPrefix(shown.Copied, want) {
		t.Errorf("the copied table's first row is %q, want it to begin %q", shown.Copied, want)
	}
	if shown.Printed != "none" {
		t.Error("buttons are printed")
	}
	seen.check(t, "file://"+file)
}

// interact points at a quarter of the first picture, copies the steps' table,
// and says what was shown and copied.
const interact = `(() => {
  const chart = document.querySelector('svg[data-plot]');
  const box = chart.getBoundingClientRect();
  const [, , left, right] = chart.dataset.plot.split(' ').map(Number);
  const x = box.left + (left + (right - left) / 4) / chart.viewBox.baseVal.width * box.width;
  chart.dispatchEvent(new PointerEvent('pointermove', { clientX: x, clientY: box.top + 20 }));
  const figure = chart.closest('figure');
  const values = [figure.querySelector('figcaption small:last-child'), ...figure.querySelectorAll('.legend li')].map(e => e.textContent.trim());
  let copied = '';
  Object.defineProperty(navigator, 'clipboard', { value: { writeText: text => { copied = text; return Promise.resolve(); } } });
  document.querySelector('table.steps').closest('.scroll').previousElementSibling.click();
  return { Values: values.join('|'), Copied: copied.split('\n')[1] };
})()`

// events are what the page did while it was open.
type events struct {
	mu       sync.Mutex
	requests []string
	errors   []string
}

func listen(ctx context.Context) *events {
	e := &events{}
	chromedp.ListenTarget(ctx, func(event any) {
		e.mu.Lock()
		defer e.mu.Unlock()
		switch event := event.(type) {
		case *network.EventRequestWillBeSent:
			e.requests = append(e.requests, event.Request.URL)
		case *runtime.EventExceptionThrown:
			e.errors = append(e.errors, event.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if event.Entry.Level == log.LevelError || event.Entry.Level == log.LevelWarning {
				e.errors = append(e.errors, event.Entry.Text)
			}
		case *runtime.EventConsoleAPICalled:
			text, err := json.Marshal(event.Args)
			e.errors = append(e.errors, fmt.Sprint(event.Type, " ", string(text), err))
		}
	})
	return e
}

// check fails the test for every request but the page's own and for every word
// on the console.
func (e *events) check(t *testing.T, own string) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Contains(e.requests, own) {
		t.Errorf("the request of %s was not seen, so that others may have been missed: %q", own, e.requests)
	}
	for _, url := range e.requests {
		if !strings.HasPrefix(url, "file://") && !strings.HasPrefix(url, "data:") {
			t.Errorf("the page asks for %s", url)
		}
	}
	for _, text := range e.errors {
		t.Errorf("on the console: %s", text)
	}
}

// startChromium starts the browser of this machine. Without one the test is
// skipped, unless WEIR_REQUIRE names chromium.
func startChromium(t *testing.T) context.Context {
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
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second) // the browser is closed in order, after the test
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx,
		chromedp.ExecPath(path), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
	)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits until the browser has ended
			t.Errorf("close chromium: %v", err)
		}
	})
	return ctx
}
