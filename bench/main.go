// Bench measures the embedded pipeline and prints a table in Markdown. Each
// figure stands beside a peer's or a limit's of the same run, because absolute
// times say more about the machine than about the program.
//
//	go build -o weir . && go run ./bench
//
// The client runs on one core and the server on another, each with GOMAXPROCS=1;
// what counts is the server's processor time per record, which the client's
// speed doesn't change. It needs Linux with two cores and taskset, and for the
// peer kinesalite npm with its registry. Without one of them a row says so.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

// Cores of the two sides.
const (
	serverCore = "0"
	clientCore = "1"
)

// settings are the command line's.
type settings struct {
	window  time.Duration // of one measurement
	windows int           // measurements of each kind; their median counts
	only    string
	weir    string
	profile string
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		exit(serve(os.Args[2:]))
	}
	var s settings
	flag.DurationVar(&s.window, "window", 2*time.Second, "length of one measurement")
	flag.IntVar(&s.windows, "windows", 3, "measurements of each kind; their median counts")
	flag.StringVar(&s.only, "only", "", "rows to measure, by the names in the first column: put64,loop (default all)")
	flag.StringVar(&s.weir, "weir", "./weir", "the built program, for the rows of the whole pipeline")
	flag.StringVar(&s.profile, "cpuprofile", "", "write the embedded server's CPU profile here (measure one row)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(measure(ctx, s))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// pinSelf keeps this process on the client's core.
func pinSelf(ctx context.Context) error {
	runtime.GOMAXPROCS(1)
	out, err := exec.CommandContext(ctx, "taskset", "-a", "-c", "-p", clientCore, fmt.Sprint(os.Getpid())).CombinedOutput()
	if err != nil {
		return fmt.Errorf("pin the client to core %s: %w: %s", clientCore, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// row is one line of the table.
type row struct {
	name, work string
	measure    func(context.Context, *bench) (figures, error)
}

// figures are what a row shows.
type figures struct{ ours, peers, reach string }

var rows = []row{
	{"put64", "PutRecords 500 × 500 B, 64 shards, limits × 1000", putRow(batch, 64, 1000)},
	{"put4096", "PutRecords 500 × 500 B, 4 096 shards at AWS's limits", putRow(batch, 4096, 1)},
	{"put1", "PutRecord 500 B, 64 shards, limits × 1000", putRow(1, 64, 1000)},
	{"get", "GetRecords, 10 000 × 500 B an answer", getRow},
	{"memory", "1 M records of 500 B retained", memoryRow},
	{"loop", "`weir run`: stream → mapping → built-in probe, 512 shards, batch 500", loopRow},
	{"function", "`weir run`: the same with an aws-lambda-go process, 32 shards", functionRow},
}

// bench is what the rows share.
type bench struct {
	settings
	kinesalite *peer // nil until a row wants it
}

func measure(ctx context.Context, s settings) error {
	if err := pinSelf(ctx); err != nil {
		return err
	}
	b := &bench{settings: s}
	defer func() { b.kinesalite.remove() }()
	fmt.Printf("%s, %s, windows of %v × %d\n\n", cpuModel(), runtime.Version(), s.window, s.windows)
	fmt.Println("| row | work | measured | beside it, same run | to reach |")
	fmt.Println("|---|---|---|---|---|")
	for _, r := range rows {
		if s.only != "" && !strings.Contains(","+s.only+",", ","+r.name+",") {
			continue
		}
		f, err := r.measure(ctx, b)
		if err != nil {
			f.ours = "not measured: " + err.Error()
		}
		fmt.Printf("| %s | %s | %s | %s | %s |\n", r.name, r.work, f.ours, f.peers, f.reach)
	}
	return ctx.Err()
}

// cpuModel is the processor's name, or what the kernel calls the machine.
func cpuModel() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				return strings.TrimSpace(value)
			}
		}
	}
	return runtime.GOARCH
}
