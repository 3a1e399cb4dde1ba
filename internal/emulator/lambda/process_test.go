package lambda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/google/go-cmp/cmp"
)

// TestMain lets the test binary play the functions of these tests: with
// PLAY_FUNCTION set it is one.
func TestMain(m *testing.M) {
	switch os.Getenv("PLAY_FUNCTION") {
	case "":
		os.Exit(m.Run())
	case "count":
		lambda.Start(countRecords)
	case "hang":
		lambda.Start(func() { select {} })
	case "child": // starts a process of its own and hangs
		cmd := exec.Command("sleep", "3600")
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		fmt.Println("child", cmd.Process.Pid)
		lambda.Start(func() { select {} })
	case "orphan": // starts a process of its own and exits in its first invocation
		cmd := exec.Command("sleep", "3600")
		if err := cmd.Start(); err != nil {
			panic(err)
		}
		fmt.Println("child", cmd.Process.Pid)
		lambda.Start(func() { os.Exit(7) })
	case "spin": // answers, and goes on computing in the background
		go func() {
			for n := 0; ; n++ {
				spun.Store(int64(n))
			}
		}()
		lambda.Start(func() {})
	case "swell": // takes more memory than any function has here
		lambda.Start(swell)
	case "host": // a server with a function that starts a process of its own
		playHost()
	case "exit":
		lambda.Start(func() { os.Exit(7) })
	case "crash":
		fmt.Fprintln(os.Stderr, "config.yaml: no such file")
		os.Exit(3)
	case "never": // never asks for an invocation
		time.Sleep(time.Hour)
	}
}

var spun atomic.Int64

// swell takes 16 MiB every 20 ms and touches it.
func swell() {
	var held [][]byte
	for {
		block := make([]byte, 16<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1
		}
		held = append(held, block)
		time.Sleep(20 * time.Millisecond)
		runtime.KeepAlive(held)
	}
}

// countRecords is an ordinary function, written with AWS's library alone.
func countRecords(ctx context.Context, e events.KinesisEvent) (string, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	fmt.Printf("%s %s %s left=%v\n", lc.InvokedFunctionArn, lambdacontext.FunctionName, os.Getenv("AWS_REGION"), time.Until(deadline) > time.Second)
	for _, r := range e.Records {
		switch string(r.Kinesis.Data) {
		case "poison":
			return "", errors.New("poisoned")
		case "panic":
			panic("out of order")
		}
	}
	return fmt.Sprintf("%d records", len(e.Records)), nil
}

// command is a FunctionConfig that runs this test binary as the named function.
func command(t *testing.T, role string) FunctionConfig {
	t.Helper()
	if testing.Short() {
		t.Skip("starts processes")
	}
	return FunctionConfig{Command: []string{os.Args[0]}, Env: map[string]string{"PLAY_FUNCTION": role}}
}

func TestProcessServesTheMapping(t *testing.T) {
	s := newStream(1)
	s.put(0, 25)
	server, o := pipeline(t, s, command(t, "count"), orders(10))
	await(t, "three invocations", func() bool { return o.sum("Invocations") == 3 })
	want := "arn:aws:lambda:us-east-1:123456789012:function:f f us-east-1 left=true"
	await(t, "the function's output", func() bool { return len(o.logged(want)) == 3 })
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	reports := o.logged("REPORT")
	if n := strings.Count(strings.Join(reports, ""), "Init Duration"); n != 1 {
		t.Errorf("%d cold starts: %q", n, reports)
	}
	if runtime.GOOS == "linux" && !strings.Contains(reports[0], "Max Memory Used") {
		t.Errorf("no memory in %q", reports[0])
	}
	if o.sum("Errors") != 0 || o.sum("InvokedEventCount") != 25 {
		t.Errorf("errors %v, invoked %v", o.sum("Errors"), o.sum("InvokedEventCount"))
	}
}

func TestProcessErrorsKeepTheEnvironment(t *testing.T) {
	s := newStream(1)
	s.put(0, 1)
	s.shards[0][0].Data = []byte("poison")
	m := orders(10)
	m.RetryAttempts = new(1)
	_, o := pipeline(t, s, command(t, "count"), m)
	await(t, "the drop", func() bool { return o.sum("DroppedEventCount") == 1 })
	if n := strings.Count(strings.Join(o.logged("REPORT"), ""), "Init Duration"); n != 1 || o.sum("Errors") != 2 {
		t.Errorf("%d cold starts, %v errors", n, o.sum("Errors"))
	}
}

func TestProcessErrorsReachTheCallerAsTheyAre(t *testing.T) {
	server, _ := pipeline(t, newStream(1), command(t, "count"), MappingConfig{})
	out, err := client(t, server).Invoke(t.Context(), &sdk.InvokeInput{
		FunctionName: new("f"), Payload: []byte(`{"Records":[{"kinesis":{"data":"cGFuaWM="}}]}`), // "panic"
	})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(out.Payload); !strings.Contains(text, `"errorMessage":"out of order"`) || !strings.Contains(text, `"stackTrace":[{"path":`) {
		t.Errorf("%s", text)
	}
}

