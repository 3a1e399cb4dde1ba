package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"weir/internal/emulator/fault"
	"weir/internal/judge"
	"weir/internal/load"
	"weir/internal/load/frame"
	"weir/internal/observe"
	"weir/internal/pipeline"
	"weir/internal/plan"
	"weir/internal/record"
	"weir/probe/token"
)

// Intervals of a run's bookkeeping.
const (
	checkpointEvery = 5 * time.Second // account and histograms to disk
	tickEvery       = 500 * time.Millisecond
	lateLines       = 3 * time.Second // a second is complete when its lines had this long to arrive
	lateLinesAWS    = time.Minute
)

// k6ThresholdsFailed is k6's exit code for a load that was carried out whole and
// failed its script's thresholds. Every other one but 0 says that k6 stopped
// before the end (go.k6.io/k6/v2/errext/exitcodes).
const k6ThresholdsFailed = 99

// execution is one run under way. It owns the record and the observer; all of
// it happens on one goroutine but the polling of metrics and logs.
type execution struct {
	process *Process
	flags   *loadFlags
	test    plan.Test
	script  string
	address pipeline.Address
	// The embedded pipeline's side; zero on AWS.
	environ     []string        // for the k6 child, beside the process's own
	begin       func(time.Time) // starts the faults' clock
	skipped     func() uint64   // records the stream let go before they were read
	logTrimmed  func() time.Time
	faults      []string              // as the user wrote them
	struck      func() []fault.Status // what came of them
	retainBytes int64                 // what the stream keeps
	limitFactor float64               // of its shards' limits
	token       uint32                // the run's in ledger tokens; 0: of its name
	silent      bool                  // the verdict is kept and not printed: a trial of a search

	budget *budget // of the load; nil: none

	// replay is when the load was to start whose frames are only read now; zero
	// where it is carried out.
	replay time.Time

	judged *judge.Verdict // once the run has ended

	record      record.Run
	writer      *record.Writer
	observer    *observe.Observer
	child       loader // ended once childEnded
	childEnded  bool
	heard       bool          // k6 has started, or a person knows that it has not
	feed        *observe.Feed // what k6's outputs get of the pipeline; nil without one
	poller      *poller
	clock       *observe.Clock // AWS's against this machine's; nil: they are one
	view        view
	begun       bool
	interrupted bool
	stopped     string // why the load was ended before its end; empty: it was not
	linesLost   bool
	lastUsage   observe.Usage
	lastLook    time.Time
	lastSaved   time.Time
	unread      int   // polls that could not read everything
	unreadWhy   error // of the last of them
	saveErr     error
	summary     bytes.Buffer // k6's, of a script; complete when the child has ended
}

// run carries the test out, judges it and says so. Its error is an exitError
// when everything that could be done was done.
func (e *execution) run(ctx context.Context) error {
	if err := e.open(ctx); err != nil {
		return err
	}
	defer e.writer.Close() //nolint:errcheck // everything was synced before
	k6log, err := os.Create(e.writer.Path("k6.log"))
	if err != nil {
		return e.abandon(fmt.Errorf("create k6's log: %w", err))
	}
	defer k6log.Close() //nolint:errcheck // k6's own words, nothing depends on them
	e.warnOfTrends()
	child, err := e.startLoad(context.WithoutCancel(ctx), load.Options{
		Exe: e.process.Exe, Script: e.script, Dir: e.writer.Dir(), Args: e.k6Args(), Bounded: e.flags.bounded, Observed: e.feed != nil,
		Log: k6log, Stdout: io.MultiWriter(k6log, &e.summary),
		Env: slices.Concat(e.process.Environ, e.environ),
		Spec: load.Spec{
			Test: e.test, Run: e.record.RunToken,
			Target: load.Target{Region: e.address.Config.Region, Endpoint: e.address.Endpoint, Stream: e.address.Stream},
		},
	})
	if err != nil {
		return e.abandon(fmt.Errorf("start the load: %w", err))
	}
	e.child = child
	if listener := e.listener(); listener != nil {
		defer listener.Finish() // whatever happens, it must not be left waiting
	}
	e.view = newView(e.process, e.flags.plain, &e.record)
	if e.replay.IsZero() {
		err = e.follow(ctx)
	} else {
		err = e.readAgain(ctx)
	}
	e.view.close()
	e.view = &lines{w: e.process.Stderr} // what is still said is said below
	switch {
	case err != nil:
		return e.abandon(err)
	case e.stillborn():
		return e.discard()
	}
	return e.conclude(ctx)
}

