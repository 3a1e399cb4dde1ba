package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/pprof"
	"syscall"
	"time"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/emulator/kinesis"
)

// stream is the one that every server has.
const stream = "bench"

// collector is weir local's own setting of the garbage collector.
const collector = 40

// serve is the measured side: it prints its address and answers until its
// standard input ends.
func serve(args []string) error {
	set := flag.NewFlagSet("serve", flag.ContinueOnError)
	kind := set.String("kind", "kinesis", "kinesis or echo")
	shards := set.Int("shards", 64, "")
	factor := set.Float64("factor", 1000, "")
	retain := set.Int64("retain", 64<<20, "")
	profile := set.String("cpuprofile", "", "")
	if err := set.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *profile != "" && *kind == "kinesis" {
		out, err := os.Create(*profile)
		if err != nil {
			return fmt.Errorf("create the profile: %w", err)
		}
		defer out.Close() //nolint:errcheck // a lost profile shows
		if err := pprof.StartCPUProfile(out); err != nil {
			return fmt.Errorf("profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	handler := http.Handler(http.HandlerFunc(echo))
	if *kind == "kinesis" {
		debug.SetGCPercent(collector)
		store := cloudwatch.NewStore(cloudwatch.Options{})
		server := kinesis.New(kinesis.Config{ShardLimitFactor: *factor, RetainBytes: *retain, Series: store.Series})
		if err := server.CreateStream(stream, *shards, kinesis.StreamOptions{}); err != nil {
			return err
		}
		handler = server
	}
	return listen(ctx, handler)
}

func listen(ctx context.Context, handler http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close() //nolint:errcheck // the process ends
	}()
	if err := server.Serve(listener); err != http.ErrServerClosed {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// echo reads what comes and answers without looking at it, at the length of the
// answer that it stands for: the floor under any server on net/http.
func echo(w http.ResponseWriter, r *http.Request) {
	buf := buffers.Get().(*[]byte)
	defer buffers.Put(buf)
	for {
		if _, err := r.Body.Read(*buf); err == io.EOF {
			break
		} else if err != nil {
			return
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	answer := answerOne
	if r.ContentLength > 10_000 {
		answer = answerBatch
	}
	w.Write(answer) //nolint:errcheck // the client's connection
}
