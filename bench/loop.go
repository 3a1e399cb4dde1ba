package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// ledger is what the rows of the whole pipeline read of ledger.json.
type ledger struct {
	Offered, Accepted, Processed, Lost, Unexplained int64
	Indeterminate, Expired                          int64
	NotSent                                         int64 `json:"not_sent"`
}

const loopSeconds = 10

// loopRow is the whole program on both cores: k6's process makes the load, the
// embedded pipeline carries it, the account closes.
func loopRow(ctx context.Context, b *bench) (figures, error) {
	f := figures{reach: "≥ 300 000 records/s end to end, account closed"}
	return b.highest(ctx, f, []int{100_000, 200_000, 300_000, 450_000, 600_000},
		"--shards", "512", "--work", "0", "--work-per-record", "0", "--retain", "512MiB")
}

// functionRow is the same through a process over the Runtime API.
func functionRow(ctx context.Context, b *bench) (figures, error) {
	f := figures{reach: "says what it reaches"}
	dir, err := os.MkdirTemp("", "weir-bench-function-")
	if err != nil {
		return f, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	bootstrap := filepath.Join(dir, "bootstrap")
	build := exec.CommandContext(ctx, "go", "build", "-o", bootstrap, "./bench/bootstrap")
	if out, err := build.CombinedOutput(); err != nil {
		return f, fmt.Errorf("build the function: %w: %.200s", err, out)
	}
	return b.highest(ctx, f, []int{20_000, 40_000, 80_000, 160_000}, "--shards", "32", "--shard-limit-factor", "10",
		"--function", bootstrap, "--retain", "512MiB")
}

// highest runs the rates in rising order until one isn't carried whole.
func (b *bench) highest(ctx context.Context, f figures, rates []int, args ...string) (figures, error) {
	var carried []string
	for _, rate := range rates {
		account, took, err := b.run(ctx, rate, args)
		if err != nil {
			return f, err
		}
		closed := account.Processed == account.Accepted && account.Lost+account.Unexplained == 0
		line := fmt.Sprintf("at %s/s: %s of %s processed in %.1f s, not sent %s", thousands(float64(rate)),
			thousands(float64(account.Processed)), thousands(float64(account.Offered)), took.Seconds(), thousands(float64(account.NotSent)))
		if !closed {
			line += ", account open"
		}
		carried = append(carried, line)
		if !closed || account.Processed*1000 < account.Offered*999 {
			break
		}
	}
	f.ours = strings.Join(carried, "; ")
	return f, nil
}

// run is one weir run on both cores; took is from its first record to its end.
func (b *bench) run(ctx context.Context, rate int, args []string) (account ledger, took time.Duration, err error) {
	dir, err := os.MkdirTemp("", "weir-bench-runs-")
	if err != nil {
		return account, 0, fmt.Errorf("make a folder: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	args = append([]string{
		"-c", serverCore + "," + clientCore, b.weir, "run", "baseline-500b", "--plain", "--runs", dir,
		"--rate", fmt.Sprint(rate), "--step", fmt.Sprintf("%ds", loopSeconds), "--profile", "instant", "--batch", "500",
	}, args...)
	out, err := exec.CommandContext(ctx, "taskset", args...).CombinedOutput()
	exit, ran := errors.AsType[*exec.ExitError](err)
	if err != nil && (!ran || exit.ExitCode() < 98) { // 98 and 99 are verdicts
		return account, 0, fmt.Errorf("weir run (build it with go build -o weir .): %w: %.300s", err, out)
	}
	if err := readRun(dir, "ledger.json", &account); err != nil {
		return account, 0, err
	}
	var run struct {
		LoadStart time.Time `json:"load_start"`
		Ended     time.Time `json:"ended"`
	}
	if err := readRun(dir, "run.json", &run); err != nil {
		return account, 0, err
	}
	return account, run.Ended.Sub(run.LoadStart), nil
}

// readRun reads a file of the only run in a folder.
func readRun(runs, name string, into any) error {
	found, err := filepath.Glob(filepath.Join(runs, "2*", name))
	if err != nil || len(found) != 1 {
		return fmt.Errorf("%d runs have a %s", len(found), name)
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		return fmt.Errorf("read the run: %w", err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
