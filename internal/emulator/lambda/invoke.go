package lambda

import (
	"context"
	"errors"
	"time"
)

// invocation is what came of one: exactly one of missing, throttled, aborted,
// failed and a response.
type invocation struct {
	missing   error // there is no such function
	throttled ThrottleReason
	aborted   bool // the server closed
	failed    *FunctionError
	response  []byte
	logTail   []byte
	start     time.Time
}

// invoke runs inv in one of the function's environments and waits for the end.
// It fills in inv's names and times.
func (s *Server) invoke(ctx context.Context, name string, inv *Invocation) invocation {
	f, env, cold, reason, err := s.enter(name)
	if err != nil {
		return invocation{missing: err}
	}
	if reason != "" {
		observe(f.series.throttles, s.now(), 1)
		return invocation{throttled: reason}
	}
	inv.RequestID, inv.FunctionName, inv.FunctionARN = s.random.uuid(), f.name, f.arn
	inv.dies = s.faults.take(&s.faults.kills)
	var result invocation
	if cold {
		result = s.coldInvoke(ctx, f, env, inv)
	} else {
		result = s.warmInvoke(ctx, f, env, inv, 0)
	}
	s.leave(f, env, result.failed != nil && result.failed.crashed || result.aborted || env.life.Err() != nil)
	return result
}

// coldInvoke starts the environment first. Of an init that failed, the
// invocation is a function error.
func (s *Server) coldInvoke(ctx context.Context, f *function, env *environment, inv *Invocation) invocation {
	began := s.now()
	failed := env.start(ctx)
	init := s.now().Sub(began)
	if failed == nil {
		return s.warmInvoke(ctx, f, env, inv, max(init, 1))
	}
	if ctx.Err() != nil {
		return invocation{aborted: true}
	}
	s.log(env, s.now(), initReport(init, failed))
	functionError := &FunctionError{Type: failed.Type, Message: "RequestId: " + inv.RequestID + " Error: " + failed.Reason, crashed: true, status: "error"}
	return s.conclude(f, env, inv, report{init: init}, nil, functionError, began)
}

// warmInvoke runs the invocation in a started environment; init is what a cold
// start took before it.
func (s *Server) warmInvoke(ctx context.Context, f *function, env *environment, inv *Invocation, init time.Duration) invocation {
	start := s.now()
	inv.Start, inv.Deadline = start, start.Add(env.of.Timeout)
	env.recent.reset()
	s.log(env, start, "START RequestId: "+inv.RequestID+" Version: "+latest)

	limited, cancel := context.WithTimeout(ctx, env.of.Timeout)
	unwatch := context.AfterFunc(env.life, cancel)
	response, failed := env.run(limited, inv)
	timedOut := errors.Is(limited.Err(), context.DeadlineExceeded)
	killed := env.life.Err() != nil && !timedOut
	unwatch()
	cancel()
	if ctx.Err() != nil {
		return invocation{aborted: true}
	}
	duration := s.now().Sub(start)
	if timedOut {
		duration = env.of.Timeout
		failed = timeoutError(inv.RequestID, s.now(), env.of.Timeout)
		s.log(env, s.now(), failed.Message)
	}
	if killed {
		failed = exitError(inv.RequestID, "signal: killed")
	}
	return s.conclude(f, env, inv, report{duration: duration, init: init}, response, failed, start)
}

// conclude writes the log lines and metrics of an invocation that has ended.
func (s *Server) conclude(f *function, env *environment, inv *Invocation, r report, response []byte, failed *FunctionError, start time.Time) invocation {
	r.requestID, r.memoryMB, r.maxMemoryMB = inv.RequestID, env.of.MemoryMB, env.maxMemoryMB()
	if failed != nil {
		r.status, r.errorType = failed.status, failed.Type
		response = failed.document()
	}
	now := s.now()
	s.log(env, now, "END RequestId: "+inv.RequestID)
	s.log(env, now, r.String())

	errors := 0.0
	if failed != nil {
		errors = 1
	}
	observe(f.series.invocations, start, 1)
	observe(f.series.errors, start, errors)
	observe(f.series.throttles, start, 0)
	observe(f.series.duration, start, milliseconds(r.duration))
	return invocation{failed: failed, response: response, logTail: env.recent.copy(), start: start}
}

// enter takes an execution and an environment for it: an idle one, or a new one
// that has yet to start.
func (s *Server) enter(name string) (f *function, env *environment, cold bool, reason ThrottleReason, err error) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, err = s.function(name); err != nil {
		return nil, nil, false, "", err
	}
	if reason := s.concurrency.Acquire(f.name); reason != "" {
		return f, nil, false, reason, nil
	}
	env = s.idleEnvironment(f)
	if env == nil {
		if reason := s.concurrency.Grow(f.name, s.clock.at(now)); reason != "" {
			s.concurrency.Release(f.name)
			return f, nil, false, reason, nil
		}
		env, cold = s.newEnvironment(f.revision, f.environments.Start(), now), true
		f.live[env.id] = env
	}
	ofFunction, total := s.concurrency.InUse(f.name)
	f.series.concurrent[0](now, float64(ofFunction), 1)
	f.series.concurrent[1](now, float64(total), 1)
	return f, env, cold, "", nil
}

// idleEnvironment takes the most recent idle environment that is alive. The
// caller holds the lock.
func (s *Server) idleEnvironment(f *function) *environment {
	for {
		id, ok := f.environments.Take()
		if !ok {
			return nil
		}
		env := f.live[id]
		if !env.dead() {
			return env
		}
		delete(f.live, id)
		env.stop() // at once: it has ended
	}
}

// leave gives the execution back, and the environment unless it is broken or
// of a revision that is no more.
func (s *Server) leave(f *function, env *environment, broken bool) {
	if broken {
		env.stop()
	}
	now := s.now()
	s.mu.Lock()
	s.concurrency.Release(f.name)
	stale := env.of != f.revision || s.functions[f.name] != f
	if broken || stale {
		delete(f.live, env.id)
	} else {
		f.environments.Give(env.id, s.clock.at(now))
	}
	s.mu.Unlock()
	if stale && !broken {
		env.stop()
	}
}
