package kinesis

import (
	"slices"
	"testing"
	"time"
)

// A subscription reads 2 MiB a second, in events of 1 MiB: a second's worth at
// once, then what the time brings.
func TestSubscriptionRate(t *testing.T) {
	sh := newShard(0, splitEvenly(1)[0], epoch, nil, 1000, newMemory(64<<20))
	const size = 1 << 19 // with its key of one byte less, so that two fill an event
	sh.put(epoch, batchOf(sh, slices.Repeat([]string{string(make([]byte, size-1))}, 12)...), 0)
	sub := newSubscription(epoch, 0, 1)
	tests := []struct {
		millis  int
		records int // of the events due then, all together
		wait    time.Duration
	}{
		// The bucket holds 2 MiB: events of 1, 1 and, on an empty but not
		// indebted bucket, 1 MiB more. 1 MiB is owed, half a second's.
		{0, 6, 500*time.Millisecond + 1},
		{499, 0, time.Millisecond + 1},
		{500, 2, 500*time.Millisecond + 1},
		{1000, 2, 500*time.Millisecond + 1},
		{1500, 2, 500*time.Millisecond + 1},
		// All is read; the debt paid, silence lasts until the heartbeat.
		{2000, 0, 500 * time.Millisecond},
	}
	for _, test := range tests {
		now := epoch.Add(time.Duration(test.millis) * time.Millisecond)
		records := 0
		for {
			got, due := sub.next(now, sh)
			if !due || got.records == 0 {
				break
			}
			records += got.records
		}
		if wait := sub.wait(now); records != test.records || wait != test.wait {
			t.Errorf("at %d ms: %d records, wait %v, want %d, %v", test.millis, records, wait, test.records, test.wait)
		}
	}
}

// An idle subscription says once a second how far it is, until its 5 minutes
// are over.
func TestSubscriptionHeartbeatAndLifetime(t *testing.T) {
	sh := newShard(0, splitEvenly(1)[0], epoch, nil, 1, newMemory(64<<20))
	sub := newSubscription(epoch, 0, 1)
	now, events := epoch, 0
	for !sub.expired(now) {
		if _, due := sub.next(now, sh); due {
			events++
		}
		wait := sub.wait(now)
		if wait <= 0 {
			t.Fatalf("at %v the wait is %v", now.Sub(epoch), wait)
		}
		now = now.Add(wait)
	}
	if events != 300 || now.Sub(epoch) != 5*time.Minute {
		t.Errorf("%d events in %v, want 300 in 5m", events, now.Sub(epoch))
	}
}
