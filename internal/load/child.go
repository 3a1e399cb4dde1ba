package load

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"weir/internal/load/frame"
	"weir/internal/plan"
	scripts "weir/k6-test-scripts"
)

// Options say how a load is started.
type Options struct {
	Exe    string   // binary that is k6 when its first argument is "k6": this one
	Spec   Spec     // what to do
	Script string   // the script: a path for a plan.Script test, else a name of the embedded ones, such as baseline-500b.js
	Dir    string   // where an embedded script is written to be run, and stays
	Args   []string // more arguments of k6 run
	// Bounded keeps k6 from storing every value of a script's trends: no summary,
	// and thresholds are evaluated on histograms. A test of the catalogue is
	// always bounded, and has no thresholds.
	Bounded bool
	Env     []string  // of the child; nil: this process's
	Stdout  io.Writer // k6's summary; nil: as Log
	Log     io.Writer // what k6 logs; nil: nowhere
	// Observed lets k6 outlive the load until Finish, so that its outputs get what
	// Observe hands on.
	Observed bool
	// OutputsGrace is what k6's outputs may take, after Finish, to send what they
	// still hold; 0: half a minute.
	OutputsGrace time.Duration
}

// Child is a k6 process that carries out a test.
type Child struct {
	cmd      *exec.Cmd
	frames   chan frame.Frame
	observed *feed         // nil where nothing is
	grace    time.Duration // from Interrupt to the load's end
	outputs  time.Duration // from Finish to the process's
	over     chan struct{} // closed when the load has ended: with the final frame, or with the process
	done     chan struct{} // closed when the process has ended and exit, err are set
	stop     sync.Once
	finish   sync.Once
	cut      atomic.Bool // the outputs were not waited for any longer
	exit     int
	err      error
}

const (
	// graceMargin is what a child may take to end its load, after its calls have,
	// before it is killed.
	graceMargin  = 5 * time.Second
	outputsGrace = 30 * time.Second
)

// ErrOutputs says that k6's outputs had not sent all they held when they were
// not waited for any longer. The load had ended before.
var ErrOutputs = errors.New("k6's outputs did not end in time")

// Start starts k6 as a child process. When ctx ends, the child is interrupted.
// The caller must receive from Frames until it is closed; where the child is
// Observed, it must call Finish once the load has ended.
func Start(ctx context.Context, o Options) (*Child, error) {
	script, err := scriptFile(o)
	if err != nil {
		return nil, err
	}
	cmd, err := command(o, script)
	if err != nil {
		return nil, err
	}
	c := &Child{
		cmd: cmd, frames: make(chan frame.Frame, 8), over: make(chan struct{}), done: make(chan struct{}),
		grace: o.Spec.Test.Put.Timeout + graceMargin, outputs: cmp.Or(o.OutputsGrace, outputsGrace),
	}
	if o.Observed {
		in, err := cmd.StdinPipe()
		if err != nil {
			return nil, fmt.Errorf("make pipe for observations: %w", err)
		}
		c.observed = startFeed(in)
	}
	started := make(chan error)
	go c.run(started)
	if err := <-started; err != nil {
		if c.observed != nil {
			c.observed.end()
		}
		return nil, err
	}
	forget := context.AfterFunc(ctx, c.Interrupt)
	go func() { <-c.done; forget() }()
	return c, nil
}

// scriptFile is the script to run: the user's, or the catalogue's written into
// Options.Dir, where it stays as part of the record.
func scriptFile(o Options) (string, error) {
	if o.Spec.Test.Kind == plan.Script {
		return o.Script, nil
	}
	text, err := scripts.Files.ReadFile(o.Script)
	if err != nil {
		return "", fmt.Errorf("find script of test %s: %w", o.Spec.Test.Name, err)
	}
	path := filepath.Join(o.Dir, o.Script)
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // the catalogue's script is no secret
		return "", fmt.Errorf("write script: %w", err)
	}
	return path, nil
}

func command(o Options, script string) (*exec.Cmd, error) {
	spec, err := json.Marshal(o.Spec)
	if err != nil {
		return nil, fmt.Errorf("encode load: %w", err)
	}
	args := []string{"k6", "run", "--quiet", "--no-color"}
	env := o.Env
	if env == nil {
		env = os.Environ()
	}
	env = slices.Clone(env)
	if o.Spec.Test.Kind != plan.Script {
		env = withoutSchedule(env)
	}
	if o.Bounded || o.Spec.Test.Kind != plan.Script {
		// Both flags are needed to keep k6 from storing every sample for ever;
		// the judging is done on the frames' histograms.
		args = append(args, "--no-thresholds", "--summary-mode=disabled")
	}
	if o.Bounded {
		env = append(env, envBounded+"=1")
	}
	args = append(append(args, o.Args...), "--out", outputName, script) // weir's output is the last to be stopped
	cmd := exec.Command(o.Exe, args...)
	cmd.Env = append(env, envSpec+"="+string(spec))
	if o.Observed {
		cmd.Env = append(cmd.Env, envObserved+"=1")
	}
	cmd.Stdout, cmd.Stderr = o.Log, o.Log
	if o.Stdout != nil {
		cmd.Stdout = o.Stdout
	}
	cmd.SysProcAttr = childAttributes()
	return cmd, nil
}

