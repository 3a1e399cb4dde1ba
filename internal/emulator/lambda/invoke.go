package lambda

import (
	"context"
	"errors"
	"time"
)

// invocation is what came of one: exactly one of throttled, aborted, failed and
// a response.
type invocation struct {
	throttled ThrottleReason
	aborted   bool // the server closed
	failed    *FunctionError
	response  []byte
	logTail   []byte
	start     time.Time
}

// invoke runs inv in one of f's environments and waits for the end. It fills in
// inv's names and times.
func (s *Server) invoke(ctx context.Context, f *function, inv *Invocation) invocation {
	env, cold, reason := s.enter(f)
	if reason != "" {
		observe(f.series.throttles, s.now(), 1)
		return invocation{throttled: reason}
	}
	inv.RequestID, inv.FunctionName, inv.FunctionARN = s.random.uuid(), f.Name, f.arn
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
	s.log(f, env, s.now(), initReport(init, failed))
	functionError := &FunctionError{Type: failed.Type, Message: "RequestId: " + inv.RequestID + " Error: " + failed.Reason, crashed: true, status: "error"}
	return s.conclude(f, env, inv, report{init: init}, nil, functionError, began)
}

// warmInvoke runs the invocation in a started environment; init is what a cold
// start took before it.
func (s *Server) warmInvoke(ctx context.Context, f *function, env *environment, inv *Invocation, init time.Duration) invocation {
	start := s.now()
	inv.Start, inv.Deadline = start, start.Add(f.Timeout)
	env.recent.reset()
	s.log(f, env, start, "START RequestId: "+inv.RequestID+" Version: "+latest)

	limited, cancel := context.WithTimeout(ctx, f.Timeout)
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
		duration = f.Timeout
		failed = timeoutError(inv.RequestID, s.now(), f.Timeout)
		s.log(f, env, s.now(), failed.Message)
	}
	if killed {
		failed = exitError(inv.RequestID, "signal: killed")
	}
	return s.conclude(f, env, inv, report{duration: duration, init: init}, response, failed, start)
}

// conclude writes the log lines and metrics of an invocation that has ended.
func (s *Server) conclude(f *function, env *environment, inv *Invocation, r report, response []byte, failed *FunctionError, start time.Time) invocation {
	r.requestID, r.memoryMB, r.maxMemoryMB = inv.RequestID, f.MemoryMB, env.maxMemoryMB()
	if failed != nil {
		r.status, r.errorType = failed.status, failed.Type
		response = failed.document()
	}
	now := s.now()
	s.log(f, env, now, "END RequestId: "+inv.RequestID)
	s.log(f, env, now, r.String())

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
func (s *Server) enter(f *function) (env *environment, cold bool, reason ThrottleReason) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if reason := s.concurrency.Acquire(f.Name); reason != "" {
		return nil, false, reason
	}
	env = s.idleEnvironment(f)
	if env == nil {
		if reason := s.concurrency.Grow(f.Name, now); reason != "" {
			s.concurrency.Release(f.Name)
			return nil, false, reason
		}
		env, cold = s.newEnvironment(f, f.environments.Start(), now), true
		f.live[env.id] = env
	}
	ofFunction, total := s.concurrency.InUse(f.Name)
	f.series.concurrent[0](now, float64(ofFunction), 1)
	f.series.concurrent[1](now, float64(total), 1)
	return env, cold, ""
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

// leave gives the execution back, and the environment unless it is broken.
func (s *Server) leave(f *function, env *environment, broken bool) {
	if broken {
		env.stop()
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.concurrency.Release(f.Name)
	if broken {
		delete(f.live, env.id)
		return
	}
	f.environments.Give(env.id, now)
}
