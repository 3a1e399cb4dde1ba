package observe

import (
	"maps"
	"slices"
	"time"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/metrics"
	"weir/internal/record"
	"weir/internal/stats"
	"weir/probe/line"
)

// VendedMemory is how far back vended points may still change, or come for the
// first time. What is older is settled, and an Observer ignores it.
const VendedMemory = 10 * time.Minute

// Observer is what is known of a run while it is under way. It has one owner:
// it is not safe for concurrent use.
type Observer struct {
	book    *ledger.Book
	runID   uint32
	steps   []record.StepResult
	seconds map[int64]*second            // not yet given out
	open    int64                        // the first second that can still be added to
	vended  map[int64]map[string]float64 // from settled on
	settled int64                        // vended points before it don't change any more
	sums    map[string]float64           // of vended points before settled
	dirty   map[int64]map[string]float64 // vended values not yet given out
	// From whole on, a vended period lies within the run: what it counts can be
	// held against the log.
	whole     int64
	wholeSums map[string]float64 // as sums, of periods from whole on
	logged    int64              // invocations from whole on that ended with a ledger line
	lastLine  string             // request of the newest ledger line
	reports   reportTally

	probe      bool
	offeredTo  uint64
	accepted   float64 // up to the last second given out
	processed  float64
	badLines   int
	badLine    string // why the first of them could not be read
	sentBytes  int64
	sizes      map[int]int64 // records sent by size class
	foreign    int64         // accepted records without a token
	exceptions int64
	// What the script's own metrics came to.
	trendValues int64
	thresholds  []frame.Threshold
	started     time.Time
	finished    bool
	outputs     []frame.Output
	live        Live
	recent      stats.Histogram // latencies since the last Live call
	lastFrame   time.Time
	lastCPU     time.Duration
}

// second gathers one second of the time axis until it is complete.
type second struct {
	values  map[string]float64
	put     stats.Histogram
	late    stats.Histogram
	e2e     stats.Histogram
	arrive  stats.Histogram
	fresh   int64 // of this run's records, processed for the first time
	records int64 // in invocations that returned without error
	batches int64
	heat    heat
}

// Live is the run at this moment, for a person watching.
type Live struct {
	Offered, Accepted    float64 // records/s of the last interval; 0 when the load has ended
	NotSent, Throttled   int64   // so far
	Rejected             int64   // so far, throttled ones included
	PutP99               time.Duration
	E2EP50, E2EP99       time.Duration
	HasE2E               bool
	IteratorAge          float64 // ms, the latest point
	HasIteratorAge       bool
	Processed, AcceptedN int64
}

// New begins to observe a run whose steps are laid out in run.Steps.
func New(run *record.Run) *Observer {
	o := &Observer{
		runID: run.RunToken, seconds: map[int64]*second{}, vended: map[int64]map[string]float64{},
		sums: map[string]float64{}, sizes: map[int]int64{}, dirty: map[int64]map[string]float64{},
		wholeSums: map[string]float64{}, whole: nextPeriod(run.Started, run.Pipeline.ResolutionS),
	}
	var ranges []ledger.StepRange
	for _, s := range run.Steps {
		ranges = append(ranges, ledger.StepRange{Step: s.Index, Rate: s.Rate, First: s.First, End: s.EndEx})
		o.steps = append(o.steps, record.StepResult{
			Index: s.Index, FromDue: new(stats.Histogram), FromSent: new(stats.Histogram), FromArrive: new(stats.Histogram),
			Put: new(stats.Histogram), PutFromDue: new(stats.Histogram), Lateness: new(stats.Histogram),
		})
	}
	o.book = ledger.NewBook(run.RunToken, ranges)
	return o
}

// nextPeriod is the first beginning of a period of so many seconds that is not
// before a moment.
func nextPeriod(at time.Time, seconds int) int64 {
	period := time.Duration(max(seconds, 1)) * time.Second
	return at.Add(period - 1).Truncate(period).Unix()
}

// Book is the account being kept.
func (o *Observer) Book() *ledger.Book { return o.book }

// Started is when the generator's schedule began; zero before.
func (o *Observer) Started() time.Time { return o.started }

// Finished reports whether the generator has said its last word.
func (o *Observer) Finished() bool { return o.finished }

// Outputs is what k6's outputs said of themselves in the end.
func (o *Observer) Outputs() []frame.Output { return o.outputs }

// Exceptions is the number of k6 iterations that threw.
func (o *Observer) Exceptions() int64 { return o.exceptions }

// TrendValues is the number of values that k6 got for trends.
func (o *Observer) TrendValues() int64 { return o.trendValues }

// Thresholds are the script's as the load evaluated them; none where k6 did.
func (o *Observer) Thresholds() []record.Threshold {
	var thresholds []record.Threshold
	for _, t := range o.thresholds {
		thresholds = append(thresholds, record.Threshold(t))
	}
	return thresholds
}

