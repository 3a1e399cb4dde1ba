package lambda

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"time"

	"weir/internal/quota"
)

// outputGrace is how long output that a killed process's descendants still
// hold open is waited for.
const outputGrace = time.Second

// memoryLook is how often the memory of a process at work is looked at.
const memoryLook = 50 * time.Millisecond

// process is an execution environment in a process of its own, which takes its
// invocations from a Runtime API of its own. Its process group is stopped while
// it waits for one, as Lambda freezes an environment, and killed when the
// process holds more memory than the function has.
type process struct {
	command  []string
	dir      string
	env      []string
	memoryMB int
	output   *lineWriter
	guard    *guard

	cmd     *exec.Cmd
	api     *runtimeAPI
	started chan struct{} // closed when the process runs
	exited  chan struct{} // closed when the process ended; how says how
	how     string
	peakMB  int // as far as it was looked at; of run's goroutine
}

// start runs the command and waits until it asks for its first invocation, at
// most the init limit of 10 s.
func (p *process) start(ctx context.Context) *InitError {
	p.started, p.exited = make(chan struct{}), make(chan struct{})
	api, err := newRuntimeAPI(func() { <-p.started; freezeGroup(p.cmd) }, func() { thawGroup(p.cmd) })
	if err != nil {
		return &InitError{Type: "Runtime.Unknown", Reason: fmt.Sprintf("start the runtime API: %v", err)}
	}
	p.api = api
	p.cmd = exec.Command(p.command[0], p.command[1:]...)
	p.cmd.Dir = p.dir
	p.cmd.Env = append(p.cmd.Environ(), p.env...)
	p.cmd.Env = append(p.cmd.Env, "AWS_LAMBDA_RUNTIME_API="+api.address())
	p.cmd.Stdout, p.cmd.Stderr = p.output, p.output
	p.cmd.WaitDelay = outputGrace
	ownGroup(p.cmd)
	if err := p.cmd.Start(); err != nil {
		p.how = err.Error()
		close(p.exited)
		p.api.close()
		return &InitError{Type: "Runtime.InvalidEntrypoint", Reason: fmt.Sprintf("start %s: %v", p.command[0], err)}
	}
	close(p.started)
	p.guard.add(p.cmd.Process.Pid)
	go p.wait()
	return p.ready(ctx)
}

func (p *process) wait() {
	p.how = exitStatus(p.cmd.Wait())
	killGroup(p.cmd) // what it started and left behind
	p.guard.remove(p.cmd.Process.Pid)
	p.output.flush()
	close(p.exited)
}

func (p *process) ready(ctx context.Context) *InitError {
	ctx, cancel := context.WithTimeout(ctx, quota.InitTimeout)
	defer cancel()
	look := time.NewTicker(memoryLook)
	defer look.Stop()
	var failed *InitError
	for failed == nil {
		select {
		case <-look.C:
			p.limitMemory()
		case <-p.api.ready:
			return nil
		case reported := <-p.api.initErrors:
			failed = &InitError{Type: reported.Type, Reason: reported.Error()}
		case <-p.exited:
			failed = &InitError{Type: "Runtime.ExitError", Reason: fmt.Sprintf("%s ended before it asked for an invocation: %s", p.command[0], p.how)}
		case <-ctx.Done():
			failed = &InitError{Type: "Sandbox.Timedout", Reason: fmt.Sprintf("%s did not ask for an invocation within %v", p.command[0], quota.InitTimeout)}
		}
	}
	p.stop()
	failed.Output = p.output.tail()
	return failed
}

func (p *process) run(ctx context.Context, inv *Invocation) ([]byte, *FunctionError) {
	call := newAPICall(inv)
	select {
	case p.api.calls <- call:
	case <-p.exited:
		return nil, exitError(inv.RequestID, p.how)
	case <-ctx.Done():
		p.stop()
		return nil, nil
	}
	if inv.dies {
		<-call.taken
		p.stop()
		return nil, exitError(inv.RequestID, p.how)
	}
	return p.reply(ctx, call)
}

// reply waits for the end of an invocation that the runtime has.
func (p *process) reply(ctx context.Context, call *apiCall) ([]byte, *FunctionError) {
	look := time.NewTicker(memoryLook)
	defer look.Stop()
	for {
		select {
		case <-look.C:
			p.limitMemory()
		case reply := <-call.reply:
			return reply.response, reply.failed
		case <-p.exited:
			select {
			case reply := <-call.reply: // it answered first
				return reply.response, reply.failed
			default:
				return nil, exitError(call.inv.RequestID, p.how)
			}
		case <-ctx.Done():
			p.stop()
			return nil, nil
		}
	}
}

// limitMemory kills the process where it holds more than the function's memory.
func (p *process) limitMemory() {
	now, peak := memoryMB(p.cmd.Process.Pid)
	p.peakMB = max(p.peakMB, peak)
	if now > p.memoryMB {
		killGroup(p.cmd)
	}
}

func (p *process) dead() bool {
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// stop kills the process's group and waits for its end.
func (p *process) stop() {
	if p.cmd == nil {
		return
	}
	if p.cmd.Process != nil && !p.dead() {
		killGroup(p.cmd)
	}
	<-p.exited
	p.api.close()
}

func (p *process) maxMemoryMB() int {
	if p.cmd == nil || p.cmd.Process == nil {
		return 0
	}
	_, peak := memoryMB(p.cmd.Process.Pid)
	return min(max(p.peakMB, peak), p.memoryMB)
}

// exitStatus is how a process ended, in the Runtime API's words.
func exitStatus(err error) string {
	switch exit, ok := errors.AsType[*exec.ExitError](err); {
	case err == nil:
		return "exit status 0"
	case ok:
		return exit.Error()
	default:
		return err.Error()
	}
}

// processEnvironment are the variables that Lambda defines for a function
// (lambda/latest/dg/configuration-envvars, read 2026-11-22), then its own.
func (s *Server) processEnvironment(f *revision, e *environment) []string {
	env := []string{
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=" + latest,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME=" + logGroup(f.Name),
		"AWS_LAMBDA_LOG_STREAM_NAME=" + e.logStream,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_EXECUTION_ENV=AWS_Lambda_" + f.Runtime,
		"AWS_REGION=" + s.cfg.Region,
		"AWS_DEFAULT_REGION=" + s.cfg.Region,
		"_HANDLER=" + f.Handler,
		"LAMBDA_TASK_ROOT=" + f.Dir,
		"TZ=:UTC",
	}
	for _, variables := range []map[string]string{s.cfg.FunctionEnv, f.Env} {
		for name, value := range variables {
			env = append(env, name+"="+value)
		}
	}
	return env
}
