package fleet

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/ledger"
	"weir/internal/load/frame"
	"weir/internal/record"
	"weir/internal/stats"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestSegment(t *testing.T) {
	segment, sequence := Segment(2, 4)
	if segment != "1/4:2/4" || sequence != "0,1/4,2/4,3/4,1" {
		t.Errorf("segment %s of %s", segment, sequence)
	}
	if segment, sequence = Segment(1, 1); segment != "0:1" || sequence != "0,1" {
		t.Errorf("segment %s of %s", segment, sequence)
	}
	if Args(1, 1) != nil {
		t.Error("a runner alone needs no segment")
	}
	for text, want := range map[string]string{"2/4": "2 of 4", "1/1": "1 of 1", "5/4": "", "0/4": "", "4": "", "a/b": "", "1/201": ""} {
		got := ""
		if number, runners, err := ParsePosition(text); err == nil {
			got = fmt.Sprintf("%d of %d", number, runners)
		}
		if got != want {
			t.Errorf("position %q: %q, want %q", text, got, want)
		}
	}
}

// report is a runner's frame after so many seconds, of so many accepted slots.
func report(after float64, from, to uint64) frame.Frame {
	return frame.Frame{
		T: noon.Add(time.Duration(math.Round(after*1000)) * time.Millisecond), Started: noon, OfferedTo: to, InFlight: 1,
		Health: frame.Health{CPU: time.Duration(after) * 100 * time.Millisecond, RSSBytes: 10, Sockets: 2},
		K6:     map[string]frame.Sample{"vus": {Count: 1, Sum: 4, Min: 4, Max: 4, Last: 4}},
		Steps:  []frame.StepFrame{{Accepted: int64(to - from), Fates: []frame.FateRange{{Fate: ledger.Accepted, From: from, To: to}}}},
	}
}

// line is a frame in a few words.
func words(frames []frame.Frame) []string {
	var all []string
	for _, f := range frames {
		text := fmt.Sprintf("%gs:", f.T.Sub(noon).Seconds())
		for _, s := range f.Steps {
			for _, r := range s.Fates {
				text += fmt.Sprintf(" %d-%d", r.From, r.To)
			}
		}
		text += fmt.Sprintf(" offered %d, %d calls, %d VUs, cpu %v", f.OfferedTo, f.InFlight, int(f.K6["vus"].Last), f.Health.CPU)
		for _, n := range f.Notices {
			text += " | " + n
		}
		if f.Final {
			text += " FINAL"
		}
		all = append(all, text)
	}
	return all
}

// feed is a test's runners, each frame numbered as it comes.
type feed struct {
	t      *testing.T
	merger *Merger
	next   map[int]int
}

func (f *feed) add(runner int, one frame.Frame) []string {
	f.t.Helper()
	got, err := f.merger.Add(frame.Numbered{Runner: runner, Number: f.next[runner], Frame: one})
	if err != nil {
		f.t.Fatal(err)
	}
	f.next[runner]++
	return words(got)
}

func (f *feed) expect(got []string, want ...string) {
	f.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("frames (-want +got):\n%s", diff)
	}
}

func final(f frame.Frame) frame.Frame {
	f.Final = true
	return f
}

func TestMergeBySecond(t *testing.T) {
	f := &feed{t, NewMerger(2), map[int]int{}}
	f.expect(f.add(1, report(1, 0, 5)))
	// Both have reported the first second: gauges are summed, slots come together.
	f.expect(f.add(2, report(1.02, 5, 10)), "1.02s: 0-5 5-10 offered 10, 2 calls, 8 VUs, cpu 200ms")
	f.expect(f.add(2, report(2, 15, 20)))
	f.expect(f.add(2, report(3, 25, 30)))
	f.expect(f.add(1, report(2.01, 10, 15)), "2.01s: 10-15 15-20 offered 20, 2 calls, 8 VUs, cpu 400ms")
	// The second runner's last word comes before the first's third second.
	f.expect(f.add(2, final(report(3.2, 30, 32))))
	f.expect(f.add(1, report(3, 20, 25)), "3.2s: 20-25 25-30 30-32 offered 32, 2 calls, 8 VUs, cpu 600ms")
	f.expect(f.add(1, final(report(3.7, 32, 35))), "3.7s: 32-35 offered 35, 1 calls, 4 VUs, cpu 600ms FINAL")
	if !f.merger.Ended() {
		t.Error("both have said their last word")
	}
	f.expect(words(f.merger.End(1, "exit code 0")))
}

