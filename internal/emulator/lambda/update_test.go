package lambda

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestUpdateDeliversNothingTwice updates a mapping again and again while it
// works with several lanes and fails now and then: what was done stays done.
func TestUpdateDeliversNothingTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStream(2)
		var mu sync.Mutex
		done, calls := map[string]int{}, 0
		handle := func(_ context.Context, inv Invocation) ([]byte, []string, error) {
			time.Sleep(time.Duration(len(inv.Records[0].PartitionKey)*70) * time.Millisecond)
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls%5 == 0 {
				return nil, nil, errors.New("now and then")
			}
			for _, r := range inv.Records {
				done[inv.Shard+" "+r.SequenceNumber]++
			}
			return nil, nil, nil
		}
		c := orders(2)
		c.Parallelization = 4
		server, _ := pipeline(t, s, FunctionConfig{InProcess: handle}, c)
		const rounds, each = 8, 20
		for round := range rounds {
			s.put(0, each)
			s.put(1, each)
			time.Sleep(1300 * time.Millisecond)
			server.mu.Lock()
			for _, m := range server.mappings {
				next := m.config
				next.Parallelization, next.BatchSize, next.Disabled = round%3+1, round%4+1, round%4 == 3
				if m.settled() == nil {
					server.update(m, next)
				}
			}
			server.mu.Unlock()
			time.Sleep(5 * time.Second)
		}
		server.mu.Lock()
		for _, m := range server.mappings {
			next := m.config
			next.Disabled = false
			server.update(m, next)
		}
		server.mu.Unlock()
		time.Sleep(5 * time.Minute)
		mu.Lock()
		defer mu.Unlock()
		for shard := range 2 {
			for n := range rounds * each {
				if key := fmt.Sprintf("shardId-%012d %d", shard, 1000+n); done[key] != 1 {
					t.Errorf("record %s: processed %d times", key, done[key])
				}
			}
		}
	})
}
