package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"

	"weir/internal/campaign"
	"weir/internal/record"
)

var evening = time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)

func alive(record.Run) bool { return true }

// figure is the text of a figure of the page, without the spaces in numbers.
func figure(name string) string {
	return fmt.Sprintf(`document.querySelector('[data-figure="%s"]').textContent.replace(/\u00a0/g, '')`, name)
}

// The page moves with the record and ends with what the record says.
func TestLivePage(t *testing.T) {
	root := t.TempDir()
	var ahead atomic.Int64 // of the server's clock
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	b := browse(t, Options{Runs: root, Alive: alive, Now: now})
	b.open("/#/latest")
	b.wait(`document.querySelector('main').textContent.includes('Waiting for the first run')`)

	r := begin(t, root, "live", time.Now().Add(-10*time.Second), 20*time.Second, 100, 200)
	r.load(0, 10, 800*time.Millisecond)
	b.wait(figure("ledger.accepted") + ` === '1000'`) // 10 s at 100
	b.wait(figure("offered") + ` === '100'`)
	for _, want := range []struct{ what, expression string }{
		{"true", `document.querySelector('.live') !== null`},
		{"step 1 of 2", `document.querySelector('.position').textContent.slice(0, 11)`},
		{"at the end", `document.querySelector('[data-target=ledger] .verdict').textContent`},
		{"pass", `document.querySelector('[data-target=record_latency] .verdict').textContent`},
		{"embedded pipeline, profile aws: local timing is a model", `document.querySelector('.model').textContent`},
		// 40 and 10 ms at second 9, at which the wave is 1 + 0.2·sin 3 = 1.0282.
		{"41.1 ms, 10.3 ms", `[...[...document.querySelectorAll('main table')].pop().tBodies[0].rows].map(r => r.cells[4].textContent.replace(/\u00a0/g, ' ')).join(', ')`},
	} {
		if got := b.text(want.expression); got != want.what {
			t.Errorf("live: %s is %q, want %q", want.expression, got, want.what)
		}
	}
	before := b.text(`document.querySelector('svg.chart path.curve').getAttribute('d')`)
	b.keep("live")

	ahead.Store(int64(25 * time.Second))
	r.load(0, 10, 800*time.Millisecond)
	r.load(1, 20, 3*time.Second)                      // over the target of 2 s
	b.wait(figure("ledger.accepted") + ` === '6000'`) // and 10 s at 100, 20 s at 200
	b.wait(figure("offered") + ` === '200'`)
	b.wait(`document.querySelector('[data-target=record_latency] .verdict').textContent === 'fail'`)
	if after := b.text(`document.querySelector('svg.chart path.curve').getAttribute('d')`); after == before {
		t.Error("the first curve did not move")
	}

	r.end()
	b.wait(`document.querySelector('.live') === null`)
	d, err := record.Read(r.w.Dir())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{
		"ledger.sum offered": d.Ledger.Offered, "ledger.accepted": d.Ledger.Accepted, "ledger.processed": d.Ledger.Processed,
		"ledger.rejected": d.Ledger.RejectedTotal(), "ledger.lost": d.Ledger.Lost, "ledger.unexplained": d.Ledger.Unexplained,
	} {
		if got := b.text(figure(name)); got != fmt.Sprint(want) {
			t.Errorf("at the end %s is %s on the page and %d in the record", name, got, want)
		}
	}
	if got := b.text(`document.querySelector('header.sheet .verdict').textContent`); got != "fail" {
		t.Errorf("the run's verdict is %q on the page, want fail", got)
	}
	b.check()
}