// withoutSchedule drops k6's own variables that would bend a test's schedule.
func withoutSchedule(env []string) []string {
	bending := []string{
		"K6_VUS", "K6_ITERATIONS", "K6_DURATION", "K6_STAGES", "K6_RPS", "K6_MIN_ITERATION_DURATION",
		"K6_EXECUTION_SEGMENT", "K6_EXECUTION_SEGMENT_SEQUENCE", "K6_CONFIG", "K6_LINGER",
	}
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains(bending, name)
	})
}

// run is the child's life. It keeps one thread for itself: Linux ends the
// child not with the parent but with the thread that started it.
func (c *Child) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(c.done)
	pipe, launched, err := inheritFrames(c.cmd)
	if err != nil {
		started <- err
		return
	}
	err = c.cmd.Start()
	launched()
	if err != nil {
		_ = pipe.Close() // nothing was written to it
		started <- fmt.Errorf("start k6: %w", err)
		return
	}
	started <- nil

	var reading sync.WaitGroup
	var readErr error
	reading.Go(func() { readErr = c.receive(pipe) })
	waitErr := c.cmd.Wait()
	if runtime.GOOS == "windows" {
		_ = pipe.Close() // ends the wait for a child that never connected
	}
	reading.Wait()
	c.exit = c.cmd.ProcessState.ExitCode()
	if c.cut.Load() {
		c.err = ErrOutputs
		return
	}
	if _, ended := errors.AsType[*exec.ExitError](waitErr); waitErr != nil && (!ended || c.exit < 0) {
		c.err = fmt.Errorf("run k6: %w", waitErr) // a signal ended it, or its log could not be written
	}
	c.err = errors.Join(c.err, readErr)
}

// receive hands frames on until there are no more.
func (c *Child) receive(pipe io.ReadCloser) error {
	defer close(c.frames)
	defer func() { _ = pipe.Close() }() // all that matters was read
	over := sync.OnceFunc(func() { close(c.over) })
	defer over()
	for {
		f, err := frame.Read(pipe)
		if err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return err
		}
		if f.Final {
			over()
		}
		c.frames <- f
	}
}

// Frames is the child's reports: about one a second, the Final one when the
// load has ended, and a Stopped one when k6's outputs have. It is closed after
// the last.
// Without a Final one the child was cut short.
func (c *Child) Frames() <-chan frame.Frame { return c.frames }

// PID is the number of the child's process.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Wait blocks until the child has ended and all frames were received. It
// returns k6's exit code; err says why there is none (ErrOutputs where only
// outputs were cut short), or that frames were lost.
func (c *Child) Wait() (exit int, err error) {
	<-c.done
	return c.exit, c.err
}

// Observe hands on what was seen of the pipeline, to be pushed to k6's outputs.
// It does not block, and does nothing after Finish. The child must be Observed.
func (c *Child) Observe(seen []frame.Observation) { c.observed.put(seen) }

// Unheard is the number of observations that the child did not take in time.
func (c *Child) Unheard() int64 { return c.observed.dropped.Load() }

// Finish says that there is nothing more to observe: k6 ends its outputs and
// itself, or is killed. It does not block and may be called again. The child
// must be Observed.
func (c *Child) Finish() {
	c.finish.Do(func() {
		c.observed.end()
		go c.killAfter(c.outputs, c.done, func() { c.cut.Store(true) })
	})
}

// Interrupt stops the load: k6 ends its iterations, calls under way get their
// answers, the final frame comes. A child whose load doesn't end within its
// calls' timeout and a few seconds is killed, with all that it started.
// Interrupt does not block and may be called again.
func (c *Child) Interrupt() {
	c.stop.Do(func() {
		_ = terminate(c.cmd.Process) // fails where the child has ended
		go c.killAfter(c.grace, c.over, func() {})
	})
}

// killAfter kills the child unless it gets so far in time.
func (c *Child) killAfter(grace time.Duration, so <-chan struct{}, first func()) {
	select {
	case <-so:
	case <-time.After(grace):
		first()
		_ = killGroup(c.cmd.Process) // fails where the child has ended
	}
}
