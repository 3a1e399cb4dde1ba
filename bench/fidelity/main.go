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
//
// A live run is one throw of the dice: when its shards are first polled, which
// batches fail. The model is thrown several times; its median is held against the
// run, and the least and the most that it gave say what chance alone does.
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
	"strconv"
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
	{"shard split at half time", "baseline-500b", []string{"--rate", "150", "--step", "20s", "--shards", "1", "--shard-limit-factor", "0.1", "--fault", "split-shard:0@10s"}},
	{"shards merged, then scaled", "baseline-500b", []string{"--rate", "150", "--step", "20s", "--shards", "2", "--shard-limit-factor", "0.1", "--fault", "merge-shards:0@6s", "--fault", "update-shard-count=3@12s"}},
	{"calls fail, the SDK repeats them", "baseline-500b", []string{"--rate", "200", "--step", "20s", "--shards", "2", "--retry", "sdk", "--fault", "error=0.3@5s+10s"}},
	{"answers lost, records put again", "baseline-500b", []string{"--rate", "200", "--step", "20s", "--shards", "2", "--retry", "kpl-like", "--fault", "drop-answer=0.3@5s+10s"}},
	{"knee of a slow function", "baseline-500b", []string{"--rate", "40,80,120,160", "--step", "9s", "--shards", "1", "--batch", "50", "--work", "500ms"}},
}

// Seeds of the fitted run and of the live ones, and how many more follow the
// latter's in the simulations.
const (
	fitSeed   = 1
	checkSeed = 2
	moreSeeds = 6
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
	fit, err := s.run("fit", "run", "baseline-500b", "--rate", "20,100,200", "--step", "8s", "--plain", "--seed", strconv.Itoa(fitSeed))
	if err != nil {
		return err
	}
	fmt.Fprintf(s.out, "\n| scenario | figure | live | simulated, median of %d | least … most | error |\n|---|---|--:|--:|--:|--:|\n", 1+moreSeeds)
	var errs, unlikely []float64
	for _, sc := range scenarios {
		if !strings.Contains(sc.name, s.only) {
			continue
		}
		rows, err := s.compare(sc, fit.Dir)
		if err != nil {
			return fmt.Errorf("%s: %w", sc.name, err)
		}
		for _, r := range rows {
			fmt.Fprintln(s.out, r)
			if off, ok := r.counts(); ok {
				errs = append(errs, off)
				if !r.byChance() {
					unlikely = append(unlikely, off)
				}
			}
		}
	}
	slices.Sort(errs)
	if n := len(errs); n > 0 {
		fmt.Fprintf(s.out, "\n%d figures: median error %.1f %%, worst %.1f %%; outside of what the seeds gave: %d, worst %.1f %%\n",
			n, 100*errs[n/2], 100*errs[n-1], len(unlikely), 100*slices.Max(append(unlikely, 0)))
	}
	return nil
}

// row is one figure of a scenario: the model's median against the live run.
type row struct {
	capacity.Deviation
	scenario    string
	least, most float64 // of the model
}

// counts gives the error without its sign, of a figure that has one and that
// was not put into the model.
func (r row) counts() (off float64, ok bool) {
	if r.Error == nil || r.Name == capacity.DurationFigure {
		return 0, false
	}
	return math.Abs(*r.Error), true
}

// byChance reports whether the model gave such figures too.
func (r row) byChance() bool { return r.least <= r.Value && r.Value <= r.most }

func (r row) String() string {
	text := "≈ 0"
	switch {
	case r.Error == nil:
	case r.Name == capacity.DurationFigure:
		text = fmt.Sprintf("(%+.1f %%)", 100**r.Error)
	default:
		text = fmt.Sprintf("%+.1f %%", 100**r.Error)
	}
	return fmt.Sprintf("| %s | %s, %s | %.4g | %.4g | %.4g … %.4g | %s |", r.scenario, r.Name, r.Unit, r.Value, r.Model, r.least, r.most, text)
}

// compare carries a scenario out both ways.
func (s settings) compare(sc scenario, fit string) ([]row, error) {
	flags := append(slices.Clone(sc.args), "--judge", "capacity", "--seed")
	live, err := s.run("live", slices.Concat([]string{"run", sc.test, "--plain"}, flags, []string{strconv.Itoa(checkSeed)})...)
	if err != nil {
		return nil, err
	}
	given := map[string][]float64{} // by figure, what the model gave
	var model []capacity.Figure
	for seed := checkSeed; seed <= checkSeed+moreSeeds; seed++ {
		one, err := s.run("model", slices.Concat([]string{"simulate", sc.test, "--fit", fit}, flags, []string{strconv.Itoa(seed)})...)
		if err != nil {
			return nil, err
		}
		model = figures(one)
		for _, f := range model {
			given[f.Name] = append(given[f.Name], f.Value)
		}
	}
	for i, f := range model {
		slices.Sort(given[f.Name])
		model[i].Value = given[f.Name][len(given[f.Name])/2]
	}
	var rows []row
	for _, d := range capacity.Deviations(model, figures(live)) {
		if d.Value == 0 && d.Model == 0 {
			continue
		}
		rows = append(rows, row{d, sc.name, slices.Min(given[d.Name]), slices.Max(given[d.Name])})
	}
	return rows, nil
}

// figures are the run's, with what its producer did twice, and of one with
// several steps its knee.
func figures(d *record.Data) []capacity.Figure {
	few := 0.001 * float64(d.Ledger.Offered)
	all := append(capacity.Figures(d),
		capacity.Figure{Name: "put retries", Unit: "records", Value: float64(d.Ledger.PutRetries), Slack: few},
		capacity.Figure{Name: "duplicates by the producer", Unit: "records", Value: float64(d.Ledger.Duplicates.Producer), Slack: few})
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
