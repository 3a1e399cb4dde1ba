// weir measures what a Kinesis + Lambda pipeline carries. One binary plays
// several roles; main picks one.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"weir/internal/cli"
	"weir/internal/load"
	"weir/probe"
)

func main() {
	switch {
	// Images and operators that expect k6 start the binary by that name.
	case strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "k6":
		load.Main(os.Args[1:])
	// Lambda starts a function of ours by the name of its program: it is the probe.
	case filepath.Base(os.Args[0]) == "bootstrap" && os.Getenv("AWS_LAMBDA_RUNTIME_API") != "":
		lambda.Start(probe.Handler(func(context.Context, events.KinesisEvent) error { return nil }))
	case len(os.Args) > 1 && os.Args[1] == "k6":
		load.Main(os.Args[2:])
	default:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop) // a second Ctrl-C ends weir at once
		os.Exit(cli.Main(ctx, cli.FromOS()))
	}
}