// loader offers the load: a k6 child, or several runners as one.
type loader interface {
	// Frames must be received from until it is closed.
	Frames() <-chan frame.Frame
	// Wait blocks until the load has ended and says how, as load.Child does.
	Wait() (exit int, err error)
	Interrupt()
}

// startLoad starts one k6 child, or the fleet that the flags ask for.
func (e *execution) startLoad(ctx context.Context, o load.Options) (loader, error) {
	if e.flags.fleet != nil {
		return e.flags.fleet(ctx, o)
	}
	return load.Start(ctx, o)
}

// stillborn reports that k6 ended by itself before it offered a record: a
// script or an output it could not use. A script that offers none and fails its
// thresholds was carried out.
func (e *execution) stillborn() bool {
	ended := e.record.K6Exit != 0 && e.record.K6Exit != k6ThresholdsFailed
	return !e.begun && !e.interrupted && !e.record.LoadEnd.IsZero() && ended
}

// discard removes a run in which nothing happened and says why, in k6's words.
func (e *execution) discard() error {
	log, err := os.ReadFile(e.writer.Path("k6.log"))
	if err != nil {
		return e.abandon(fmt.Errorf("read k6's log: %w", err))
	}
	if err := os.RemoveAll(e.writer.Dir()); err != nil {
		return fmt.Errorf("remove the run's directory: %w", err)
	}
	return usage(fmt.Errorf("k6 could not start the load (exit code %d):\n%s", e.record.K6Exit, bytes.TrimSpace(log)),
		"weir k6 run SCRIPT.js shows the same without weir around it")
}

// open makes the run's directory and says in it what is about to happen.
func (e *execution) open(ctx context.Context) error {
	if e.address.Kind == pipeline.AWS {
		e.clock = observe.NewClock()
		e.address.Config.HTTPClient = e.clock.Watch(e.address.Config.HTTPClient)
		e.clock.Sharpen(ctx, e.address)
	}
	found, err := observe.Describe(ctx, e.address)
	if err != nil {
		return err
	}
	found.ShardLimitFactor = e.limitFactor
	now := time.Now()
	since := first(e.replay, now)
	e.writer, err = record.Create(e.flags.runs, e.test.Name, now)
	if err != nil {
		return usage(fmt.Errorf("create the run's directory: %w", err), "--runs names a folder that can be written to")
	}
	id := filepath.Base(e.writer.Dir())
	e.record = record.Run{
		Format: record.Format, ID: id, Test: e.test, Status: record.Running,
		Started: since, PID: os.Getpid(), RunToken: first(e.token, crc32.ChecksumIEEE([]byte(id))&token.MaxRun),
		Version: version(), Command: commandLine(e.process.Args),
		Pipeline: found, Host: observe.Host(), Steps: stepsOf(e.test), TimeScale: e.flags.rehearsal(),
	}
	e.observer = observe.New(&e.record)
	e.poller = newPoller(e.address, found, e.clock.Earliest(since))
	e.poller.trimmed = e.logTrimmed
	if err := e.poller.vended.WatchShards(ctx, found); err != nil {
		e.note("the shard-level metrics are not read: %v", err)
	}
	e.feed = e.newFeed()
	return e.writer.WriteRun(e.record)
}

// stepsOf lays the test's steps out by slot; their times follow when the load
// begins. A script has one step without a rate of its own.
func stepsOf(t plan.Test) []record.Step {
	if t.Kind == plan.Script {
		return []record.Step{{Judged: true, EndEx: token.MaxSeq}}
	}
	schedule := plan.NewSchedule(t.Steps)
	steps := make([]record.Step, len(t.Steps))
	for i, s := range t.Steps {
		first, end, _ := schedule.StepRange(i)
		steps[i] = record.Step{Index: i, Rate: s.Rate, Judged: s.Judged, First: first, EndEx: end}
		if s.Shape != nil {
			steps[i].Shape = s.Shape.Text
		}
	}
	return steps
}

// warmup is left out of a step's judged window at least: CloudWatch's first
// minute belongs to what was before, too. How long the pipeline took to settle
// is found when the step is judged.
func (e *execution) warmup() time.Duration {
	if e.address.Kind == pipeline.AWS {
		return time.Minute
	}
	return 0
}

