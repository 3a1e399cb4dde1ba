package lambda

import (
	"context"
	"time"
)

// The retries of an asynchronous invocation (lambda/latest/dg/invocation-async-error-handling,
// read 2026-11-22): after a function error two more attempts, a minute after the
// first and two minutes after the second; after a throttle for up to six hours,
// with waits that grow from a second to five minutes.
var eventRetries = []time.Duration{time.Minute, 2 * time.Minute}

const (
	eventMaxAge        = 6 * time.Hour
	eventFirstThrottle = time.Second
	eventLastThrottle  = 5 * time.Minute
)

// invokeLater carries out an asynchronous invocation, with its retries. What
// fails for good is dropped: there are no dead-letter queues and destinations
// of functions here.
func (s *Server) invokeLater(ctx context.Context, name string, payload []byte) {
	began, throttle, failures := s.now(), eventFirstThrottle, 0
	for {
		result := s.invoke(ctx, name, &Invocation{payload: payload})
		var wait time.Duration
		switch {
		case result.throttled != "":
			wait, throttle = throttle, min(2*throttle, eventLastThrottle)
		case result.failed != nil && failures < len(eventRetries):
			wait = eventRetries[failures]
			failures++
		default:
			return
		}
		if s.now().Sub(began)+wait > eventMaxAge || !sleep(ctx, wait) {
			return
		}
	}
}
