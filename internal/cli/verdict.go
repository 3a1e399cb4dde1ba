package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

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
	if err := writeDocuments(d, v); err != nil {
		return err
	}
	if err := printVerdict(e.process, d, v, e.flags.json); err != nil {
		return err
	}
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

// writeDocuments writes everything that is made from the record into the run's
// directory, each file whole or not at all.
func writeDocuments(d *record.Data, v judge.Verdict) error {
	for _, doc := range []struct {
		name  string
		write func(io.Writer) error
	}{
		{"verdict.json", func(w io.Writer) error { return encodeJSON(w, v) }},
		{"report.html", func(w io.Writer) error { return report.HTML(w, d, v) }},
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
	return nil
}

// printVerdict prints the table for a reader, or with asJSON the table on
// standard error and verdict.json's content last on standard output.
func printVerdict(p *Process, d *record.Data, v judge.Verdict, asJSON bool) error {
	if !asJSON {
		return report.Text(p.Stdout, d, v, report.TextOptions{Color: p.Color, Report: filepath.Join(d.Dir, "report.html")})
	}
	if err := report.Text(p.Stderr, d, v, report.TextOptions{Report: filepath.Join(d.Dir, "report.html")}); err != nil {
		return err
	}
	return encodeJSON(p.Stdout, v)
}

func encodeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// alive reports whether a process of that number runs.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	return err == nil && process.Signal(syscall.Signal(0)) == nil
}

// openRun reads the run a user named: a directory, its name, or "latest".
func openRun(root, name string) (*record.Data, error) {
	dir, err := record.Resolve(root, name)
	if err != nil {
		return nil, usage(err, "weir try makes a run; its directory is printed at the end")
	}
	d, err := record.Read(dir)
	if err != nil {
		return nil, usage(err, "")
	}
	if d.CutShort(alive) {
		d.Run.Reason = "the run was cut short: weir was killed before it could close the account"
		d.Run.Notes = append(d.Run.Notes, d.Run.Reason)
	}
	return d, nil
}

func newJudge(p *Process) *cobra.Command {
	var runs string
	var asJSON, capacity bool
	cmd := &cobra.Command{
		Use:     "judge RUN",
		Short:   "Judge a run again from its record",
		Long:    "Judges a run again from its record. RUN is a directory, a run's name, or latest.",
		Example: "  weir judge latest\n  weir judge runs/20261122T201500Z-try-3f2a --json",
		Args:    exactArgs(1, "a run"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := openRun(runs, args[0])
			if err != nil {
				return err
			}
			v := judge.Judge(d, judge.Options{Capacity: capacity})
			if err := printVerdict(p, d, v, asJSON); err != nil {
				return err
			}
			if code := judge.ExitCode(v); code != ExitPass {
				return exitError(code)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print verdict.json's content last on standard output")
	cmd.Flags().BoolVar(&capacity, "capacity", false, "leave the targets out: acceptance, backlog and ledger only")
	return cmd
}

func newReport(p *Process) *cobra.Command {
	var runs, format string
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "Write a run's report again from its record",
		Long: `Makes a run's report again from its record. RUN is a directory, a run's name, or
latest. Without --format every document is written into the run's directory.`,
		Example: "  weir report latest\n  weir report latest --format md > report.md",
		Args:    exactArgs(1, "a run"),
		RunE: func(_ *cobra.Command, args []string) error {
			d, err := openRun(runs, args[0])
			if err != nil {
				return err
			}
			v := judge.Judge(d, judge.Options{})
			switch format {
			case "":
				if err := writeDocuments(d, v); err != nil {
					return err
				}
				return report.Text(p.Stdout, d, v, report.TextOptions{Color: p.Color, Report: filepath.Join(d.Dir, "report.html")})
			case "text":
				return report.Text(p.Stdout, d, v, report.TextOptions{Color: p.Color, Report: filepath.Join(d.Dir, "report.html")})
			case "html":
				return report.HTML(p.Stdout, d, v)
			case "md":
				return report.Markdown(p.Stdout, d, v)
			case "junit":
				return report.JUnit(p.Stdout, d, v)
			case "json":
				return encodeJSON(p.Stdout, v)
			}
			return usagef("--format %q: text, html, md, junit or json", format)
		},
	}
	cmd.Flags().StringVar(&runs, "runs", "runs", "folder of the runs")
	cmd.Flags().StringVar(&format, "format", "", "print one: text, html, md, junit or json")
	return cmd
}