// BadLines is the number of ledger lines that could not be read, and why the
// first could not.
func (o *Observer) BadLines() (n int, why string) { return o.badLines, o.badLine }

// Sizes are the records sent so far by size.
func (o *Observer) Sizes() []record.Size {
	var sizes []record.Size
	for _, bytes := range slices.Sorted(maps.Keys(o.sizes)) {
		sizes = append(sizes, record.Size{Bytes: bytes, Records: o.sizes[bytes]})
	}
	return sizes
}

// SentBytes is the data offered to the stream so far.
func (o *Observer) SentBytes() int64 { return o.sentBytes }

// Foreign is the number of accepted records that carry no token.
func (o *Observer) Foreign() int64 { return o.foreign }

// Probe reports whether the function writes ledger lines.
func (o *Observer) Probe() bool { return o.probe }

// AddFrame takes one report of the generator.
func (o *Observer) AddFrame(f frame.Frame) {
	if f.Stopped {
		o.outputs = f.Outputs
		return
	}
	if !f.Started.IsZero() {
		o.started = f.Started
	}
	o.finished = o.finished || f.Final
	o.exceptions += f.Exceptions
	o.trendValues += f.TrendValues
	o.thresholds = append(o.thresholds, f.Thresholds...)
	s := o.second(f.T.Add(-500 * time.Millisecond).Unix()) // that in which most of the interval lies
	offered := float64(f.OfferedTo - min(o.offeredTo, f.OfferedTo))
	o.offeredTo = max(o.offeredTo, f.OfferedTo)
	s.values[metrics.Offered] += offered
	var accepted int64
	for _, step := range f.Steps {
		accepted += step.Accepted
		o.addStep(s, step)
	}
	o.setLiveRates(f, offered, float64(accepted))
	o.book.Offer(0, f.OfferedTo)
	o.foreign += int64(len(f.Foreign))
	before := o.done()
	for _, r := range f.Foreign {
		o.book.AcceptForeign(0, r.Seq, r.ID, r.StreamSeq)
	}
	s.fresh += o.done() - before // the log had overtaken the frame
	s.values[metrics.InFlightCalls] = float64(f.InFlight)
	o.addHealth(s, f)
	o.lastFrame = f.T
	for name, series := range map[string]string{"iterations": metrics.K6Iterations, "dropped_iterations": metrics.K6Dropped} {
		if k, ok := f.K6[name]; ok {
			s.values[series] += k.Sum
		}
	}
	if k, ok := f.K6["vus"]; ok {
		s.values[metrics.K6VUs] = k.Last
	}
	if s.put.Count() > 0 {
		o.live.PutP99 = s.put.Quantile(0.99)
	}
}

// setLiveRates takes the interval's length into account: a frame may come late,
// and the last one is short.
func (o *Observer) setLiveRates(f frame.Frame, offered, accepted float64) {
	length := time.Second
	if !o.lastFrame.IsZero() && f.T.After(o.lastFrame) {
		length = f.T.Sub(o.lastFrame)
	}
	o.live.Offered, o.live.Accepted = offered/length.Seconds(), accepted/length.Seconds()
	if f.Final {
		o.live.Offered, o.live.Accepted = 0, 0
	}
}

func (o *Observer) addStep(s *second, f frame.StepFrame) {
	for _, r := range f.Fates {
		o.book.Settle(0, r.Fate, r.Cause, line.Range{From: r.From, To: r.To})
	}
	v := s.values
	v[metrics.Accepted] += float64(f.Accepted)
	v[metrics.NotSent] += float64(f.NotSent)
	v[metrics.Indeterminate] += float64(f.Indeterminate)
	v[metrics.SentBytes] += float64(f.Bytes)
	o.sentBytes += f.Bytes
	for size, n := range f.Sizes {
		o.sizes[size] += n
	}
	v[metrics.Calls] += float64(f.Calls)
	v[metrics.Tries] += float64(f.Tries)
	v[metrics.Retries] += float64(f.Retries)
	if f.Step >= 0 && f.Step < len(o.steps) {
		o.book.CountTries(f.Step, f.Tries, f.Retries)
	}
	for cause, n := range f.Rejected {
		v[metrics.Rejected] += float64(n)
		o.live.Rejected += n
		if cause == throughputExceeded {
			v[metrics.Throttled] += float64(n)
			o.live.Throttled += n
		}
	}
	o.live.NotSent += f.NotSent
	s.put.Merge(f.Put)
	s.late.Merge(f.Lateness)
	if f.Step >= 0 && f.Step < len(o.steps) {
		r := &o.steps[f.Step]
		r.Put.Merge(f.Put)
		r.PutFromDue.Merge(f.PutFromDue)
		r.Lateness.Merge(f.Lateness)
		addHeat(r, f)
	}
	s.heat.add(f)
}