// follow takes everything that is reported until the load has ended and the
// pipeline has drained.
func (e *execution) follow(ctx context.Context) error {
	polling, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	polls := e.poller.start(polling)
	tick := time.NewTicker(tickEvery)
	defer tick.Stop()
	interrupt := ctx.Done()
	unwritable := false
	for over := false; !over; {
		select {
		case f, ok := <-e.child.Frames():
			if over = !ok || f.Final && e.feed != nil; ok {
				e.takeFrame(f)
			}
		case p := <-polls:
			e.takePoll(p)
		case now := <-tick.C:
			e.tick(now)
			e.stopWhenSpent(now)
			if e.saveErr != nil && !unwritable {
				unwritable = true
				e.view.say("the run's record can't be written: the load stops")
				e.child.Interrupt()
			}
		case <-interrupt:
			interrupt, e.interrupted, e.stopped = nil, true, "interrupted by the user during the load"
			e.view.say("interrupted: the load stops, the pipeline drains; once more ends weir at once")
			e.child.Interrupt()
		}
	}
	e.endOfLoad()
	if e.feed == nil || !e.begun {
		e.endOfChild()
	}
	if e.stillborn() {
		return nil
	}
	e.drain(ctx, polls, tick.C)
	stop()
	for p := range polls { // until the poller has ended
		e.takePoll(p)
	}
	return e.saveErr
}

func (e *execution) takeFrame(f frame.Frame) {
	e.heard = true
	e.observer.AddFrame(f)
	for _, notice := range f.Notices {
		e.view.say(notice)
	}
	e.takeEncodings(f.Encodings)
	for _, target := range f.Elsewhere {
		e.stranger(target)
	}
	started := e.observer.Started()
	if started.IsZero() && e.test.Kind == plan.Script && f.OfferedTo > 0 {
		started = f.T.Add(-time.Second) // the interval in which the script put its first record
	}
	if e.begun || started.IsZero() {
		return
	}
	e.begun = true
	if e.begin != nil {
		e.begin(started)
	}
	e.record.Faults = e.faults
	for _, text := range e.faults {
		e.note("fault injected after the start of the load: %s", text)
	}
	e.record.LoadStart = started
	at := started
	for i := range e.record.Steps {
		s := &e.record.Steps[i]
		s.Start = at
		if e.test.Kind != plan.Script {
			at = at.Add(e.test.Steps[i].Duration)
			s.End, s.Warmup = at, e.warmup()
		}
	}
	e.save(e.writer.WriteRun(e.record))
}

// takeEncodings notes how calls are written, in so far as it is new: a script
// may have several producers, and a fleet several machines.
func (e *execution) takeEncodings(all []frame.Encoding) {
	for _, c := range all {
		if chosen := record.Encoding(c); !slices.Contains(e.record.Encodings, chosen) {
			e.record.Encodings = append(e.record.Encodings, chosen)
			e.view.say("calls are written in " + strings.ToUpper(c.Chosen) + ": " + c.Reason)
		}
	}
}

// stranger tells, and keeps, that a script puts into another stream than that
// under test.
func (e *execution) stranger(target string) {
	text := fmt.Sprintf("the script puts into %s, which is not the pipeline under test: those records are neither in the account nor in any figure (leave endpoint and stream to weir run, or use weir k6 run)", target)
	e.view.say(text)
	e.note("%s", text)
}

// takePoll takes what a poll brought. An error does not end the run: what was
// not read is read by the next poll, and the last one decides.
func (e *execution) takePoll(p polled) {
	if p.err != nil && !errors.Is(p.err, context.Canceled) {
		e.unread++
		e.unreadWhy = p.err
	}
	e.linesLost = e.linesLost || p.linesLost
	e.observer.AddVended(p.points)
	e.observer.VendedRead(p.readTo)
	for _, l := range p.lines {
		e.observer.AddLine(l)
	}
	for _, inv := range p.invocations {
		e.observer.AddInvocation(p.at, inv)
	}
}

