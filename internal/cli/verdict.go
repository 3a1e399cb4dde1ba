package cli

import (
	"bytes"
	"errors"
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
	if e.silent {
		err = writeDocuments(d, v)
	} else {
		e.printSummary()
		err = publish(e.process, d, v, e.flags.json)
	}
	if err != nil {
		return err
	}
	return e.exit(d, v)
}

// publish writes the documents and prints the table, which also a full disk
// leaves to be read.
func publish(p *Process, d *record.Data, v judge.Verdict, asJSON bool) error {
	unwritten := writeDocuments(d, v)
	if err := printVerdict(p, d, v, asJSON); err != nil {
		return err
	}
	return unwritten
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
// directory, each file whole or not at all: those that can be written are.
func writeDocuments(d *record.Data, v judge.Verdict) error {
	var unwritten []error
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
			unwritten = append(unwritten, err)
		}
	}
	return errors.Join(append(unwritten, writeRunbooks(d, v))...)
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