// throughputExceeded is the error code of a record over its shard's limit.
const throughputExceeded = "ProvisionedThroughputExceededException"

func (o *Observer) addHealth(s *second, f frame.Frame) {
	h := f.Health
	s.values[metrics.ChildRSS] = float64(h.RSSBytes)
	s.values[metrics.ChildHeap] = float64(h.HeapBytes)
	s.values[metrics.ChildGCms] = float64(h.GCPause.Microseconds()) / 1000
	s.values[metrics.Goroutines] = float64(h.Goroutines)
	if h.Sockets > 0 {
		s.values[metrics.Sockets] = float64(h.Sockets)
	}
	if wall := f.T.Sub(o.lastFrame); !o.lastFrame.IsZero() && wall > 0 {
		s.values[metrics.ChildCPU] = float64(h.CPU-o.lastCPU) / float64(wall)
	}
	o.lastCPU = h.CPU
}

// AddLine takes one ledger line of the function's log. A line that can't be
// read is counted: the account then can't be closed.
func (o *Observer) AddLine(message string) {
	l, err := line.Parse([]byte(message))
	if err != nil {
		if o.badLines++; o.badLines == 1 {
			o.badLine = err.Error()
		}
		return
	}
	o.probe = true
	before := o.done()
	if !o.book.AddLine(l) {
		return
	}
	// A line without error is of an invocation that ended well; the two lines of
	// one whose batch succeeded in part follow each other.
	if l.Error == "" && l.RequestID != o.lastLine && l.Start.Unix() >= o.whole {
		o.logged++
	}
	o.lastLine = l.RequestID
	if !l.OK {
		return
	}
	s := o.second(l.End.Unix())
	s.fresh += o.done() - before
	for i := range l.Groups {
		g := &l.Groups[i]
		if g.Run != o.runID {
			continue
		}
		s.records += int64(g.Seqs.Len())
		o.addLatencies(s, g)
	}
	s.records += int64(len(l.Foreign))
	s.batches++
	l.ForeignAge.Each(func(d time.Duration, n int64) { s.arrive.RecordN(d, n) })
}

// done is how many of this run's records were processed, each once. What is
// delivered twice, and what others put into the stream, leaves no backlog.
func (o *Observer) done() int64 {
	_, _, processed := o.book.Totals()
	return processed
}

func (o *Observer) addLatencies(s *second, g *line.Group) {
	var step record.StepResult
	if int(g.Step) < len(o.steps) {
		step = o.steps[g.Step]
	}
	add := func(h *line.Hist, into ...*stats.Histogram) {
		h.Each(func(d time.Duration, n int64) {
			for _, i := range into {
				if i != nil {
					i.RecordN(d, n)
				}
			}
		})
	}
	add(&g.FromDue, &s.e2e, &o.recent, step.FromDue)
	add(&g.FromSent, step.FromSent)
	add(&g.FromArrive, &s.arrive, step.FromArrive)
}

// AddInvocation takes what a REPORT line tells, for the second it was read in.
func (o *Observer) AddInvocation(at time.Time, inv Invocation) {
	if !o.reports.add(inv) {
		return
	}
	v := o.second(at.Unix()).values
	if inv.Init > 0 {
		v[metrics.ColdStarts]++
		v[metrics.InitMax] = max(v[metrics.InitMax], float64(inv.Init.Microseconds())/1000)
	}
	v[metrics.MaxMemoryUsed] = max(v[metrics.MaxMemoryUsed], inv.MaxMemoryMB)
}

// Reports are the REPORT lines so far, nil where none was read.
func (o *Observer) Reports() *record.Reports { return o.reports.reports() }

// Unlogged is how many invocations CloudWatch counted as good that left no
// ledger line: lines that are missing, or still to come.
func (o *Observer) Unlogged() int64 {
	good := o.wholeSum(metrics.Invocations) - o.wholeSum(metrics.Errors)
	return max(0, int64(good)-o.logged)
}

func (o *Observer) wholeSum(name string) float64 {
	total := o.wholeSums[name]
	for t, v := range o.vended {
		if t >= o.whole {
			total += v[name]
		}
	}
	return total
}

// AddVended takes CloudWatch's points; the same moment may come again with
// other values, the later reading counts.
func (o *Observer) AddVended(points []record.Point) {
	for _, p := range points {
		if p.T < o.settled {
			continue // its value is in the sums
		}
		known := o.vended[p.T]
		if known == nil {
			known = map[string]float64{}
			o.vended[p.T] = known
		}
		for name, v := range p.V {
			if old, ok := known[name]; ok && old == v {
				continue
			}
			known[name] = v
			if o.dirty[p.T] == nil {
				o.dirty[p.T] = map[string]float64{}
			}
			o.dirty[p.T][name] = v
			if name == metrics.IteratorAge {
				o.live.IteratorAge, o.live.HasIteratorAge = v, true
			}
		}
	}
}

