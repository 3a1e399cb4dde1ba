package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"weir/internal/judge"
	"weir/internal/report"
)

// onPaper says of a page in print what would be cut off: the tables that reach
// out of their sheet; and how the ribbon comes onto every sheet of paper.
const onPaper = `(() => {
  const ribbon = document.querySelector('.ribbon');
  return {
    Cut: [...document.querySelectorAll('table')]
      .filter(t => t.getBoundingClientRect().right > t.closest('.sheet').getBoundingClientRect().right)
      .map(t => t.closest('.sheet').previousElementSibling.innerText),
    Ribbon: ribbon ? getComputedStyle(ribbon).display : '',
  };
})()`

// What is printed is on the paper: no column beyond its edge, and the ribbon of
// a document above each sheet's text, as a table's header, not over it.
func TestPrintFitsThePaper(t *testing.T) {
	ctx := startChromium(t)
	d := report.RealisticRun()
	for _, c := range []struct {
		name, ribbon string
		write        func(*bytes.Buffer) error
	}{
		{"run.html", "", func(b *bytes.Buffer) error { return report.HTML(b, d, judge.Judge(d, judge.Options{})) }},
		{"week.html", "table-header-group", func(b *bytes.Buffer) error { return report.SmallWeek().HTML(b) }},
	} {
		var b bytes.Buffer
		if err := c.write(&b); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		var paper struct {
			Cut    []string
			Ribbon string
		}
		// A4 is 794 CSS pixels wide, Chromium's margins take 38 on either side.
		err := chromedp.Run(ctx, chromedp.EmulateViewport(718, 1000), chromedp.Navigate("file://"+file),
			emulation.SetEmulatedMedia().WithMedia("print"), chromedp.Evaluate(onPaper, &paper))
		if err != nil {
			t.Fatal(err)
		}
		if len(paper.Cut) > 0 {
			t.Errorf("%s: cut off on paper: %q", c.name, paper.Cut)
		}
		if paper.Ribbon != c.ribbon {
			t.Errorf("%s: the ribbon is displayed as %q in print, want %q", c.name, paper.Ribbon, c.ribbon)
		}
	}
}
