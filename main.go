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

	"weir/internal/cli"
	"weir/internal/load"
)

func main() {
	switch {
	// Images and operators that expect k6 start the binary by that name.
	case strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") == "k6":
		load.Main(os.Args[1:])
	case len(os.Args) > 1 && os.Args[1] == "k6":
		load.Main(os.Args[2:])
	default:
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop) // a second Ctrl-C ends weir at once
		os.Exit(cli.Main(ctx, cli.FromOS()))
	}
}
