package cli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"weir/internal/judge"
	"weir/internal/record"
	"weir/internal/report"
)

// verdict judges the run from its record, writes the documents and prints the
// table. Its error is the exit code.
func (e *execution) verdict() error {
	d, err := record.Read(e.writer.Dir())
	if err != nil {
		return fmt.Errorf("read the run back: %w", err)
	}
	v := judge.Judge(d, judge.Options{})
	e.judged = &v
	if err := writeDocuments(d, v); err != nil {
		return err
	}
	if e.silent {
		return e.exit(d, v)
	}
	e.printSummary()
	if err := printVerdict(e.process, d, v, e.flags.json); err != nil {
		return err
	}
	return e.exit(d, v)
}

// exit is the exit code of a judged run, nil where it passed.
func (e *execution) exit(d *record.Data, v judge.Verdict) error {
	switch {
	case e.interrupted:
		return exitError(ExitInterrupted)
	case d.Run.Status == record.Failed:
		return exitError(ExitError)
	case judge.ExitCode(v) != ExitPass:
		return exitError(judge.ExitCode(v))
	}
	return nil
}

// reportFile is the document to show a person.
const reportFile = "report.html"

// writeDocuments writes everything that is made from the record into the run's
// directory, each file whole or not at all.
func writeDocuments(d *record.Data, v judge.Verdict) error {
	for _, doc := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"verdict.json", func(w io.Writer) error { return report.JSON(w, v) }},
		{reportFile, func(w io.Writer) error { return report.HTML(w, d, v) }},
		{"report.md", func(w io.Writer) error { return report.Markdown(w, d, v) }},
		{"junit.xml", func(w io.Writer) error { return report.JUnit(w, d, v) }},
	} {
		var b bytes.Buffer
		if err := doc.write(&b); err != nil {
			return fmt.Errorf("write %s: %w", doc.name, err)
		}
		if err := record.Replace(filepath.Join(d.Dir, doc.name), b.Bytes()); err != nil {
			return fmt.Errorf("write %s: %w", doc.name, err)
		}
	}
	return writeRunbooks(d, v)
}

// printVerdict prints the table for a reader, or with asJSON the table on
// standard error and verdict.json's content last on standard output.
func printVerdict(p *Process, d *record.Data, v judge.Verdict, asJSON bool) error {
	o := report.TextOptions{Color: p.Color}
	if path := filepath.Join(d.Dir, reportFile); exists(path) {
		o.Report = path
	}
	if !asJSON {
		return report.Text(p.Stdout, d, v, o)
	}
	o.Color = false
	if err := report.Text(p.Stderr, d, v, o); err != nil {
		return err
	}
	return report.JSON(p.Stdout, v)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