// AddHost takes weir's own use of the machine.
func (o *Observer) AddHost(at time.Time, rss int64, cpu float64) {
	v := o.second(at.Unix()).values
	v[metrics.ParentRSS], v[metrics.ParentCPU] = float64(rss), cpu
}

// Sum is the sum of a vended counter over the run so far; false where no point
// of it was ever seen.
func (o *Observer) Sum(name string) (float64, bool) {
	total, ok := o.sums[name]
	for _, v := range o.vended {
		if x, has := v[name]; has {
			total, ok = total+x, true
		}
	}
	return total, ok
}

// Live is the run at this moment; latencies are those since the last call.
func (o *Observer) Live() Live {
	l := o.live
	_, l.AcceptedN, l.Processed = o.book.Totals()
	if o.recent.Count() > 0 {
		o.live.E2EP50, o.live.E2EP99, o.live.HasE2E = o.recent.Quantile(0.5), o.recent.Quantile(0.99), true
		l.E2EP50, l.E2EP99, l.HasE2E = o.live.E2EP50, o.live.E2EP99, true
		o.recent.Reset()
	}
	return l
}

// Steps are the steps' histograms so far.
func (o *Observer) Steps() []record.StepResult { return o.steps }

// Flush gives out the points of seconds before the given moment, once each,
// and every vended value that is new or changed.
func (o *Observer) Flush(before time.Time) []record.Point {
	o.open = max(o.open, before.Unix())
	points := map[int64]map[string]float64{}
	names := map[int64]map[string]string{}
	for _, t := range slices.Sorted(maps.Keys(o.seconds)) {
		if t >= before.Unix() {
			break
		}
		v := o.seconds[t].finish()
		if n := o.seconds[t].heat.name(v); n != nil {
			names[t] = n
		}
		o.accepted += v[metrics.Accepted]
		o.processed += v[metrics.Processed]
		if o.probe {
			v[metrics.Backlog] = max(o.accepted-o.processed, 0)
		}
		points[t] = v
		delete(o.seconds, t)
	}
	for t, v := range o.dirty {
		if points[t] == nil {
			points[t] = map[string]float64{}
		}
		maps.Copy(points[t], v)
	}
	clear(o.dirty)
	o.settleVended(before.Add(-VendedMemory).Unix())
	return sorted(points, names)
}

func (o *Observer) settleVended(before int64) {
	o.settled = max(o.settled, before)
	for t, v := range o.vended {
		if t >= before {
			continue
		}
		for name, x := range v {
			o.sums[name] += x
			if t >= o.whole {
				o.wholeSums[name] += x
			}
		}
		delete(o.vended, t)
	}
}

// second is where what happened at t is added up. A second that was given out
// is closed, for a second point of it would replace the first: what comes later
// counts in the oldest second that is still open, so that no sum loses it.
func (o *Observer) second(t int64) *second {
	t = max(t, o.open)
	s := o.seconds[t]
	if s == nil {
		s = &second{values: map[string]float64{}}
		o.seconds[t] = s
	}
	return s
}

// finish turns what the second gathered into its values.
func (s *second) finish() map[string]float64 {
	v := s.values
	quantiles := func(h *stats.Histogram, names map[string]float64) {
		if h.Count() == 0 {
			return
		}
		for name, q := range names {
			v[name] = ms(h.Quantile(q))
		}
	}
	quantiles(&s.put, map[string]float64{metrics.PutP50: 0.5, metrics.PutP99: 0.99, metrics.PutMax: 1})
	quantiles(&s.late, map[string]float64{metrics.LatenessP99: 0.99, metrics.LatenessMax: 1})
	quantiles(&s.e2e, map[string]float64{metrics.E2EP50: 0.5, metrics.E2EP95: 0.95, metrics.E2EP99: 0.99, metrics.E2EMax: 1})
	quantiles(&s.arrive, map[string]float64{metrics.ArriveP99: 0.99})
	if s.batches > 0 || s.fresh > 0 {
		v[metrics.Processed] = float64(s.fresh)
	}
	if s.batches > 0 {
		v[metrics.BatchMean] = float64(s.records) / float64(s.batches)
	}
	return v
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func sorted(points map[int64]map[string]float64, names map[int64]map[string]string) []record.Point {
	out := make([]record.Point, 0, len(points))
	for _, t := range slices.Sorted(maps.Keys(points)) {
		out = append(out, record.Point{T: t, V: points[t], N: names[t]})
	}
	return out
}
