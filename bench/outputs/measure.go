package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"weir/internal/metrics"
	"weir/internal/record"
)

// setup is what is measured, and how.
type setup struct {
	weir                        string
	rate, batch, shards, repeat int
	step                        time.Duration
	only                        string
}

// row is one set of outputs and what its runs came to.
type row struct {
	name string
	outs []out
	runs []outcome
}

// outcome is one run.
type outcome struct {
	accepted float64
	lateness time.Duration // p99
	cpu      float64       // of the generator while the load lasts, cores
}

func (s *setup) measure(ctx context.Context) error {
	if s.weir == "" {
		return errors.New("-weir is missing: go build -o weir . and give -weir ./weir")
	}
	folder, err := os.MkdirTemp("", "weir-outputs")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(folder) //nolint:errcheck // a temporary folder
	hearing, err := startEndpoints(ctx, answering)
	if err != nil {
		return err
	}
	defer hearing.close()
	silent, err := startEndpoints(ctx, deaf)
	if err != nil {
		return err
	}
	defer silent.close()
	rows, err := s.rows(hearing.outs(), silent.outs(), files(folder))
	if err != nil {
		return err
	}
	for range s.repeat {
		for _, r := range rows { // in turns, so that what else the machine does strikes all
			got, err := s.run(ctx, folder, r.outs)
			if err != nil {
				return fmt.Errorf("measure %s: %w", r.name, err)
			}
			r.runs = append(r.runs, got)
			fmt.Fprintf(os.Stderr, "%s: p99 lateness %v, %.1f %% of a core\n", r.name, got.lateness.Round(10*time.Microsecond), 100*got.cpu)
		}
	}
	printTable(rows)
	return nil
}

// rows are those asked for, and first the one they are compared with.
func (s *setup) rows(hearing, silent, files []out) ([]*row, error) {
	only, err := regexp.Compile(s.only)
	if err != nil {
		return nil, fmt.Errorf("read -only: %w", err)
	}
	var all []*row
	for _, o := range slices.Concat(hearing, files) {
		all = append(all, &row{name: o.name, outs: []out{o}})
	}
	all = append(all, &row{name: "all at once", outs: slices.Concat(hearing, files)})
	for _, o := range silent {
		all = append(all, &row{name: o.name + ", deaf", outs: []out{o}})
	}
	all = append(all, &row{name: "all at once, deaf", outs: slices.Concat(silent, files)})
	all = slices.DeleteFunc(all, func(r *row) bool { return !only.MatchString(r.name) })
	return append([]*row{{name: "none"}}, all...), nil
}

// run carries out one load and reads what came of it in its record.
func (s *setup) run(ctx context.Context, folder string, outs []out) (outcome, error) {
	runs := filepath.Join(folder, "runs")
	if err := os.RemoveAll(runs); err != nil {
		return outcome{}, fmt.Errorf("remove the run before: %w", err)
	}
	const perShard = 500 // half a shard's limit
	shards := cmp.Or(s.shards, max(4, s.rate/perShard))
	cmd := exec.CommandContext(ctx, s.weir, "run", "baseline-500b", "--runs", runs, "--plain", "--profile", "instant", "--judge", "capacity",
		"--rate", strconv.Itoa(s.rate), "--put-batch", strconv.Itoa(s.batch), "--step", s.step.String(), "--shards", strconv.Itoa(shards))
	if s.batch > 1 { // as many records to a call as come due in the meantime
		linger := time.Duration(float64(s.batch) / float64(s.rate) * float64(time.Second))
		cmd.Args = append(cmd.Args, "--linger", linger.String())
	}
	cmd.Env = os.Environ()
	for _, o := range outs {
		cmd.Args, cmd.Env = append(cmd.Args, "--out", o.arg), append(cmd.Env, o.env...)
	}
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil && (cmd.ProcessState == nil || cmd.ProcessState.ExitCode() < 98) { // a verdict is no failure here
		return outcome{}, fmt.Errorf("run weir: %w\n%s", err, said.String())
	}
	dir, err := record.Resolve(runs, "latest")
	if err != nil {
		return outcome{}, err
	}
	d, err := record.Read(dir)
	if err != nil {
		return outcome{}, err
	}
	return outcome{float64(d.Ledger.Accepted), d.Steps[0].Lateness.Quantile(0.99), generatorCPU(d)}, nil
}

// generatorCPU is the mean over the load's whole seconds but the first, in
// which k6 still starts.
func generatorCPU(d *record.Data) float64 {
	var sum, n float64
	for _, p := range d.Series {
		at := time.Unix(p.T, 0)
		cpu, ok := p.V[metrics.ChildCPU]
		if ok && at.After(d.Run.LoadStart.Add(time.Second)) && at.Add(time.Second).Before(d.Run.LoadEnd) {
			sum, n = sum+cpu, n+1
		}
	}
	return sum / max(n, 1)
}

// printTable compares each row's medians with those of the first, in which there are
// no outputs.
func printTable(rows []*row) {
	fmt.Println("| outputs | accepted | p99 lateness | generator's CPU | more than none |")
	fmt.Println("|---|---|---|---|---|")
	none := rows[0].median()
	for _, r := range rows {
		m := r.median()
		fmt.Printf("| %s | %.0f (%+.1f %%) | %v | %.1f %% of a core | %+.1f %% of a core |\n", r.name,
			m.accepted, 100*(m.accepted/none.accepted-1), m.lateness.Round(10*time.Microsecond), 100*m.cpu, 100*(m.cpu-none.cpu))
	}
}

// median is of each figure by itself.
func (r *row) median() outcome {
	of := func(figure func(outcome) float64) float64 {
		var all []float64
		for _, o := range r.runs {
			all = append(all, figure(o))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return outcome{
		accepted: of(func(o outcome) float64 { return o.accepted }),
		lateness: time.Duration(of(func(o outcome) float64 { return float64(o.lateness) })),
		cpu:      of(func(o outcome) float64 { return o.cpu }),
	}
}
