package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"weir/internal/record"
	"weir/internal/report"
)

// writeDocument writes a document as HTML and Markdown, each file whole or not
// at all.
func writeDocument(dir, name string, doc report.Document) error {
	for extension, write := range map[string]func(io.Writer) error{".html": doc.HTML, ".md": doc.Markdown} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return fmt.Errorf("write %s%s: %w", name, extension, err)
		}
		if err := record.Replace(filepath.Join(dir, name+extension), b.Bytes()); err != nil {
			return fmt.Errorf("write %s%s: %w", name, extension, err)
		}
	}
	return nil
}

// browsers that print a page, in the order they are looked for.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// printPDF prints an HTML file as PDF beside it. It reports false where there
// is no browser to do it.
func printPDF(ctx context.Context, html string) (bool, error) {
	for _, name := range browsers {
		browser, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		path, err := filepath.Abs(html)
		if err != nil {
			return false, fmt.Errorf("find the document: %w", err)
		}
		profile, err := os.MkdirTemp("", "weir-pdf")
		if err != nil {
			return false, fmt.Errorf("make room for the browser: %w", err)
		}
		defer os.RemoveAll(profile) //nolint:errcheck // a temporary folder
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		pdf := path[:len(path)-len(filepath.Ext(path))] + ".pdf"
		page := url.URL{Scheme: "file", Path: path}
		out, err := exec.CommandContext(ctx, browser, "--headless", "--disable-gpu", "--no-sandbox", "--no-pdf-header-footer",
			"--user-data-dir="+profile, "--print-to-pdf="+pdf, page.String()).CombinedOutput()
		if err != nil {
			return false, fmt.Errorf("print %s with %s: %w: %s", html, name, err, bytes.TrimSpace(out))
		}
		return true, nil
	}
	return false, nil
}

// writeJSON writes v with indents.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
