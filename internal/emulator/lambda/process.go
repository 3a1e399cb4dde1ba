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

// process is an execution environment in a process of its own, which takes its
// invocations from a Runtime API of its own.
type process struct {
	command []string
	dir     string
	env     []string
	output  *lineWriter

	cmd    *exec.Cmd
	api    *runtimeAPI
	exited chan struct{} // closed when the process ended; how says how
	how    string
}

func newProcess(command []string, dir string, env []string, emit func(string)) *process {
	return &process{command: command, dir: dir, env: env, output: &lineWriter{emit: emit}}
}

// start runs the command and waits until it asks for its first invocation, at
// most the init limit of 10 s.
func (p *process) start(ctx context.Context) *InitError {
	api, err := newRuntimeAPI()
	if err != nil {
		return &InitError{Type: "Runtime.Unknown", Reason: fmt.Sprintf("start the runtime API: %v", err)}
	}
	p.api = api
	p.exited = make(chan struct{})
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
	go p.wait()
	return p.ready(ctx)
}

func (p *process) wait() {
	p.how = exitStatus(p.cmd.Wait())
	killGroup(p.cmd) // what it started and left behind
	p.output.flush()
	close(p.exited)
}

func (p *process) ready(ctx context.Context) *InitError {
	ctx, cancel := context.WithTimeout(ctx, quota.InitTimeout)
	defer cancel()
	var failed *InitError
	select {
	case <-p.api.ready:
		return nil
	case reported := <-p.api.initErrors:
		failed = &InitError{Type: reported.Type, Reason: reported.Error()}
	case <-p.exited:
		failed = &InitError{Type: "Runtime.ExitError", Reason: fmt.Sprintf("%s ended before it asked for an invocation: %s", p.command[0], p.how)}
	case <-ctx.Done():
		failed = &InitError{Type: "Sandbox.Timedout", Reason: fmt.Sprintf("%s did not ask for an invocation within %v", p.command[0], quota.InitTimeout)}
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
	select {
	case reply := <-call.reply:
		return reply.response, reply.failed
	case <-p.exited:
		select {
		case reply := <-call.reply: // it answered first
			return reply.response, reply.failed
		default:
			return nil, exitError(inv.RequestID, p.how)
		}
	case <-ctx.Done():
		p.stop()
		return nil, nil
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
	return peakMemoryMB(p.cmd.Process.Pid)
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
func (s *Server) processEnvironment(f *function, e *environment) []string {
	env := []string{
		"AWS_LAMBDA_FUNCTION_NAME=" + f.Name,
		"AWS_LAMBDA_FUNCTION_VERSION=" + latest,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(f.MemoryMB),
		"AWS_LAMBDA_LOG_GROUP_NAME=" + f.logGroup(),
		"AWS_LAMBDA_LOG_STREAM_NAME=" + e.logStream,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_EXECUTION_ENV=AWS_Lambda_" + f.Runtime,
		"AWS_REGION=" + s.cfg.Region,
		"AWS_DEFAULT_REGION=" + s.cfg.Region,
		"_HANDLER=" + f.Handler,
		"LAMBDA_TASK_ROOT=" + f.Dir,
		"TZ=:UTC",
	}
	for name, value := range f.Env {
		env = append(env, name+"="+value)
	}
	return env
}
