// Command producer measures the load generator against its peers, in one run
// on one machine, and prints a Markdown table.
//
//	go build -o weir . && go run ./bench/producer -weir ./weir
//
// The client has one core, a server that answers in the length of Kinesis's
// answers the other. Every record is distinct and signed for, ours carry a
// ledger token, every answer is read. A figure is records per second of the
// client's CPU time in a steady window, and in brackets those per second of the
// clock: with one call under way, a client waits while the server works.
//
// The floor is what no client can do without: a bare loop that hashes one body
// again and again, writes the call and reads the answer, 32 under way as well.
//
// It needs Linux, two cores and taskset. Peers: a Go loop over aws-sdk-go-v2
// with 32 calls in flight, and k6's jslib-aws if its bundle is given by -jslib.
package main

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"time"

	"weir/internal/producer"
)

func main() {
	var s setup
	flag.StringVar(&s.weir, "weir", "", "the built weir binary (go build -o weir .); required")
	flag.StringVar(&s.jslib, "jslib", "", "file of jslib-aws's bundle for Kinesis, aws-kinesis.js; its column is left out without")
	flag.DurationVar(&s.window, "window", 4*time.Second, "length of each measurement")
	flag.IntVar(&s.repeat, "repeat", 3, "measurements of which the median counts")
	flag.StringVar(&s.row, "only", "", "one row: 500x500, 500x100, 500x10240 or 1x500")
	flag.StringVar(&s.columns, "columns", "", "parts of the names of the columns wanted, with commas between: JSON,CBOR")
	flag.Parse()
	if err := run(s, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "bench/producer:", err)
		os.Exit(1)
	}
}

// run plays the role that its arguments name, or measures when there are none.
func run(s setup, args []string) error {
	if len(args) == 0 {
		return s.measure()
	}
	role, args := args[0], append(args[1:], "", "", "")
	batch, err := strconv.Atoi(args[0])
	if err != nil {
		return fmt.Errorf("role %s: batch %q: %w", role, args[0], err)
	}
	if role == "serve" {
		share, err := strconv.ParseFloat(args[1], 64)
		if err != nil {
			return fmt.Errorf("role serve: share %q: %w", args[1], err)
		}
		return serve(batch, share, args[2])
	}
	size, err := strconv.Atoi(args[1])
	if err != nil {
		return fmt.Errorf("role %s: size %q: %w", role, args[1], err)
	}
	switch role {
	case "sdk":
		return loopSDK(batch, size)
	case "producer":
		return loopProducer(batch, size)
	case "floor":
		return loopFloor(batch, size, producer.Encoding(args[2]))
	}
	return fmt.Errorf("no role %q", role)
}
