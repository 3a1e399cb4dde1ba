package load

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"go.k6.io/k6/v2/js/modules"
	k6metrics "go.k6.io/k6/v2/metrics"

	"weir/internal/load/frame"
	"weir/internal/metrics"
)

// observed makes samples of what the parent saw of the pipeline, so that every
// output of k6 gets it beside the load's own. The parent writes it to standard
// input, and goes on after the load has ended, while the pipeline drains: k6 is
// kept from ending until the parent has closed it.
type observed struct {
	in    io.Reader
	over  chan struct{} // closed when the load has ended
	ended chan struct{} // closed when all was pushed

	subscribed sync.Once
	started    sync.Once
	pushed     map[string]*k6metrics.Metric
	root       *k6metrics.TagSet

	mu     sync.Mutex
	closed bool // nothing may be pushed any more
}

// testEnd is event.TestEnd of go.k6.io/k6/v2/internal/event (v2.2.0): the load
// has ended, and k6 waits for its subscribers before it closes the channel of
// samples.
const testEnd = 3

// longestHold is less than k6 waits for a subscriber, half an hour
// (internal/cmd/run.go): what is pushed later would find the channel closed.
const longestHold = 29 * time.Minute

func newObserved(in io.Reader) *observed {
	return &observed{in: in, over: make(chan struct{}), ended: make(chan struct{})}
}

// subscribe registers the metrics and waits for the load's end, once a process.
func (o *observed) subscribe(vu modules.VU) error {
	var err error
	o.subscribed.Do(func() {
		registry := vu.InitEnv().Registry
		if o.pushed, err = newPushed(registry); err != nil {
			return
		}
		o.root = registry.RootTagSet()
		_, events := vu.Events().Global.Subscribe(testEnd)
		go func() {
			if e, ok := <-events; ok {
				o.end()
				e.Done()
			}
		}()
	})
	return err
}

func newPushed(r *k6metrics.Registry) (map[string]*k6metrics.Metric, error) {
	pushed := map[string]*k6metrics.Metric{}
	for _, p := range metrics.AllPushed() {
		kind, unit := k6metrics.Gauge, k6metrics.Default
		switch {
		case p.Millis:
			unit = k6metrics.Time
		case p.Bytes:
			unit = k6metrics.Data
		}
		if p.Counter {
			kind = k6metrics.Counter
		}
		m, err := r.NewMetric(p.Name(), kind, unit)
		if err != nil {
			return nil, fmt.Errorf("register metric %s: %w", p.Name(), err)
		}
		pushed[p.Series] = m
	}
	return pushed, nil
}

// begin starts to push: an iteration knows the channel of samples and the tags
// of the run.
func (o *observed) begin(vu modules.VU) {
	o.started.Do(func() {
		state := vu.State()
		tags := o.root.WithTagsFromMap(state.Options.RunTags)
		go func() {
			defer close(o.ended)
			// What can't be read ends it: the parent is gone.
			_ = frame.ReadObservations(o.in, func(seen frame.Observation) { o.push(state.Samples, o.samples(seen, tags)) })
		}()
	})
}

// push hands samples to k6 unless it is too late for that.
func (o *observed) push(samples chan<- k6metrics.SampleContainer, all k6metrics.Samples) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.closed {
		samples <- all
	}
}

func (o *observed) samples(seen frame.Observation, tags *k6metrics.TagSet) k6metrics.Samples {
	var all k6metrics.Samples
	for series, v := range seen.V {
		if m := o.pushed[series]; m != nil {
			all = append(all, k6metrics.Sample{
				TimeSeries: k6metrics.TimeSeries{Metric: m, Tags: tags}, Time: time.Unix(seen.T, 0), Value: v,
			})
		}
	}
	return all
}

// end lets the parent know that the load has ended, and waits until it has
// said all.
func (o *observed) end() {
	close(o.over)
	o.started.Do(func() { close(o.ended) }) // no iteration: nothing can be pushed
	select {
	case <-o.ended:
	case <-time.After(longestHold):
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
}

// observedInput is where the parent's observations come from; nil without a
// parent.
func observedInput(env lookup) io.Reader {
	if env(envObserved) == "" {
		return nil
	}
	return os.Stdin
}
