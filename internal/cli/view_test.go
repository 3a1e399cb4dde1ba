package cli

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"weir/internal/observe"
	"weir/internal/plan"
	"weir/internal/record"
)

var loadStart = time.Unix(1_800_000_000, 0)

// under is a run of two steps of 10 s whose load began at loadStart.
func under() *record.Run {
	return &record.Run{
		LoadStart: loadStart,
		Test:      plan.Test{Name: "try", Payload: plan.Payload{Bytes: 500}, Steps: plan.StepsAt([]float64{10, 2000}, 10*time.Second)},
		Pipeline: record.Pipeline{
			Kind: "embedded", Profile: "aws", Shards: 4, Function: "f", BatchSize: 100, FunctionTimeout: 3 * time.Second,
		},
		Steps: []record.Step{
			{Index: 0, Rate: 10, Start: loadStart, End: loadStart.Add(10 * time.Second)},
			{Index: 1, Rate: 2000, Start: loadStart.Add(10 * time.Second), End: loadStart.Add(20 * time.Second)},
		},
	}
}

func TestPosition(t *testing.T) {
	waiting, script := under(), under()
	waiting.LoadStart = time.Time{}
	script.Steps = []record.Step{{Start: loadStart}}
	for _, tt := range []struct {
		run      *record.Run
		after    time.Duration
		draining bool
		want     string
		share    float64
	}{
		{waiting, 5 * time.Second, false, "starting", 0},
		{under(), -4600 * time.Millisecond, false, "the load begins in 5s", 0},
		{under(), 0, false, "step 1/2: 10 records/s, 20s of load left", 0},
		{under(), 9900 * time.Millisecond, false, "step 1/2: 10 records/s, 10s of load left", 0.495},
		{under(), 10 * time.Second, false, "step 2/2: 2000 records/s, 10s of load left", 0.5},
		{under(), 20 * time.Second, false, "load ended", 1},
		{under(), time.Minute, true, "draining", 1},
		{script, 83 * time.Second, false, "1m23s", 0}, // its end is not known
		{script, 83 * time.Second, true, "draining", 0},
	} {
		now := loadStart.Add(tt.after)
		if got := position(tt.run, now, tt.draining); got != tt.want {
			t.Errorf("after %v: %q, want %q", tt.after, got, tt.want)
		}
		if got := elapsed(tt.run, now); got != tt.share {
			t.Errorf("after %v: %g of the load's time has passed, want %g", tt.after, got, tt.share)
		}
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 ms", 740 * time.Microsecond: "0.7 ms", 9940 * time.Microsecond: "9.9 ms", 10 * time.Millisecond: "10 ms",
		999 * time.Millisecond: "999 ms", time.Second: "1.00 s", 9990 * time.Millisecond: "9.99 s", 83 * time.Second: "83 s",
	} {
		if got := short(d); got != want {
			t.Errorf("short(%v) = %q, want %q", d, got, want)
		}
	}
}

// What is not known is a dash, never a zero.
func TestFigures(t *testing.T) {
	want := []string{
		"offered 0/s", "accepted 0/s", "put p99 –", "e2e p50/p99 –", "iterator age –", "throttled 0", "processed 0 of 0",
	}
	if diff := cmp.Diff(want, figures(observe.Live{})); diff != "" {
		t.Error(diff)
	}
	want = []string{
		"offered 2000/s", "accepted 1990/s", "put p99 41 ms", "e2e p50/p99 535 ms/1.03 s", "iterator age 0 ms",
		"throttled 7", "processed 90 of 100", "not sent 3",
	}
	got := figures(observe.Live{
		Offered: 2000, Accepted: 1990, NotSent: 3, Throttled: 7, PutP99: 41 * time.Millisecond,
		E2EP50: 535 * time.Millisecond, E2EP99: 1030 * time.Millisecond, HasE2E: true, HasIteratorAge: true,
		Processed: 90, AcceptedN: 100,
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOpening(t *testing.T) {
	aws := under()
	aws.Pipeline = record.Pipeline{Kind: "aws", Region: "eu-west-1", Shards: 2}
	aws.Test.Payload, aws.Test.Steps = plan.Payload{File: "events.ndjson"}, aws.Test.Steps[:1]
	script := under()
	script.Test = plan.Test{Name: "load", Kind: plan.Script}
	for _, tt := range []struct {
		run  *record.Run
		want []string
	}{
		{under(), []string{
			"try on the embedded pipeline, profile aws: its timing is a model",
			"stream of 4 shards → batches of 100 → function with timeout 3s; 500-byte records at 10 → 2000 records/s, 10s each",
		}},
		{aws, []string{
			"try on AWS, region eu-west-1",
			"stream of 2 shards; lines of events.ndjson at 10 records/s, 10s each",
		}},
		{script, []string{
			"load on the embedded pipeline, profile aws: its timing is a model",
			"stream of 4 shards → batches of 100 → function with timeout 3s; the script's own load",
		}},
	} {
		if diff := cmp.Diff(tt.want, opening(tt.run)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestLines(t *testing.T) {
	var b strings.Builder
	v := &lines{w: &b, run: under(), every: 2 * time.Second}
	v.update(loadStart, observe.Live{})
	v.update(loadStart.Add(1999*time.Millisecond), observe.Live{}) // too soon
	v.draining()
	v.update(loadStart.Add(30*time.Second), observe.Live{Processed: 5, AcceptedN: 5})
	v.say("reading the stream back")
	v.close()
	const want = "step 1/2: 10 records/s, 20s of load left  offered 0/s  accepted 0/s  put p99 –  e2e p50/p99 –  iterator age –  throttled 0  processed 0 of 0\n" +
		"draining  offered 0/s  accepted 0/s  put p99 –  e2e p50/p99 –  iterator age –  throttled 0  processed 5 of 5\n" +
		"reading the stream back\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// The block fits the terminal, whatever its width, and loses no figure.
func TestBlockFitsTheTerminal(t *testing.T) {
	live := observe.Live{Offered: 2000, Accepted: 2000, HasE2E: true, E2EP50: time.Second, E2EP99: time.Second, NotSent: 1}
	for _, width := range []int{60, 80, 110, 200} {
		var m tea.Model = block{opening: opening(under())}
		for _, msg := range []tea.Msg{
			tea.WindowSizeMsg{Width: width, Height: 30},
			moment{position: position(under(), loadStart, false), share: 0.5, figures: figures(live)},
			saying("interrupted: the load stops, the pipeline drains; once more ends weir at once"),
		} {
			m, _ = m.Update(msg)
		}
		text := m.View().Content
		for line := range strings.Lines(text) {
			if w := lipgloss.Width(strings.TrimSuffix(line, "\n")); w > width {
				t.Errorf("a line of %d cells in a terminal of %d: %q", w, width, line)
			}
		}
		for _, f := range append(figures(live), "20s of load left", "once") {
			if !strings.Contains(text, f) {
				t.Errorf("width %d: %q is missing:\n%s", width, f, text)
			}
		}
	}
}

func TestBar(t *testing.T) {
	for share, want := range map[float64]string{0: "░░░░", 0.5: "██░░", 0.99: "███░", 1: "████"} {
		if got := bar(share, 4); got != want {
			t.Errorf("bar(%g) = %q, want %q", share, got, want)
		}
	}
}
