package load

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"
	"go.k6.io/k6/v2/metrics"
	"go.k6.io/k6/v2/output"

	"weir/internal/load/frame"
)

// frameOutput is the k6 output "weir": it reports to the parent once a second
// while the load lasts, and once more when k6's outputs have stopped.
type frameOutput struct {
	extension *extension
	frames    frameWriter
	abort     func(error) // ends the test run
	quit      chan struct{}
	ended     chan struct{} // the reporting goroutine has

	exceptions atomic.Int64
	words      outputWords
	final      bool // the final frame was sent; the reporting goroutine's, then Stop's
	mu         sync.Mutex
	samples    map[string]frame.Sample
	trends     int64 // values of trends, each of which k6 may keep
	started    time.Time
	given      map[string]metrics.Thresholds // the script's
	thresholds []*threshold                  // to be evaluated here; nil: k6 does it
}

func (x *extension) newOutput(p output.Params) (output.Output, error) {
	where := os.Getenv(envFrames)
	if where == "" {
		return nil, errors.New("output weir reports to a parent process: it is for weir run and weir fleet, not for weir k6 run alone")
	}
	frames, err := newFrameWriter(where)
	if err != nil {
		return nil, err
	}
	o := &frameOutput{
		extension: x, frames: frames, abort: func(error) {},
		quit: make(chan struct{}), ended: make(chan struct{}), samples: map[string]frame.Sample{},
	}
	// k6 has no metric for iterations that threw, and exits 0 after them; what
	// it does is log each, with its scenario and executor.
	if logger, ok := p.Logger.(*logrus.Logger); ok {
		logger.AddHook(exceptionHook{&o.exceptions})
		logger.AddHook(&o.words)
	}
	return o, nil
}

// frameWriter takes this process's frames.
type frameWriter interface {
	Write(f frame.Frame) error
	Close() error
}

// framesToStdout, as the value of envFrames, is for a runner without a parent
// on its machine: frames become lines among what k6 prints.
const framesToStdout = "stdout"

func newFrameWriter(where string) (frameWriter, error) {
	if where == framesToStdout {
		part, err := newShare(segmentOf(os.Args, os.Getenv))
		if err != nil {
			return nil, err
		}
		return stdoutFrames{frame.NewLineWriter(os.Stdout, part.number()+1)}, nil
	}
	pipe, err := openFrames(where)
	if err != nil {
		return nil, err
	}
	return pipeFrames{pipe}, nil
}

// stdoutFrames leaves standard output open: k6 prints to it until its end.
type stdoutFrames struct{ *frame.LineWriter }

func (stdoutFrames) Close() error { return nil }

// pipeFrames is the way to a parent process.
type pipeFrames struct{ io.WriteCloser }

func (p pipeFrames) Write(f frame.Frame) error { return frame.Write(p.WriteCloser, f) }

// exceptionHook counts the log entries by which k6 reports an iteration that
// ended in an exception (k6 v2.2.0, lib/executor/helpers.go).
type exceptionHook struct{ n *atomic.Int64 }

func (exceptionHook) Levels() []logrus.Level { return []logrus.Level{logrus.ErrorLevel} }

func (h exceptionHook) Fire(e *logrus.Entry) error {
	_, scenario := e.Data["scenario"]
	_, executor := e.Data["executor"]
	if scenario && executor {
		h.n.Add(1)
	}
	return nil
}

// Description implements output.Output.
func (o *frameOutput) Description() string { return "weir (frames to the parent process)" }

// SetTestRunStopCallback implements output.WithTestRunStop.
func (o *frameOutput) SetTestRunStopCallback(abort func(error)) { o.abort = abort }

// SetThresholds implements output.WithThresholds.
func (o *frameOutput) SetThresholds(given map[string]metrics.Thresholds) { o.given = given }

// Start implements output.Output.
func (o *frameOutput) Start() error {
	if os.Getenv(envBounded) != "" {
		var err error
		if o.thresholds, err = newThresholds(o.given); err != nil {
			return fmt.Errorf("evaluate the script's thresholds in bounded memory: %w", err)
		}
	}
	o.started = time.Now()
	go o.run()
	return nil
}

