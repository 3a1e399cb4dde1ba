package ui

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/record"
)

// Verdicts as they stand: what a run has not reached yet is not held against
// it, and what can be known only at the end is not said before.
func TestStateOfARunUnderWay(t *testing.T) {
	r := begin(t, t.TempDir(), "live", evening, 20*time.Second, 100, 200)
	r.load(0, 20, time.Second)
	r.load(1, 5, 3*time.Second)
	d, err := record.Read(r.w.Dir())
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		at      time.Duration // after the start of the load
		live    bool
		phases  string
		latency judge.Outcome
		steps   int // that are judged
	}{
		{"before the load", -time.Second, true, "[to come to come]", "", 0},
		{"in the first step", 10 * time.Second, true, "[under way to come]", judge.Pass, 1},
		{"in the second", 25 * time.Second, true, "[over under way]", judge.Fail, 2}, // 3 s are over 2 s
		{"drains", 50 * time.Second, true, "[over under way]", judge.Fail, 2},
		{"ended", 50 * time.Second, false, "[over over]", judge.Fail, 2},
	} {
		st := stateOf(d, test.live, evening.Add(test.at))
		var latency judge.Outcome
		for _, target := range st.Verdict.Targets {
			if target.ID == judge.RecordLatency && len(st.Verdict.Steps) > 0 {
				latency = target.Verdict
			}
		}
		if fmt.Sprint(st.Phases) != test.phases || latency != test.latency || len(st.Verdict.Steps) != test.steps {
			t.Errorf("%s: phases %v, latency %q, %d steps; want %s, %q, %d", test.name, st.Phases, latency, len(st.Verdict.Steps), test.phases, test.latency, test.steps)
		}
	}
}

// Judging rests in proportion to what it takes; the last look does not wait.
func TestJudgingKeepsItsPace(t *testing.T) {
	root := t.TempDir()
	r := begin(t, root, "live", evening, 20*time.Second, 100)
	now := evening
	s := New(Options{Runs: root, Alive: alive, Now: func() time.Time { return now }})
	s.lookEvery = 0
	version := func(final bool) int {
		t.Helper()
		l, err := s.look(r.w.Dir(), 0, final)
		if err != nil {
			t.Fatal(err)
		}
		return l.Version
	}
	if v := version(false); v != 1 {
		t.Fatalf("version %d after the first look, want 1", v)
	}
	r.load(0, 1, time.Second)
	if v := version(false); v != 1 {
		t.Errorf("judged again in the same instant: version %d", v)
	}
	if v := version(true); v != 2 {
		t.Errorf("version %d of the last look, want 2", v)
	}
	r.load(0, 1, time.Second)
	now = now.Add(time.Hour)
	if v := version(false); v != 3 {
		t.Errorf("version %d after an hour, want 3", v)
	}
	if v := version(false); v != 3 {
		t.Errorf("version %d though nothing was written, want 3", v)
	}
}

