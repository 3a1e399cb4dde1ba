// Fidelity runs tests live on the embedded pipeline and simulates the same, and
// prints a table in Markdown of both with the simulator's errors.
//
//	go build -o weir . && go run ./bench/fidelity
//
// The timing of the simulations is fitted to one live run, of another seed than
// those they are held against. A busy machine makes live runs late; the model
// knows nothing of it, so the table begins with the load of the machine. What an
// invocation takes is put into the model, so its errors stand in brackets and
// don't count.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"

	"weir/internal/capacity"
	"weir/internal/judge"
	"weir/internal/record"
)

// scenario is a test by the flags of weir run and weir simulate.
type scenario struct {
	name string
	test string
	args []string
}

// scenarios are small, so that a laptop can carry them live: at most 200
// records/s for at most 20 s.
var scenarios = []scenario{
	{"one shard, 50/s", "baseline-500b", []string{"--rate", "50", "--step", "15s", "--shards", "1"}},
	{"four shards, 200/s", "baseline-500b", []string{"--rate", "200", "--step", "20s"}},
	{"batches of 10", "baseline-500b", []string{"--rate", "200", "--step", "20s", "--shards", "2", "--batch", "10"}},
	{"batching window of 2 s", "baseline-500b", []string{"--rate", "100", "--step", "20s", "--batching-window", "2s"}},
	{"parallelization factor 4", "baseline-500b", []string{"--rate", "150", "--step", "20s", "--shards", "1", "--batch", "10", "--parallelization-factor", "4", "--work", "50ms"}},
	{"slow function, catching up", "baseline-500b", []string{"--rate", "200", "--step", "20s", "--shards", "1", "--work", "400ms"}},
	{"function too slow", "baseline-500b", []string{"--rate", "150", "--step", "15s", "--shards", "1", "--batch", "50", "--work", "600ms", "--timeout", "5s"}},
	{"shard over its limit", "baseline-500b", []string{"--rate", "200", "--step", "20s", "--shards", "1", "--shard-limit-factor", "0.1"}},
	{"10 KB over the byte limit", "baseline-10kb", []string{"--rate", "150", "--step", "15s", "--shards", "1"}},
	{"a twentieth of the batches fails", "baseline-500b", []string{"--rate", "200", "--step", "20s", "--shards", "4", "--batch", "5", "--error-rate", "0.05"}},
	{"reserved concurrency 1", "baseline-500b", []string{"--rate", "200", "--step", "20s", "--work", "100ms", "--reserved-concurrency", "1"}},
	{"reads of a shard paused 4 s", "baseline-500b", []string{"--rate", "100", "--step", "20s", "--shards", "2", "--fault", "pause-shard:0=reads@6s+4s"}},
	{"spike", "spike", []string{"--shape", "spike:40..200/4s", "--step", "20s", "--shards", "2"}},
	{"knee of a slow function", "baseline-500b", []string{"--rate", "40,80,120,160", "--step", "9s", "--shards", "1", "--batch", "50", "--work", "500ms"}},
}

// Seeds of the fitted run and of those it is held against.
const (
	fitSeed   = "1"
	checkSeed = "2"
)

type settings struct {
	weir string
	runs string
	only string
	out  io.Writer
}

func main() {
	var s settings
	flag.StringVar(&s.weir, "weir", "./weir", "the built program")
	flag.StringVar(&s.runs, "runs", "", "folder that keeps the runs (default one that is removed)")
	flag.StringVar(&s.only, "only", "", "only scenarios whose name contains this")
	flag.Parse()
	s.out = os.Stdout
	if err := s.table(); err != nil {
		fmt.Fprintln(os.Stderr, "fidelity:", err)
		os.Exit(1)
	}
}

// table fits, runs and prints.
func (s settings) table() error {
	if s.runs == "" {
		dir, err := os.MkdirTemp("", "weir-fidelity-")
		if err != nil {
			return fmt.Errorf("make a folder for the runs: %w", err)
		}
		defer os.RemoveAll(dir) //nolint:errcheck // of no use any more
		s.runs = dir
	}
	if err := os.MkdirAll(s.runs, 0o755); err != nil {
		return fmt.Errorf("make the folder for the runs: %w", err)
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		fmt.Fprintf(s.out, "load of the machine: %s\n", strings.TrimSpace(string(load)))
	}
	fit, err := s.run("fit", "run", "baseline-500b", "--rate", "20,100,200", "--step", "8s", "--plain", "--seed", fitSeed)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n| scenario | figure | live | simulated | error |\n|---|---|--:|--:|--:|\n")
	var errs []float64
	for _, sc := range scenarios {
		if !strings.Contains(sc.name, s.only) {
			continue
		}
		found, err := s.compare(sc, fit.Dir)
		if err != nil {
			return fmt.Errorf("%s: %w", sc.name, err)
		}
		errs = append(errs, found...)
	}
	slices.Sort(errs)
	if len(errs) > 0 {
		fmt.Fprintf(s.out, "\n%d figures: median error %.1f %%, worst %.1f %%\n", len(errs), 100*errs[len(errs)/2], 100*errs[len(errs)-1])
	}
	return nil
}

// compare carries a scenario out both ways and prints its rows; it returns the
// errors without their signs.
func (s settings) compare(sc scenario, fit string) ([]float64, error) {
	flags := append(slices.Clone(sc.args), "--judge", "capacity", "--seed", checkSeed)
	live, err := s.run("live", append([]string{"run", sc.test, "--plain"}, flags...)...)
	if err != nil {
		return nil, err
	}
	model, err := s.run("model", append([]string{"simulate", sc.test, "--fit", fit}, flags...)...)
	if err != nil {
		return nil, err
	}
	deviations := capacity.Deviations(figures(model), figures(live))
	var errs []float64
	for _, d := range deviations {
		text := "≈ 0"
		switch {
		case d.Error == nil:
		case d.Name == capacity.DurationFigure:
			text = fmt.Sprintf("(%+.1f %%)", 100**d.Error)
		default:
			text = fmt.Sprintf("%+.1f %%", 100**d.Error)
			errs = append(errs, math.Abs(*d.Error))
		}
		fmt.Fprintf(s.out, "| %s | %s, %s | %.4g | %.4g | %s |\n", sc.name, d.Name, d.Unit, d.Value, d.Model, text)
	}
	return errs, nil
}

// figures are the run's, and of one with several steps its knee.
func figures(d *record.Data) []capacity.Figure {
	all := capacity.Figures(d)
	if len(d.Run.Steps) < 2 {
		return all
	}
	knee := capacity.Figure{Name: "knee: highest rate sustained", Unit: "records/s"}
	if v := judge.Judge(d, judge.Options{Capacity: true}); v.Knee.Sustained != nil {
		knee.Value = *v.Knee.Sustained
	}
	return append(all, knee)
}

// run runs weir into a folder of its own and reads what it left. A verdict other
// than pass is an outcome like any.
func (s settings) run(kind string, args ...string) (*record.Data, error) {
	runs, err := os.MkdirTemp(s.runs, kind+"-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for the run: %w", err)
	}
	cmd := exec.Command(s.weir, append(args, "--runs", runs)...)
	said, err := cmd.CombinedOutput()
	code := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		code = exit.ExitCode()
	} else if err != nil {
		return nil, fmt.Errorf("run weir: %w", err)
	}
	if !slices.Contains([]int{0, 98, 99}, code) {
		return nil, fmt.Errorf("%s %s: exit code %d\n%s", s.weir, strings.Join(args, " "), code, said)
	}
	dir, err := record.Latest(runs)
	if err != nil {
		return nil, err
	}
	return record.Read(dir)
}
