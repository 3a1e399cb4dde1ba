package cli

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/fleet/ecs"
	"weir/internal/fleet/k8s"
	"weir/internal/load"
	"weir/internal/load/frame"
	"weir/internal/plan"
	"weir/internal/record"
)

var fleetStart = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func testOrder(runners int) fleetOrder {
	test, _ := plan.Named("baseline-500b")
	return fleetOrder{
		Format: orderFormat, Runners: runners, Script: "baseline-500b.js",
		Spec: load.Spec{Test: test, Run: 0x3f2a91, Start: fleetStart, Target: load.Target{Region: "eu-west-1", Stream: "orders"}},
	}
}

func TestOrderTravelsAsOneWord(t *testing.T) {
	want := testOrder(4)
	word, err := want.pack()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("%q needs quoting in a shell", word)
	}
	got, err := unpackOrder(word)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	want.Format = 2
	word, err = want.pack()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := unpackOrder(word); err == nil || !strings.Contains(err.Error(), "format 2, this weir reads 1") {
		t.Errorf("an order of another format: %v", err)
	}
}

func FuzzOrder(f *testing.F) {
	word, err := testOrder(4).pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(word)
	f.Add("")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, word string) {
		o, err := unpackOrder(word)
		if err == nil && o.Format != orderFormat {
			t.Fatalf("an order of format %d was taken", o.Format)
		}
	})
}

// scripted is a loader that says a second's frame every second, and its last
// word when it is done or interrupted.
type scripted struct {
	frames chan frame.Frame
	stop   chan struct{}
	exit   int
}

func newScripted(seconds int) *scripted {
	s := &scripted{frames: make(chan frame.Frame), stop: make(chan struct{})}
	go func() {
		defer close(s.frames)
		for n := range seconds {
			select {
			case <-time.After(time.Second):
				s.frames <- frame.Frame{T: fleetStart.Add(time.Duration(n+1) * time.Second), Started: fleetStart}
			case <-s.stop:
				s.exit = 105
			}
			if s.exit != 0 {
				break
			}
		}
		s.frames <- frame.Frame{T: fleetStart.Add(time.Minute), Started: fleetStart, Final: true}
	}()
	return s
}

func (s *scripted) Frames() <-chan frame.Frame { return s.frames }
func (s *scripted) Wait() (int, error)         { return s.exit, nil }
func (s *scripted) Interrupt()                 { close(s.stop) }

func readLines(t *testing.T, text string) []frame.Frame {
	t.Helper()
	var all []frame.Frame
	var r frame.LineReader
	for line := range strings.Lines(text) {
		n, err := r.Add(strings.TrimSpace(line))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n.Frame)
	}
	return all
}

// What the machine says of its own end travels with the next report; a runner
// that is told to stop says its last word.
func TestRelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond)
		defer cancel()
		told := make(chan string, 1)
		time.AfterFunc(1500*time.Millisecond, func() { told <- "to be taken away" })
		err := relay(ctx, frame.NewLineWriter(&out, 2), newScripted(10), told)
		if code, ok := errors.AsType[exitError](err); !ok || code != ExitInterrupted {
			t.Errorf("ended with %v", err)
		}
		frames := readLines(t, out.String())
		if len(frames) != 3 || !frames[2].Final {
			t.Fatalf("%d frames", len(frames))
		}
		if got := frames[1].Notices; len(got) != 1 || got[0] != "to be taken away" {
			t.Errorf("notices of the second frame: %q", got)
		}
		if got := frames[2].Notices; len(got) != 1 || !strings.Contains(got[0], "told to stop") {
			t.Errorf("notices of the last frame: %q", got)
		}
	})
}

func TestCrewMergesAndNamesTheDead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopped := false
		c := newCrew([]member{
			childMember(1, "process 7", newScripted(3)),
			{where: "pod b", follow: func(report func(frame.Numbered)) (string, int) {
				report(frame.Numbered{Runner: 2, Frame: frame.Frame{T: fleetStart.Add(time.Second), Started: fleetStart}})
				return "OOMKilled", 137
			}},
		}, func() { stopped = true })
		var said []string
		final := false
		for f := range c.Frames() {
			said = append(said, f.Notices...)
			final = final || f.Final
		}
		exit, err := c.Wait()
		if err != nil || exit != 137 || final || len(said) != 1 || !strings.Contains(said[0], "died: OOMKilled") {
			t.Errorf("exit %d, %v, final %v, said %q", exit, err, final, said)
		}
		if r := c.runners; r[0].State != record.RunnerFinished || r[0].Where != "process 7" || r[1].State != record.RunnerDied {
			t.Errorf("runners %+v", r)
		}
		c.Interrupt()
		if c.Interrupt(); !stopped {
			t.Error("the runners were not interrupted")
		}
	})
}

func TestReadReports(t *testing.T) {
	lines := func(runner int, started time.Time) string {
		var b strings.Builder
		if err := frame.NewLineWriter(&b, runner).Write(frame.Frame{T: started.Add(time.Second), Started: started, Final: true}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	for _, tt := range []struct{ in, want string }{
		{"level=info msg=hello\r\n" + lines(2, fleetStart) + lines(1, fleetStart), ""},
		{lines(3, fleetStart), "a report of runner 3, the fleet has 2"},
		{lines(1, fleetStart.Add(time.Hour)), "it is another fleet's report"},
		{"\nweir-frame/1 x\n", "-:2: read line of frames"},
	} {
		p := &Process{Stdin: strings.NewReader(tt.in)}
		frames, err := readReports(p, []string{"-"}, testOrder(2))
		switch {
		case tt.want == "" && (err != nil || len(frames[0]) != 1 || len(frames[1]) != 1):
			t.Errorf("%v, %d runners", err, len(frames))
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
}

func TestSpotNotice(t *testing.T) {
	for text, want := range map[string]string{
		`{"action":"terminate","time":"2026-11-22T12:02:00Z"}`: "the spot instance is to be taken away (terminate) at 12:02:00",
		"?": "the spot instance is to be taken away",
	} {
		if got := spotNotice([]byte(text)); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		out := make(chan string, 1)
		began := time.Now()
		watchSpot(t.Context(), out, func(context.Context) ([]byte, error) {
			if asked++; asked < 3 {
				return nil, io.EOF // no notice yet
			}
			return []byte("{}"), nil
		})
		if len(out) != 1 || time.Since(began) != 2*spotEvery {
			t.Errorf("%d notices after %v, want one after the third question", len(out), time.Since(began))
		}
	})
}

// Pods and tasks are refused files of this machine before anything is started:
// without a cluster and without credentials it is the first thing that is said.
func TestFleetsElsewhereTakeNoFiles(t *testing.T) {
	l := load.Options{Spec: load.Spec{Test: plan.Test{Payload: plan.Payload{Template: "{}"}}}}
	_, ofTasks := startTasks(t.Context(), &Process{}, ecs.Options{}, l, 2, time.Time{})
	_, ofPods := startPods(t.Context(), &Process{}, nil, k8s.Options{}, l, time.Time{})
	for _, err := range []error{ofTasks, ofPods} {
		if err == nil || !strings.Contains(err.Error(), "files of this machine") {
			t.Errorf("%v", err)
		}
	}
}