// The library, by keys alone: two runs are marked and laid over each other.
func TestLibraryAndOverlayByKeyboard(t *testing.T) {
	root := t.TempDir()
	finished(t, root, "baseline", evening, 800*time.Millisecond, 100, 200)
	finished(t, root, "spike", evening.Add(time.Hour), 900*time.Millisecond, 100, 200)
	finished(t, root, "baseline", evening.Add(2*time.Hour), 1200*time.Millisecond, 100, 200)
	b := browse(t, Options{Runs: root, Alive: alive})
	b.open("/")
	b.wait(`document.querySelectorAll('[data-run]').length === 3`)

	b.press("/", "b", "a", "s", "e", kb.Escape)
	b.wait(`document.querySelectorAll('[data-run]').length === 2`)
	b.press("x", "j", "x")
	b.keep("library")
	b.press("o")
	b.wait(`document.querySelectorAll('figure:not([hidden]) path.curve.blue').length > 4 && document.querySelectorAll('.result').length > 4`)
	// A is the older run: its latency of 800 ms lies below B's of 1 200.
	latency := `[...document.querySelectorAll('figure')].find(f => f.textContent.startsWith('Latency p99'))`
	b.press(kb.ArrowRight, kb.ArrowRight)
	// At second 2 the wave is 1 + 0.2·sin(2/3) = 1.1237: 899 and 1 348 ms.
	b.wait(latency + `.querySelector('.legend').textContent.replace(/\u00a0/g, '').includes('A 899')`)
	b.wait(latency + `.querySelector('.legend').textContent.replace(/\u00a0/g, '').includes('B 1348')`)
	// 1 200 ms are half as much again as 800; histograms keep three digits.
	if got := b.text(`[...document.querySelectorAll('tr')].find(r => r.textContent.startsWith('end to end p99')).cells[3].textContent`); got != "+49.97 %" {
		t.Errorf("the change of the latency is %q, want +49.97 %%", got)
	}
	b.keep("overlay")

	b.press("?")
	b.wait(`document.querySelector('dialog').open`)
	b.keep("keys")
	b.press(kb.Escape)
	b.wait(`!document.querySelector('dialog').open`)
	dark := b.text(`getComputedStyle(document.body).backgroundColor`) // keep left it in the dark
	b.press("t")
	b.wait(`document.documentElement.dataset.theme === 'light'`)
	if light := b.text(`getComputedStyle(document.body).backgroundColor`); light == dark {
		t.Error("t does not change the colours")
	}
	b.press("g", "r")
	b.wait(`document.querySelectorAll('[data-run]').length === 3`)
	b.press(kb.Enter)
	b.wait(`document.querySelectorAll('[data-target]').length === 7`)
	b.press("r")
	b.wait(`location.pathname.endsWith('/report.html') && document.querySelector('header .verdict') !== null`)
	b.check()
}

func TestCampaignCalendar(t *testing.T) {
	root := t.TempDir()
	dir := filepath.Join(root, "mine")
	text := strings.Join([]string{
		"name: mine", "weeks:", "  - week: 1", "    tests:", "      - {id: steady, test: baseline-500b, rates: [20, 40, 60]}", "  - week: 2", "    tests:", "      - {id: burst, test: spike}", "",
	}, "\n")
	if err := os.MkdirAll(filepath.Join(dir, campaignRuns), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, campaignPlan), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	r := finished(t, filepath.Join(dir, campaignRuns), "steady", evening, time.Second, 20)
	j, _, err := campaign.OpenJournal(filepath.Join(dir, campaignJournal))
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	for i, e := range []campaign.Entry{
		{Unit: "w1/steady@20#1"},
		{Unit: "w1/steady@20#1", Ended: true, Run: r.w.ID(), Verdict: "pass"},
		{Unit: "w1/steady@40#1"},
		{Unit: "w1/steady@40#1", Ended: true, Failure: "weir run ended with exit code 1"},
		{Unit: "w1/steady@40#1"},
		{Unit: "w1/steady@40#1", Ended: true, Run: r.w.ID(), Verdict: "fail"},
	} {
		e.At = evening.Add(time.Duration(i) * 10 * time.Hour) // the first unit ends on the 23rd, the second on the 24th
		if err := j.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	b := browse(t, Options{Runs: filepath.Join(root, "runs"), Campaigns: root, Alive: alive})
	b.open("/#/campaigns")
	b.wait(`document.querySelectorAll('.chip').length === 2`)
	for expression, want := range map[string]string{
		`[...document.querySelectorAll('.chip')].map(c => c.parentElement.querySelector('small').textContent + ' ' + c.textContent).join('; ')`: "23 steady@20#1; 24 steady@40#1",
		`document.querySelectorAll('.plain li').length`:                                 "2", // steady@60 and the spike
		`document.querySelector('h2').nextSibling.textContent.split(',')[0]`:            "2 of 4 units done (1 pass",
		`getComputedStyle(document.querySelector('.chip.fail'), '::before').content[1]`: "✗",
	} {
		if got := b.text(expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
	b.keep("campaign")
	b.text(`document.querySelector('.chip').click()`)
	b.wait(`document.querySelectorAll('[data-target]').length === 7`)
	b.check()
}
