package lambda

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestConcurrencySharesTheAccountsLimit(t *testing.T) {
	c := NewConcurrency(203)
	for _, name := range []string{"reserved", "a", "b"} {
		c.Add(name, traceStart)
	}
	// 203 - 101 leaves 102; 203 - 104 would leave 99.
	if err := c.Reserve("reserved", 104); err == nil {
		t.Error("a reservation may leave 99 to the others")
	}
	if err := c.Reserve("reserved", 101); err != nil {
		t.Fatal(err)
	}
	fill := func(function string) (n int, reason ThrottleReason) {
		for ; ; n++ {
			if reason := c.Acquire(function); reason != "" {
				return n, reason
			}
		}
	}
	if n, reason := fill("a"); n != 102 || reason != AccountLimit {
		t.Errorf("function without reservation: %d, %s", n, reason)
	}
	if n, reason := fill("reserved"); n != 101 || reason != ReservedLimit {
		t.Errorf("function with reservation: %d, %s", n, reason)
	}
	c.Release("a")
	if n, reason := fill("b"); n != 1 || reason != AccountLimit {
		t.Errorf("after one release: %d, %s", n, reason)
	}
	if of, total := c.InUse("a"); of != 101 || total != 203 {
		t.Errorf("in use %d of %d", of, total)
	}
	if err := c.Reserve("b", 0); err != nil {
		t.Fatal(err)
	}
	c.Release("b")
	if reason := c.Acquire("b"); reason != ReservedLimit {
		t.Errorf("a reservation of 0 lets it run: %q", reason)
	}
	if reason := c.Acquire("a"); reason != "" {
		t.Errorf("b's executions went on counting after its reservation: %s", reason)
	}
}

func TestConcurrencyGrowsByAThousandInTenSeconds(t *testing.T) {
	c := NewConcurrency(10000)
	c.Add("f", traceStart)
	grown := func(at time.Duration) (n int) {
		for c.Grow("f", traceStart+at) == "" {
			n++
		}
		return n
	}
	var got []int
	for _, at := range []time.Duration{0, time.Millisecond, time.Second, 11 * time.Second, 100 * time.Second} {
		got = append(got, grown(at))
	}
	// 1 000 at once; 0.1 after 1 ms; 0.1 + 99.9 after 1 s; 1 000 after 10 s; no more after 89 s.
	if diff := cmp.Diff([]int{1000, 0, 100, 1000, 1000}, got); diff != "" {
		t.Errorf("environments (-want +got):\n%s", diff)
	}
}

func TestEnvironmentsServeTheMostRecentFirst(t *testing.T) {
	var e Environments
	at := func(s int) time.Duration { return traceStart + time.Duration(s)*time.Second }
	a, b, c := e.Start(), e.Start(), e.Start()
	e.Give(a, at(1))
	e.Give(b, at(2))
	e.Give(c, at(3))
	if id, ok := e.Take(); !ok || id != c {
		t.Errorf("took %d, want the most recent, %d", id, c)
	}
	e.Give(c, at(4))
	if diff := cmp.Diff([]int{a, b}, e.Reap(at(7), 5*time.Second)); diff != "" {
		t.Errorf("idle for 5 s (-want +got):\n%s", diff)
	}
	if id, ok := e.Take(); !ok || id != c {
		t.Errorf("took %d, want %d", id, c)
	}
	if _, ok := e.Take(); ok {
		t.Error("an environment is idle after all were taken or reaped")
	}
}
