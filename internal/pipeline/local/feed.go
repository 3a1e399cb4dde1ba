package local

import (
	"strings"
	"sync"
	"time"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/emulator/fault"
)

// feed is what lies between the services and CloudWatch: the faults of points
// and of log events strike there.
type feed struct {
	store  *cloudwatch.Store
	logs   *cloudwatch.Logs
	faults *fault.Schedule

	mu     sync.Mutex
	timers map[*time.Timer]struct{} // of what is late; nil: the pipeline is closed
}

func newFeed(store *cloudwatch.Store, logs *cloudwatch.Logs, faults *fault.Schedule) *feed {
	return &feed{store: store, logs: logs, faults: faults, timers: map[*time.Timer]struct{}{}}
}

// series is the store's, with faults.
func (f *feed) series(namespace, name, unit string, dims ...string) func(at time.Time, value float64, count int) {
	record := f.store.Series(namespace, name, unit, dims...)
	dimensions := strings.Join(dims, " ")
	return func(at time.Time, value float64, count int) {
		fate := f.faults.Point(name, dimensions, at, time.Now())
		if fate == (fault.Feed{}) {
			record(at, value, count)
			return
		}
		f.pass(fate, func() { record(at, value, count) })
	}
}

// append is the logs', with faults.
func (f *feed) append(group, stream string, at time.Time, message string) {
	f.pass(f.faults.Line(time.Now()), func() { f.logs.Append(group, stream, at, message) })
}

// pass hands something on as often as its fate says, and when.
func (f *feed) pass(fate fault.Feed, hand func()) {
	if fate.Drop {
		return
	}
	if fate.Repeat {
		once := hand
		hand = func() { once(); once() }
	}
	if fate.Wait <= 0 {
		hand()
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.timers == nil {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(fate.Wait, func() {
		f.mu.Lock()
		_, open := f.timers[timer]
		delete(f.timers, timer)
		f.mu.Unlock()
		if open {
			hand()
		}
	})
	f.timers[timer] = struct{}{}
}

// close lets go of what is still to come.
func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for timer := range f.timers {
		timer.Stop()
	}
	f.timers = nil
}