func TestOneDies(t *testing.T) {
	f := &feed{t, NewMerger(2), map[int]int{}}
	f.add(1, report(1, 0, 5))
	f.add(2, report(1, 5, 10))
	f.expect(f.add(1, report(2, 10, 15)))
	// The other's share is named at once, and its gauges are gone but for the
	// time it used.
	trouble := "runner 2 of 2 (segment 1/2:1, 50 % of the load) died: signal: killed; its share is unknown from 12:00:01 on, its last report"
	f.expect(words(f.merger.End(2, "signal: killed")), "2s: 10-15 offered 15, 1 calls, 4 VUs, cpu 300ms | "+trouble)
	f.expect(f.add(1, final(report(2.6, 15, 20))), "2.6s: 15-20 offered 20, 1 calls, 4 VUs, cpu 300ms") // never final: the account can't be closed
	f.expect(words(f.merger.End(1, "exit code 0")))
	runners := f.merger.Runners()
	if got := runners[0].Trouble(2); got != "" || runners[0].State != record.RunnerFinished {
		t.Errorf("runner 1: %s, %s", runners[0].State, got)
	}
	if got := runners[1].Trouble(2); got != trouble {
		t.Errorf("runner 2: %s", got)
	}
}

func TestOneNeverComes(t *testing.T) {
	f := &feed{t, NewMerger(2), map[int]int{}}
	for second := 1; second <= patience; second++ {
		f.expect(f.add(1, report(float64(second), 0, 1)))
	}
	// Who waits for it five seconds waits no longer.
	f.expect(f.add(1, report(patience+1, 5, 6)), "1s: 0-1 offered 1, 1 calls, 4 VUs, cpu 100ms")
	got := words(f.merger.End(2, "image not found"))
	if len(got) != patience || !strings.HasSuffix(got[0], "| runner 2 of 2 (segment 1/2:1, 50 % of the load) never reported: image not found; all of its share is unknown") {
		t.Errorf("at its end:\n%s", strings.Join(got, "\n"))
	}
}

func TestLostFrames(t *testing.T) {
	f := &feed{t, NewMerger(1), map[int]int{}}
	f.expect(f.add(1, report(1, 0, 5)), "1s: 0-5 offered 5, 1 calls, 4 VUs, cpu 100ms")
	f.next[1] = 3 // two were lost on the way
	f.expect(f.add(1, final(report(4, 15, 20))))
	f.next[1] = 0
	f.expect(f.add(1, report(1, 0, 5))) // again
	trouble := "runner 1 of 1 (segment 0:1, 100 % of the load): 2 of its reports were lost, what its records met in those seconds is unknown"
	f.expect(words(f.merger.End(1, "")), "4s: 15-20 offered 20, 1 calls, 4 VUs, cpu 400ms | "+trouble) // not final
	if got := f.merger.Runners()[0]; got.Missing != 2 || got.Frames != 2 || got.Accepted != 10 {
		t.Errorf("%+v", got)
	}
	if _, err := f.merger.Add(frame.Numbered{Runner: 2}); err == nil {
		t.Error("a frame of a runner that the fleet has not was taken")
	}
}

// Percentiles of the merged histograms are those of all raw values put
// together, to within the histogram's error, whichever runner had them. Means
// of the runners' percentiles would not be.
func TestMergedPercentilesAreThoseOfAllValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 5).Draw(t, "runners")
		m := NewMerger(n)
		var raw []time.Duration
		merged := new(stats.Histogram)
		keep := func(frames []frame.Frame) {
			for _, f := range frames {
				for _, s := range f.Steps {
					merged.Merge(s.Put)
				}
			}
		}
		for number := 1; number <= n; number++ {
			slowness := rapid.Float64Range(1, 1e6).Draw(t, "slowness in µs") // runners differ
			seconds := rapid.IntRange(1, 4).Draw(t, "seconds")
			for second := range seconds {
				f := report(float64(second+1), 0, 0)
				f.Steps[0].Put = new(stats.Histogram)
				for _, x := range rapid.SliceOfN(rapid.Float64Range(0, 1), 0, 40).Draw(t, "values") {
					d := time.Duration(1+slowness*(1+10*x*x)) * time.Microsecond
					raw = append(raw, d)
					f.Steps[0].Put.Record(d)
				}
				f.Final = second == seconds-1
				frames, err := m.Add(frame.Numbered{Runner: number, Number: second, Frame: f})
				if err != nil {
					t.Fatal(err)
				}
				keep(frames)
			}
			keep(m.End(number, ""))
		}
		if merged.Count() != int64(len(raw)) {
			t.Fatalf("%d values in the merged histogram, %d in all", merged.Count(), len(raw))
		}
		slices.Sort(raw)
		for _, q := range []float64{0.5, 0.9, 0.99, 1} {
			if len(raw) == 0 {
				break
			}
			exact := raw[max(int(q*float64(len(raw))+0.5), 1)-1] // HdrHistogram's rank
			got := merged.Quantile(q)
			if got < exact || float64(got-exact) > 0.001*float64(exact)+1000 {
				t.Fatalf("p%g of %d values is %v, %v in the merged histogram", 100*q, len(raw), exact, got)
			}
		}
	})
}
