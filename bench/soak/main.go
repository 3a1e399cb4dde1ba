// Soak carries out tests drawn at random, each live on the embedded pipeline and
// simulated, and says where one of them breaks or the two disagree.
//
//	go build -o weir . && go run ./bench/soak -n 30 -seed 1
//
// A test is a few seconds at some hundred records/s, with a pipeline, a
// producer and faults that chance puts together. Whatever they are, the account
// has to balance with nothing lost, unexplained or out of order, and the
// generator must not end early. Between live and simulated a difference may be
// chance: which calls a fault strikes is. It exits 1 after any broken account.
package main

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"weir/internal/ledger"
	"weir/internal/record"
)

// option is one or more flags that a test has with a probability, one of them
// drawn.
type option struct {
	share float64
	flags []string // each split at its spaces
	live  bool     // a simulation doesn't have it
}

var options = []option{
	{1, []string{"--rate 50", "--rate 120", "--rate 200", "--rate 400"}, false},
	{1, []string{"--shards 1", "--shards 2", "--shards 3"}, false},
	{1, []string{"--retry none", "--retry sdk", "--retry kpl-like"}, false},
	{0.4, []string{"--encoding json", "--encoding cbor"}, true},
	{0.3, []string{"--put-batch 1"}, false},
	{0.3, []string{"--shard-limit-factor 0.1"}, false},
	{0.3, []string{"--parallelization-factor 3"}, false},
	{0.3, []string{"--keys unique", "--keys hot:0.3", "--keys per-shard"}, false},
	{0.3, []string{"--error-rate 0.2"}, false},
	{0.2, []string{"--bisect --retry-attempts 1"}, false},
	{0.2, []string{"--reserved-concurrency 1 --work 100ms"}, false},
	{0.2, []string{"--payload 100", "--payload 300..900", "--payload 5KB"}, false},
	{0.2, []string{"--batching-window 1s"}, false},
}

// faults strike within the load's six seconds. None of them loses records.
var faults = []string{
	"throttle=0.3@1s+1s", "error=0.4@1s+2s", "reset=0.4@1s+2s", "drop-answer=0.4@1s+2s", "fail-nth:PutRecords=3@0s",
	"pause-shard:0=reads@2s+1s", "pause-shard:0=writes@2s+1s", "split-shard:0@2s", "merge-shards:0@3s",
	"update-shard-count=4@2s", "update-shard-count=1@4s", "deliver-twice@2s", "kill-function@3s", "kill-environment=2@3s",
	"error:GetRecords=0.5@1s+2s", "drop-answer:GetRecords=0.5@1s+2s", "delay=lognormal:20ms,100ms@2s", "stall=1s@3s",
}

const mostFaults = 3

func main() {
	weir := flag.String("weir", "./weir", "the built program")
	n := flag.Int("n", 30, "how many tests")
	seed := flag.Uint64("seed", 1, "of what is drawn")
	flag.Parse()
	broken, err := soak(*weir, *n, *seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
	fmt.Printf("%d of %d tests broke\n", broken, *n)
	if broken > 0 {
		os.Exit(1)
	}
}

func soak(weir string, n int, seed uint64) (broken int, err error) {
	runs, err := os.MkdirTemp("", "weir-soak-")
	if err != nil {
		return 0, fmt.Errorf("make a folder for the runs: %w", err)
	}
	chance := rand.New(rand.NewPCG(seed, 0))
	for i := range n {
		both, live := draw(chance)
		both = append(both, "--seed", strconv.Itoa(i+1))
		what := fmt.Sprintf("%d: weir run baseline-500b %s", i+1, strings.Join(append(live, both...), " "))
		l, wrongs := carry(weir, runs, append([]string{"run", "baseline-500b", "--plain"}, append(live, both...)...))
		s, more := carry(weir, runs, append([]string{"simulate", "baseline-500b"}, both...))
		if wrongs = append(wrongs, more...); len(wrongs) > 0 {
			broken++
			fmt.Printf("BROKEN %s\n  %s\n", what, strings.Join(wrongs, "\n  "))
			continue
		}
		if apart := differences(l, s); len(apart) > 0 {
			fmt.Printf("apart  %s\n  %s\n", what, strings.Join(apart, "\n  "))
			continue
		}
		fmt.Printf("ok     %s\n", what)
	}
	if broken > 0 {
		fmt.Printf("the runs are in %s\n", runs)
		return broken, nil
	}
	return 0, os.RemoveAll(runs)
}

// draw is a test's flags: those of both kinds of run, and those of a live one.
func draw(chance *rand.Rand) (both, live []string) {
	both = []string{"--step", "6s"}
	for _, o := range options {
		if chance.Float64() >= o.share {
			continue
		}
		flags := strings.Fields(o.flags[chance.IntN(len(o.flags))])
		if o.live {
			live = append(live, flags...)
		} else {
			both = append(both, flags...)
		}
	}
	for _, i := range chance.Perm(len(faults))[:chance.IntN(1+mostFaults)] {
		both = append(both, "--fault", faults[i])
	}
	return both, live
}

// carry carries a test out and says what is wrong with it.
func carry(weir, runs string, args []string) (l ledger.Report, wrongs []string) {
	kind := args[0]
	dir, err := os.MkdirTemp(runs, kind+"-")
	if err != nil {
		return l, []string{err.Error()}
	}
	cmd := exec.Command(weir, append(args, "--runs", dir)...)
	said, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); !slices.Contains([]int{0, 98, 99}, code) {
		return l, []string{fmt.Sprintf("%s: %v, exit code %d: %s", kind, err, code, said)}
	}
	latest, err := record.Latest(dir)
	if err != nil {
		return l, []string{fmt.Sprintf("%s: %v", kind, err)}
	}
	d, err := record.Read(latest)
	if err != nil {
		return l, []string{fmt.Sprintf("%s: %v", kind, err)}
	}
	wrong := func(is bool, format string, args ...any) {
		if is {
			wrongs = append(wrongs, kind+": "+fmt.Sprintf(format, args...))
		}
	}
	l = d.Ledger
	wrong(d.Run.Status != record.Complete, "the run is %s", d.Run.Status)
	wrong(!l.Closed || !l.Closes(), "the account does not close: %+v", l.Account)
	wrong(l.Reordered == nil || *l.Reordered > 0, "records came out of order, or it is not known")
	return l, wrongs
}

// differences are the figures of the two accounts that are further apart than
// chance alone often brings them.
func differences(live, simulated ledger.Report) (apart []string) {
	for _, f := range []struct {
		name string
		of   func(*ledger.Report) int64
	}{
		{"accepted", func(l *ledger.Report) int64 { return l.Accepted }},
		{"processed", func(l *ledger.Report) int64 { return l.Processed }},
		{"deliveries", func(l *ledger.Report) int64 { return l.Attempted }},
		{"given up", func(l *ledger.Report) int64 { return l.Expired }},
		{"put retries", func(l *ledger.Report) int64 { return l.PutRetries }},
		{"duplicates", func(l *ledger.Report) int64 { return l.Duplicates.Producer + l.Duplicates.Mapping }},
	} {
		const share, few = 0.15, 30
		a, b := f.of(&live), f.of(&simulated)
		if off := math.Abs(float64(a - b)); off > max(few, share*float64(max(a, b))) {
			apart = append(apart, fmt.Sprintf("%s: %d live, %d simulated", f.name, a, b))
		}
	}
	return apart
}