// samplesSettle is how long k6 may take to bring the load's last samples to its
// outputs: it hands them on every 50 ms (k6 v2.2.0, output/manager.go).
const samplesSettle = 150 * time.Millisecond

// run reports at every full second, so that a frame's interval is a second of
// the record's time axis, and a last time when the load has ended.
func (o *frameOutput) run() {
	defer close(o.ended)
	var over <-chan struct{} // none without a parent's observations
	if o.extension.observed != nil {
		over = o.extension.observed.over
	}
	for {
		now := time.Now()
		timer := time.NewTimer(now.Truncate(time.Second).Add(time.Second).Sub(now))
		select {
		case <-o.quit:
			timer.Stop()
			return
		case <-over:
			timer.Stop()
			time.Sleep(samplesSettle)
			o.send(o.last())
			return
		case now = <-timer.C:
		}
		if !o.send(o.frame(now)) {
			<-o.quit
			return
		}
	}
}

// send reports whether the parent still listens. A load without a record is of
// no use, and ends.
func (o *frameOutput) send(f frame.Frame) bool {
	err := o.frames.Write(f)
	if err != nil {
		o.abort(fmt.Errorf("report to the parent process: %w", err))
	}
	return err == nil
}

// last waits for the calls under way and is the final frame.
func (o *frameOutput) last() frame.Frame {
	now := time.Now()
	if g := o.extension.current(); g != nil {
		g.finish(now)
	}
	last := o.frame(time.Now())
	last.Final, o.final = true, true
	for _, t := range o.thresholds {
		last.Thresholds = append(last.Thresholds, t.result(now.Sub(o.started)))
	}
	return last
}

// Stop implements output.Output: weir's is the last of the outputs, so that the
// others have said their last word.
func (o *frameOutput) Stop() error {
	close(o.quit)
	<-o.ended
	if !o.final {
		if err := o.frames.Write(o.last()); err != nil {
			return err
		}
	}
	if err := o.frames.Write(frame.Frame{T: time.Now(), Stopped: true, Outputs: o.words.take()}); err != nil {
		return err
	}
	if err := o.frames.Close(); err != nil {
		return fmt.Errorf("close frames: %w", err)
	}
	return nil
}

// frame gathers what happened since the last one.
func (o *frameOutput) frame(now time.Time) frame.Frame {
	f := frame.Frame{T: now, Health: health(), Exceptions: o.exceptions.Swap(0)}
	if g := o.extension.current(); g != nil {
		f.Started, f.OfferedTo = g.offered(now)
		f.InFlight = g.underWay()
	} else {
		f.OfferedTo = o.extension.slots.Load()
	}
	f.Steps, f.Foreign = o.extension.tally.take()
	f.Encodings, f.Elsewhere = o.extension.choices(), o.extension.strangers()
	o.mu.Lock()
	defer o.mu.Unlock()
	f.K6, o.samples = o.samples, map[string]frame.Sample{}
	f.TrendValues, o.trends = o.trends, 0
	return f
}

// AddMetricSamples implements output.Output: it keeps sums, not samples.
func (o *frameOutput) AddMetricSamples(containers []metrics.SampleContainer) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, c := range containers {
		for _, s := range c.GetSamples() {
			o.samples[s.Metric.Name] = add(o.samples[s.Metric.Name], s.Value)
			if s.Metric.Type == metrics.Trend {
				o.trends++
			}
			for _, t := range o.thresholds {
				t.add(s)
			}
		}
	}
}

// add adds one value to a metric's sum.
func add(s frame.Sample, v float64) frame.Sample {
	if s.Count == 0 {
		s.Min, s.Max = v, v
	}
	return frame.Sample{Count: s.Count + 1, Sum: s.Sum + v, Min: min(s.Min, v), Max: max(s.Max, v), Last: v}
}

// current is the generator of the script's test, nil where it has none.
func (x *extension) current() *generator {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.generator
}