func TestProcessThatExitsOrHangsIsReplaced(t *testing.T) {
	for _, test := range []struct {
		role, status string
	}{
		{"exit", "Status: error\tError Type: Runtime.ExitError"},
		{"hang", "Status: timeout"},
	} {
		t.Run(test.role, func(t *testing.T) {
			s := newStream(1)
			s.put(0, 1)
			m := orders(10)
			m.RetryAttempts = new(1)
			f := command(t, test.role)
			f.Timeout = 200 * time.Millisecond
			_, o := pipeline(t, s, f, m)
			await(t, "the drop", func() bool { return o.sum("DroppedEventCount") == 1 })
			for _, r := range o.logged("REPORT") {
				if !strings.Contains(r, test.status) || !strings.Contains(r, "Init Duration") {
					t.Errorf("%q", r)
				}
			}
		})
	}
}

func TestKillNextKillsTheProcess(t *testing.T) {
	s := newStream(1)
	s.put(0, 5)
	f := command(t, "count")
	server, o := pipeline(t, s, f, MappingConfig{})
	server.KillNext(1)
	if _, err := server.CreateMapping(orders(10)); err != nil {
		t.Fatal(err)
	}
	await(t, "the retry", func() bool { return o.sum("Invocations") == 2 })
	if o.sum("Errors") != 1 || o.sum("InvokedEventCount") != 10 {
		t.Errorf("errors %v, invoked %v", o.sum("Errors"), o.sum("InvokedEventCount"))
	}
}

func TestKillEnvironmentsKillsTheProcess(t *testing.T) {
	s := newStream(1)
	server, o := pipeline(t, s, command(t, "count"), orders(10))
	s.put(0, 5)
	await(t, "the first report", func() bool { return len(o.logged("REPORT")) == 1 })
	await(t, "an idle environment", func() bool { return server.KillEnvironments(1) == 1 })
	s.put(0, 5)
	await(t, "the second report", func() bool { return len(o.logged("REPORT")) == 2 })
	if r := o.logged("REPORT")[1]; !strings.Contains(r, "Init Duration") {
		t.Errorf("no cold start after the kill: %q", r)
	}
}

func TestCheckStartKeepsTheEnvironmentWarm(t *testing.T) {
	s := newStream(1)
	s.put(0, 5)
	server, o := pipeline(t, s, command(t, "count"), MappingConfig{})
	if err := server.CheckStart(t.Context(), "f"); err != nil {
		t.Fatal(err)
	}
	if _, err := server.CreateMapping(orders(10)); err != nil {
		t.Fatal(err)
	}
	await(t, "the invocation", func() bool { return len(o.logged("REPORT")) == 1 })
	if r := o.logged("REPORT")[0]; strings.Contains(r, "Init Duration") {
		t.Errorf("cold start after CheckStart: %q", r)
	}
}

func TestCheckStartShowsWhyItCannot(t *testing.T) {
	t.Run("crash", func(t *testing.T) {
		server, _ := pipeline(t, newStream(1), command(t, "crash"), MappingConfig{})
		err := server.CheckStart(t.Context(), "f")
		failed, ok := errors.AsType[*InitError](err)
		if !ok {
			t.Fatalf("%v", err)
		}
		want := &InitError{
			Type: "Runtime.ExitError", Output: "config.yaml: no such file",
			Reason: os.Args[0] + " ended before it asked for an invocation: exit status 3",
		}
		if diff := cmp.Diff(want, failed); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("missing", func(t *testing.T) {
		missing := filepath.Join(t.TempDir(), "bootstrap")
		server, _ := pipeline(t, newStream(1), FunctionConfig{Command: []string{missing}}, MappingConfig{})
		err := server.CheckStart(t.Context(), "f")
		if failed, ok := errors.AsType[*InitError](err); !ok || failed.Type != "Runtime.InvalidEntrypoint" || !strings.Contains(err.Error(), missing) {
			t.Errorf("%v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		server, _ := pipeline(t, newStream(1), command(t, "never"), MappingConfig{})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		err := server.CheckStart(ctx, "f")
		if failed, ok := errors.AsType[*InitError](err); !ok || failed.Type != "Sandbox.Timedout" {
			t.Errorf("%v", err)
		}
	})
}

// playHost runs a server with the function "child", and says its processes.
func playHost() {
	server := New(Config{Log: func(_, _ string, _ time.Time, message string) { fmt.Println(message) }})
	f := FunctionConfig{Name: "f", Command: []string{os.Args[0]}, Env: map[string]string{"PLAY_FUNCTION": "child"}}
	if err := server.CreateFunction(f); err != nil {
		panic(err)
	}
	if err := server.CheckStart(context.Background(), "f"); err != nil {
		panic(err)
	}
	fmt.Println("function", server.functions["f"].live[1].runner.(*process).cmd.Process.Pid)
	select {}
}