// tick does what is due by time: weir's own use of the machine, the view, the
// points of completed seconds, a checkpoint.
func (e *execution) tick(now time.Time) {
	if u, ok := observe.ProcessUsage(os.Getpid()); ok && now.Sub(e.lastLook) >= time.Second {
		if !e.lastLook.IsZero() {
			e.observer.AddHost(now, u.RSSBytes, float64(u.CPU-e.lastUsage.CPU)/float64(now.Sub(e.lastLook)))
		}
		e.lastUsage, e.lastLook = u, now
	}
	e.view.update(now, e.observer.Live())
	late := lateLines
	if e.address.Kind == pipeline.AWS {
		late = lateLinesAWS
	}
	e.append(e.observer.Flush(now.Add(-late)))
	e.pushDue(now)
	e.lookForStart(now)
	if now.Sub(e.lastSaved) >= checkpointEvery {
		e.lastSaved = now
		e.checkpoint()
	}
}

func (e *execution) save(err error) {
	if e.saveErr == nil {
		e.saveErr = err
	}
}

// checkpoint puts account and histograms on disk, so that a run that is killed
// later can be read up to here.
func (e *execution) checkpoint() {
	e.save(e.writer.WriteLedger(e.observer.Book().Close(e.closing(false))))
	e.save(e.writer.WriteSteps(e.observer.Steps()))
	e.save(e.writer.WriteRun(e.record))
	e.save(e.writer.Sync())
}

// endOfLoad notes that the load has ended. The child may live on, for k6's
// outputs.
func (e *execution) endOfLoad() {
	e.record.LoadEnd = time.Now()
	if e.test.Kind == plan.Script && e.begun {
		e.endOfScript()
	}
	if e.stopped != "" {
		e.record.Status, e.record.Reason = record.Interrupted, e.stopped
		e.cutSteps()
	}
}

// endOfChild lets the k6 child end and notes how it did.
func (e *execution) endOfChild() {
	if e.childEnded {
		return
	}
	e.childEnded = true
	if listener := e.listener(); listener != nil {
		listener.Finish()
	}
	for f := range e.child.Frames() {
		e.takeFrame(f)
	}
	exit, err := e.child.Wait()
	if several, ok := e.child.(interface{ Runners() []record.Runner }); ok {
		e.record.Runners = several.Runners()
	}
	e.record.K6Exceptions, e.record.Thresholds = e.observer.Exceptions(), e.observer.Thresholds()
	if errors.Is(err, load.ErrOutputs) && e.k6Judges() {
		err = fmt.Errorf("%w, and the script's thresholds are not known", err)
	} else if errors.Is(err, load.ErrOutputs) {
		e.note("%v: what they still held is lost; the run's record is whole", err)
		exit, err = 0, nil
	}
	e.record.K6Exit = exit
	switch {
	case e.record.Status != record.Running: // interrupted
	case len(e.record.Runners) > 0 && e.begun:
		e.endOfFleet()
	case !e.observer.Finished() || exit != 0 && exit != k6ThresholdsFailed:
		e.record.Status = record.Failed
		e.record.Reason = fmt.Sprintf("the k6 child ended early (exit code %d): see k6.log", exit)
		if err != nil {
			e.record.Reason += ": " + err.Error()
		}
	}
	e.noteOutputs()
	e.noteException()
}

// endOfFleet lets the whole schedule be offered where a runner came to its end:
// the last records may have been another's. What each runner left undone is
// judged.
func (e *execution) endOfFleet() {
	finished := func(r record.Runner) bool { return r.State == record.RunnerFinished }
	if last := len(e.record.Steps) - 1; last >= 0 && slices.ContainsFunc(e.record.Runners, finished) {
		e.observer.Book().Offer(0, e.record.Steps[last].EndEx)
	}
}

// cutSteps ends the steps where an interrupted load did; those it did not reach
// are not part of the run.
func (e *execution) cutSteps() {
	reached := slices.IndexFunc(e.record.Steps, func(s record.Step) bool { return s.Start.After(e.record.LoadEnd) })
	if reached >= 0 {
		e.note("%d of %d steps were not reached", len(e.record.Steps)-reached, len(e.record.Steps))
		e.record.Steps = e.record.Steps[:reached]
	}
	if last := len(e.record.Steps) - 1; last >= 0 && e.record.Steps[last].End.After(e.record.LoadEnd) {
		e.record.Steps[last].End = e.record.LoadEnd
	}
}

// abandon keeps the run's directory readable when weir itself can't go on.
func (e *execution) abandon(err error) error {
	e.record.Status, e.record.Reason, e.record.Ended = record.Failed, err.Error(), time.Now()
	return errors.Join(err, e.writer.WriteRun(e.record))
}
