package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// livePage is what the page of a run shows.
type livePage struct {
	Live                                           bool
	Offered                                        string // a second
	Moments                                        int    // in the first picture
	Sum, Accepted, Processed, InFlight, Lost, Says string
}

// lookAtPage runs in the page and returns a livePage.
const lookAtPage = `(() => {
  const text = selector => { const e = document.querySelector(selector); return e ? e.textContent.replace(/\u00a0/g, '') : ''; };
  const ledger = name => text('[data-figure="ledger.' + name + '"]');
  const curve = document.querySelector('svg.chart path.curve');
  return {
    Live: document.querySelector('.live') !== null, Offered: text('[data-figure=offered]'),
    Moments: curve ? curve.getAttribute('d').split('H').length : 0,
    Sum: ledger('sum offered'), Accepted: ledger('accepted'), Processed: ledger('processed'), InFlight: ledger('in flight'), Lost: ledger('lost'),
    Says: text('.position'),
  };
})()`

// A real run with --ui in a real browser: the page moves while records are put,
// and when weir has ended it shows what the record holds.
func TestLivePageOfARun(t *testing.T) {
	t.Parallel()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("WEIR_REQUIRE"), ","), "chromium") {
			t.Fatal("there is no chromium, and WEIR_REQUIRE demands it")
		}
		t.Skip("there is no chromium on this machine")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "weir")
	if err := os.Link(os.Args[0], program); err != nil { // by that name this binary is weir, and so is its k6 child
		t.Fatal(err)
	}
	weir := exec.CommandContext(t.Context(), program,
		"run", "baseline-500b", "--rate", "20,40", "--step", "3s", "--shards", "1", "--plain", "--ui=127.0.0.1:0")
	weir.Dir = dir
	said, err := weir.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := weir.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	first, err := lines.ReadString('\n')
	url := regexp.MustCompile(`http://\S+`).FindString(first)
	if err != nil || url == "" {
		t.Fatalf("weir run --ui says no address: %q, %v", first, err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := lines.WriteTo(new(strings.Builder)) // until weir closes it
		weir.Wait()                                   // its verdict is not the question
		ended <- err
	}()

	seen := watchPage(t, browser, url)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	moved := slices.CompactFunc(slices.Clone(seen), func(a, b livePage) bool { return a.Moments == b.Moments })
	if len(moved) < 4 {
		t.Errorf("the first picture changed %d times in a run of 6 s and more", len(moved)-1)
	}
	if !slices.ContainsFunc(seen, func(p livePage) bool { return p.Live && p.Offered > "0" && p.Offered <= "99" }) {
		t.Errorf("no rate ever stood on the live page, of which the last of %d looks is %+v", len(seen), seen[len(seen)-1])
	}
	compareWithLedger(t, dir, seen[len(seen)-1])
}

// watchPage looks at the page until the run has ended, and returns what it
// showed.
func watchPage(t *testing.T, browser, url string) []livePage {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 90*time.Second)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(browser), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	t.Cleanup(func() { chromedp.Cancel(ctx) })
	if err := chromedp.Run(ctx, chromedp.Navigate(url)); err != nil {
		t.Fatalf("open the live page: %v", err)
	}
	var seen []livePage
	for {
		var now livePage
		if err := chromedp.Run(ctx, chromedp.Evaluate(lookAtPage, &now), chromedp.Sleep(200*time.Millisecond)); err != nil {
			t.Fatalf("look at the live page: %v; the last of %d looks: %+v", err, len(seen), now)
		}
		seen = append(seen, now)
		if now.Says != "" && !now.Live {
			return seen
		}
	}
}

func compareWithLedger(t *testing.T, dir string, page livePage) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "runs", "*", "ledger.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("ledgers %q, %v; want one", found, err)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	var record struct {
		Offered, Accepted, Processed, Lost json.Number
		InFlight                           json.Number `json:"in_flight"`
	}
	if err := json.Unmarshal(text, &record); err != nil {
		t.Fatal(err)
	}
	onPage := [5]string{page.Sum, page.Accepted, page.Processed, page.InFlight, page.Lost}
	inRecord := [5]string{record.Offered.String(), record.Accepted.String(), record.Processed.String(), record.InFlight.String(), record.Lost.String()}
	if onPage != inRecord || record.Offered != "180" { // 3 s at 20 and 3 s at 40
		t.Errorf("offered, accepted, processed, in flight, lost: %v on the page, %v in the record; want them equal, and 180 offered", onPage, inRecord)
	}
}

// browse starts the pages of a document's command, asks for the first, and
// presses Ctrl-C.
func (r *reader) browse(text string) {
	r.Helper()
	cmd := exec.CommandContext(r.Context(), "bash", "-c", "exec "+text+" --addr 127.0.0.1:0")
	cmd.Dir, cmd.Env = r.dir, r.env
	said, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		r.Fatalf("%s: %v", text, err)
	}
	lines := bufio.NewReader(said)
	first, err := lines.ReadString('\n')
	if err != nil {
		r.Errorf("%s: says %q, %v", text, first, err)
	}
	page, err := http.Get(regexp.MustCompile(`http://\S+`).FindString(first))
	if err != nil || page.StatusCode != http.StatusOK {
		r.Errorf("%s: ask for the page: %v", text, err)
	} else {
		page.Body.Close()
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		r.Errorf("%s: %v", text, err)
	}
	_, err = lines.WriteTo(io.Discard) // until it has ended
	if err := errors.Join(err, cmd.Wait()); err != nil {
		r.Errorf("%s: %v after Ctrl-C", text, err)
	}
}
