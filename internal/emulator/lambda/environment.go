package lambda

import (
	"context"
	"errors"
	"time"

	"weir/internal/emulator/wire"
)

// runner is the inside of an execution environment.
type runner interface {
	// start gets it ready for its first invocation, or says why it can't be.
	start(ctx context.Context) *InitError
	// run carries out one invocation. When ctx ends first, the error is nil or
	// whatever came of it, and the runner may not be used again.
	run(ctx context.Context, inv *Invocation) (response []byte, failed *FunctionError)
	// dead reports that the runner can serve no more invocations.
	dead() bool
	// stop ends it; nothing of it runs on after stop returned.
	stop()
	// maxMemoryMB is the most memory it has used; 0: unknown.
	maxMemoryMB() int
}

// environment is one execution environment: a runner and its log stream.
type environment struct {
	runner
	of        *revision
	id        int
	logStream string
	recent    logTail
	life      context.Context // ends when a fault kills the environment
	kill      context.CancelFunc
}

// InitError says why an environment did not get ready for its first invocation.
type InitError struct {
	Type   string // Runtime.ExitError, Sandbox.Timedout, or the runtime's own
	Reason string
	Output string // the end of what the process wrote; empty: nothing
}

// Error is the reason, and the output on lines of its own.
func (e *InitError) Error() string {
	if e.Output == "" {
		return e.Reason
	}
	return e.Reason + ":\n" + e.Output
}

// inProcess runs an InProcess function or a work model.
type inProcess struct {
	call InProcess
	work *worker
	cold time.Duration
	emit func(line string)
}

func (p *inProcess) start(ctx context.Context) *InitError {
	if !sleep(ctx, p.cold) {
		return &InitError{Type: "Sandbox.Timedout", Reason: "the environment did not start in time"}
	}
	return nil
}

func (p *inProcess) run(ctx context.Context, inv *Invocation) ([]byte, *FunctionError) {
	call := p.call
	if p.work != nil {
		call = p.work.handle
	} else if inv.dies {
		return nil, exitError(inv.RequestID, "signal: killed")
	}
	response, lines, err := call(ctx, *inv)
	for _, line := range lines {
		p.emit(line)
	}
	if err == nil {
		return response, nil
	}
	if failed, ok := errors.AsType[*FunctionError](err); ok {
		return nil, failed
	}
	return nil, &FunctionError{Type: "Error", Message: err.Error()}
}

func (p *inProcess) dead() bool       { return false }
func (p *inProcess) stop()            {}
func (p *inProcess) maxMemoryMB() int { return 0 }

// sleep waits for d; it reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool { return wire.Wait(ctx, d) }

// newEnvironment is an environment of f that has not started.
func (s *Server) newEnvironment(f *revision, id int, now time.Time) *environment {
	e := &environment{of: f, id: id, logStream: s.random.logStream(now)}
	e.life, e.kill = context.WithCancel(context.Background())
	emit := func(line string) { s.log(e, s.now(), line) }
	if len(f.Command) == 0 {
		e.runner = &inProcess{call: f.InProcess, work: f.worker, cold: s.random.sample(s.cfg.ColdStart), emit: emit}
		return e
	}
	e.runner = &process{
		command: f.Command, dir: f.Dir, env: s.processEnvironment(f, e), memoryMB: f.MemoryMB,
		output: &lineWriter{emit: emit}, guard: &s.guard,
	}
	return e
}