// A browser gets each point once; one that was away for long is told to read
// the run again.
func TestLookTellsWhatIsNew(t *testing.T) {
	root := t.TempDir()
	r := begin(t, root, "live", evening, 20*time.Second, 100)
	s := New(Options{Runs: root, Alive: alive})
	s.lookEvery = 0
	look := func(from int64) look {
		t.Helper()
		l, err := s.look(r.w.Dir(), from, false)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	r.append(0, 3, time.Second)
	start := look(0)
	if len(start.Points) != 3 || start.Behind {
		t.Errorf("a browser at the beginning got %d points and behind %t, want the 3 seconds", len(start.Points), start.Behind)
	}
	r.append(0, 2, time.Second)
	next := look(start.Offset)
	if len(next.Points) != 2 || next.Behind || next.Offset <= start.Offset {
		t.Errorf("%d points, behind %t, offset %d after %d; want the 2 new seconds", len(next.Points), next.Behind, next.Offset, start.Offset)
	}
	if again := look(next.Offset); len(again.Points) != 0 {
		t.Errorf("%d points came twice", len(again.Points))
	}
	if other := look(next.Offset + 1); !other.Behind {
		t.Error("an offset beyond the series is another run's, and the browser is not told to read this one")
	}
	length := int(next.Offset) / 5 // of a line
	r.append(0, mostBehind/length+100, time.Second)
	if late := look(next.Offset); !late.Behind || len(late.Points) != 0 {
		t.Errorf("a browser more than %d bytes behind got %d points and behind %t", mostBehind, len(late.Points), late.Behind)
	}
}

func TestWatchForgets(t *testing.T) {
	root := t.TempDir()
	first, second := begin(t, root, "a", evening, time.Second, 1), begin(t, root, "b", evening, time.Second, 1)
	now := evening
	s := New(Options{Runs: root, Alive: alive, Now: func() time.Time { return now }})
	for _, step := range []struct {
		after time.Duration
		look  *rig
		want  int // runs in memory
	}{{0, first, 1}, {forgetAfter, second, 2}, {time.Second, second, 1}} {
		now = now.Add(step.after)
		if _, err := s.look(step.look.w.Dir(), 0, false); err != nil {
			t.Fatal(err)
		}
		if len(s.watched) != step.want {
			t.Errorf("%d runs in memory %v later, want %d", len(s.watched), step.after, step.want)
		}
	}
}

// The stream of a run: points with the offset to go on from, the state, and
// when it has ended a last word.
func TestEvents(t *testing.T) {
	root := t.TempDir()
	r := begin(t, root, "live", evening, 20*time.Second, 100)
	var ended atomic.Bool
	s := New(Options{Runs: root, Alive: func(record.Run) bool { return !ended.Load() }})
	s.lookEvery, s.streamEvery = 0, time.Millisecond
	server := httptest.NewServer(s.Handler())
	defer server.Close()
	get := func(path string) *http.Response {
		t.Helper()
		response, err := http.Get(server.URL + path) //nolint:noctx // the test's own server
		if err != nil {
			t.Fatal(err)
		}
		return response
	}
	var whole opened
	response := get("/api/runs/" + r.w.ID())
	if err := json.NewDecoder(response.Body).Decode(&whole); err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	response = get(fmt.Sprintf("/api/runs/%s/events?from=%d", r.w.ID(), whole.Offset))
	defer response.Body.Close()
	r.load(0, 2, time.Second)
	ended.Store(true)
	r.end()
	var names []string
	seconds := 0
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok && (len(names) == 0 || names[len(names)-1] != name) {
			names = append(names, name)
		}
		if data, ok := strings.CutPrefix(lines.Text(), "data: ["); ok {
			seconds += strings.Count(data, `"t":`)
		}
	}
	if last := names[len(names)-1]; last != "ended" || seconds != 2 {
		t.Errorf("events %v with %d seconds of points; want the 2 written, and ended last", names, seconds)
	}
}

// Three seconds gathered into two: counts by their mean, latencies by their
// peak, and nothing where there was nothing.
func TestColumns(t *testing.T) {
	points := []record.Point{{T: 10}, {T: 11}, {T: 12}}
	series := map[string][]float64{metrics.Offered: {1, 3, 7}, metrics.E2EP99: {5, 9}}
	number := func(v float64) *float64 { return &v }
	for _, test := range []struct {
		most int
		want columns
	}{
		{3, columns{T: []int64{10, 11, 12}, StepS: 1, V: map[string][]*float64{
			metrics.Offered: {number(1), number(3), number(7)}, metrics.E2EP99: {number(5), number(9), nil},
		}}},
		{2, columns{T: []int64{10, 12}, StepS: 2, V: map[string][]*float64{ // (12-10)/2 + 1 = 2 s
			metrics.Offered: {number(2), number(7)}, metrics.E2EP99: {number(9), nil},
		}}},
	} {
		if diff := cmp.Diff(test.want, columnsOf(points, maps.All(series), test.most)); diff != "" {
			t.Errorf("at most %d: %s", test.most, diff)
		}
	}
}
