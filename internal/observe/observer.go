package observe

import (
	"maps"
	"slices"
	"time"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/record"
	"weir/internal/stats"
)

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
	read    time.Time                    // vended points were read up to here
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

// Steps are the steps' histograms so far.
func (o *Observer) Steps() []record.StepResult { return o.steps }
