// Command outputs measures what k6's outputs cost the load generator: each
// alone, all at once, and none, with endpoints of its own that take everything,
// and prints a Markdown table.
//
//	go build -o weir . && go run ./bench/outputs -weir ./weir
//	go run ./bench/outputs -weir ./weir -rate 40000 -put-batch 500   # at half your top speed
//
// The load is 200 iterations a second of one record each unless said otherwise,
// on the embedded pipeline. A row is the median of -repeat runs, taken in turns;
// the generator's CPU time is that of its process while the load lasts, in per
// cent of one core. Endpoints that are deaf take requests and never answer. All
// endpoints are in a process that runs when nothing else wants to (SCHED_IDLE):
// they stand for services that run elsewhere, and must not take the generator's
// turn.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

func main() {
	var s setup
	flag.StringVar(&s.weir, "weir", "", "the built weir binary (go build -o weir .); required")
	flag.IntVar(&s.rate, "rate", 200, "records per second")
	flag.IntVar(&s.batch, "put-batch", 1, "records per put call, one call an iteration")
	flag.IntVar(&s.shards, "shards", 0, "of the embedded stream; 0: enough for the rate")
	flag.DurationVar(&s.step, "step", 10*time.Second, "length of each load")
	flag.IntVar(&s.repeat, "repeat", 3, "runs of each row")
	flag.StringVar(&s.only, "only", "", "regular expression of the rows' names; empty: all")
	serve := flag.String("serve", "", "be the endpoints, answering or deaf (for the program's own use)")
	flag.Parse()
	do := s.measure
	if *serve != "" {
		do = func(context.Context) error { return serveEndpoints(*serve) }
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench/outputs:", err)
		os.Exit(1)
	}
}
