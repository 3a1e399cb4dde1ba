package report_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	printing "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"weir/internal/report"
)

// The page for those who decide is one sheet of paper.
func TestBriefIsOnePage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "brief.html")
	var b bytes.Buffer
	if err := report.LongBrief().HTML(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	var pdf []byte
	err := chromedp.Run(startChromium(t), chromedp.Navigate("file://"+file), chromedp.ActionFunc(func(ctx context.Context) (err error) {
		pdf, _, err = printing.PrintToPDF().WithPreferCSSPageSize(true).WithPrintBackground(true).Do(ctx)
		return err
	}))
	if err != nil {
		t.Fatalf("print the page: %v", err)
	}
	if n := pageCount(pdf); n != 1 {
		t.Errorf("%d pages, want 1", n)
	}
}

var (
	pdfPage   = regexp.MustCompile(`/Type\s*/Page\b`) // not /Pages, the list of them
	pdfStream = regexp.MustCompile(`(?s)stream\r?\n(.*?)endstream`)
)

// pageCount counts a PDF's pages, which may stand in compressed streams.
func pageCount(pdf []byte) int {
	n := len(pdfPage.FindAll(pdf, -1))
	for _, m := range pdfStream.FindAllSubmatch(pdf, -1) {
		r, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // not compressed: counted above
		}
		text, _ := io.ReadAll(r) // what can't be read has no pages
		n += len(pdfPage.FindAll(text, -1))
	}
	return n
}
