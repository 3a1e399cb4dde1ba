package producer

import (
	"errors"
	"net"
	"testing"
	"time"
)

// pipes is a pool whose connections nobody answers; made counts them.
func pipes(limit int) (p *pool, made *int) {
	made = new(int)
	return &pool{limit: limit, dial: func(time.Duration) (net.Conn, error) {
		*made++
		c, _ := net.Pipe()
		return c, nil
	}}, made
}

func taken(t *testing.T, p *pool, now time.Time) *conn {
	t.Helper()
	c, err := p.take(now, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPoolTakesTheLastUsed(t *testing.T) {
	p, made := pipes(3)
	now := time.Now()
	a, b := taken(t, p, now), taken(t, p, now)
	p.give(a, now)
	p.give(b, now.Add(time.Millisecond))
	if got := taken(t, p, now.Add(time.Second)); got != b || *made != 2 {
		t.Errorf("took %p of %d made, want the last used, %p of 2", got, *made, b)
	}
}

func TestPoolClosesWhatWasIdleForTooLong(t *testing.T) {
	p, made := pipes(2)
	now := time.Now()
	a, b := taken(t, p, now), taken(t, p, now)
	p.give(a, now)
	p.give(b, now.Add(time.Second))
	// a is idle for maxIdle, b for a second less.
	if got := taken(t, p, now.Add(maxIdle)); got != b || p.open != 1 {
		t.Errorf("took %p with %d open, want %p, the only one", got, p.open, b)
	}
	if _, err := a.Write([]byte("x")); err == nil {
		t.Error("what was idle for too long is still open")
	}
	p.give(b, now)
	if got := taken(t, p, now.Add(maxIdle)); got == b || *made != 3 || p.open != 1 {
		t.Errorf("took %p of %d made with %d open, want a new one, the third", got, *made, p.open)
	}
}

func TestPoolHasALimit(t *testing.T) {
	p, _ := pipes(1)
	now := time.Now()
	a := taken(t, p, now)
	if _, err := p.take(now, time.Second); !errors.Is(err, errNoConnection) {
		t.Errorf("a second connection of one: %v", err)
	}
	p.drop(a) // its place is free again
	b := taken(t, p, now)
	p.give(b, now)
	p.close()
	if p.open != 0 || len(p.idle) != 0 {
		t.Errorf("%d open, %d idle after close", p.open, len(p.idle))
	}
}
