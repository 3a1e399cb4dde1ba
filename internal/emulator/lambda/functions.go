package lambda

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"weir/internal/emulator/wire"
)

// CreateFunction adds a function. Its environments start when it is invoked.
func (s *Server) CreateFunction(c FunctionConfig) error {
	if err := c.validate(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.functions[c.Name] != nil {
		return &wire.Error{Code: "ResourceConflictException", Message: "Function already exist: " + c.Name, Status: http.StatusConflict}
	}
	f := &function{
		name: c.Name, arn: s.arn("function:" + c.Name), revision: s.newRevision(c),
		live: map[int]*environment{}, series: s.newFunctionSeries(c.Name),
	}
	s.concurrency.Add(c.Name, s.clock.at(f.modified))
	if c.ReservedConcurrency != nil {
		if err := s.concurrency.Reserve(c.Name, *c.ReservedConcurrency); err != nil {
			return fmt.Errorf("reserve concurrency of %s: %w", c.Name, err)
		}
	}
	s.functions[c.Name] = f
	return nil
}

// UpdateFunction gives a function a new configuration. Invocations under way
// end in the environments that they began in; the next one is a cold start.
func (s *Server) UpdateFunction(c FunctionConfig) error {
	if err := c.validate(); err != nil {
		return err
	}
	s.mu.Lock()
	f, err := s.function(c.Name)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	f.revision = s.newRevision(c)
	idle := f.takeIdle()
	s.mu.Unlock()
	for _, env := range idle {
		env.stop()
	}
	return nil
}

// DeleteFunction forgets a function. Invocations under way come to their end.
// Its mappings stay, and go on should a function of that name be created.
func (s *Server) DeleteFunction(name string) error {
	s.mu.Lock()
	f, err := s.function(name)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	delete(s.functions, f.name)
	s.concurrency.Remove(f.name)
	idle := f.takeIdle()
	s.mu.Unlock()
	for _, env := range idle {
		env.stop()
	}
	return nil
}

// takeIdle takes out all idle environments. The caller holds the lock.
func (f *function) takeIdle() (idle []*environment) {
	for {
		id, ok := f.environments.Take()
		if !ok {
			return idle
		}
		idle = append(idle, f.live[id])
		delete(f.live, id)
	}
}

// CheckStart starts one environment of the function and waits until it is
// ready for its first invocation; it is kept for that. Where it can't start,
// the error is an *InitError with the end of its output.
func (s *Server) CheckStart(ctx context.Context, name string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	if !s.begin() {
		return errClosed
	}
	defer s.background.Done()

	now := s.now()
	s.mu.Lock()
	f, err := s.function(name)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	env := s.newEnvironment(f.revision, f.environments.Start(), now)
	f.live[env.id] = env
	s.mu.Unlock()

	failed := env.start(ctx)
	now = s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed != nil {
		delete(f.live, env.id)
		return fmt.Errorf("start function %s: %w", name, failed)
	}
	f.environments.Give(env.id, s.clock.at(now))
	return nil
}

// function is the function by name or ARN. The caller holds the lock.
func (s *Server) function(name string) (*function, error) {
	if _, after, found := strings.Cut(name, ":function:"); found {
		name = after
	}
	name, _, _ = strings.Cut(name, ":")
	if f := s.functions[name]; f != nil {
		return f, nil
	}
	return nil, &wire.Error{Code: "ResourceNotFoundException", Message: "Function not found: " + s.arn("function:"+name), Status: http.StatusNotFound}
}
