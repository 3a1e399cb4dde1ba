package campaign

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func parsed(t *testing.T, text string) File {
	t.Helper()
	f, err := Parse("plan.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const twoWeeks = `
pipeline: {shards: 2, work: 20ms, error_rate: 0.05}
weeks:
  - week: 1
    tests:
      - {test: baseline-500b, rates: [10, 1500.5]}
  - week: 2
    tests:
      - {test: baseline-10kb, id: big, rates: [100], step: 1m, repeat: 2, judge: capacity, pipeline: {shards: 4}}
`

// told writes units down: id, length, arguments.
func told(t *testing.T, f File, o Options) string {
	t.Helper()
	units, err := f.Units(o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, u := range units {
		fmt.Fprintf(&b, "%s %v: %s\n", u.ID, u.Load, strings.Join(u.Args, " "))
	}
	return b.String()
}

// A shape is one unit, whatever test it is of: two stretches of a minute.
func TestShapeIsOneUnit(t *testing.T) {
	f := parsed(t, `weeks: [{week: 1, tests: [{test: baseline-500b, shape: "ramp:1..5,constant:5", step: 1m}]}]`)
	const want = "w1/baseline-500b#1 2m0s: baseline-500b --target local --shape ramp:1..5,constant:5 --step 1m0s\n"
	if got := told(t, f, Options{}); got != want {
		t.Errorf("got %s", got)
	}
}

// A test has the plan's targets and its own, unless it is judged by capacity.
func TestTargetsOfUnits(t *testing.T) {
	f := parsed(t, `
slo: [record_latency=5s, throttles=3]
weeks: [{week: 1, tests: [{test: smoke, slo: [throttles=9]}, {test: sustained, judge: capacity}]}]`)
	const want = "w1/smoke#1 1m0s: smoke --target local --slo record_latency=5s,throttles=3,throttles=9\n" +
		"w1/sustained#1 30m0s: sustained --target local --judge capacity\n"
	if got := told(t, f, Options{}); got != want {
		t.Errorf("got %s", got)
	}
	if got := f.Targets().RecordLatency; got != 5*time.Second {
		t.Errorf("the plan's p99 is %v", got)
	}
}

func TestUnits(t *testing.T) {
	const first = "baseline-500b --target local --shards 2 --work 20ms --error-rate 0.05"
	const second = "baseline-10kb --target local --judge capacity --shards 4 --work 20ms --error-rate 0.05"
	for _, c := range []struct {
		name string
		o    Options
		want string
	}{
		{"whole", Options{}, "w1/baseline-500b@10#1 30s: " + first + " --rate 10 --step 30s\n" +
			"w1/baseline-500b@1500.5#1 30s: " + first + " --rate 1500.5 --step 30s\n" +
			"w2/big@100#1 1m0s: " + second + " --rate 100 --step 1m0s\n" +
			"w2/big@100#2 1m0s: " + second + " --rate 100 --step 1m0s\n"},
		{"one week, once", Options{Week: 2, Repeat: 1}, "w2/big@100#1 1m0s: " + second + " --rate 100 --step 1m0s\n"},
		// 0.3 × 30 s = 9 s, 0.1 × 60 s = 6 s → 8 s
		{
			"scaled",
			Options{TimeScale: 0.3, Only: []string{"baseline-500b"}},
			"w1/baseline-500b@10#1 9s: " + first + " --time-scale 0.3 --rate 10 --step 30s\n" +
				"w1/baseline-500b@1500.5#1 9s: " + first + " --time-scale 0.3 --rate 1500.5 --step 30s\n",
		},
		{
			"scaled to the least",
			Options{TimeScale: 0.1, Only: []string{"big"}, Repeat: 1},
			"w2/big@100#1 8s: " + second + " --time-scale 0.1 --rate 100 --step 1m0s\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if d := cmp.Diff(c.want, told(t, parsed(t, twoWeeks), c.o)); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestUnitsRefuse(t *testing.T) {
	f := parsed(t, twoWeeks)
	for _, o := range []Options{{Only: []string{"spike"}}, {Week: 7}} {
		if _, err := f.Units(o); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
}

func TestUnitsOnAWS(t *testing.T) {
	f := parsed(t, "target: aws\nstream: orders\nfunction: consumer\nregion: eu-west-1\n"+
		"weeks: [{week: 1, tests: [{test: baseline-100b, rates: [10]}]}]")
	want := "w1/baseline-100b@10#1 5m0s: baseline-100b --target aws --stream orders --region eu-west-1 --function consumer --rate 10 --step 5m0s\n"
	if d := cmp.Diff(want, told(t, f, Options{})); d != "" {
		t.Error(d)
	}
}

func TestFourWeeks(t *testing.T) {
	f := parsed(t, string(FourWeeks))
	units, err := f.Units(Options{})
	if err != nil {
		t.Fatal(err)
	}
	perWeek := map[int]int{}
	for _, u := range units {
		perWeek[u.Week]++
	}
	// Five payloads at seven rates; smoke, sustained, variable; stress and two
	// spikes; endurance.
	if d := cmp.Diff(map[int]int{1: 35, 2: 3, 3: 3, 4: 1}, perWeek); d != "" {
		t.Error(d)
	}
	for _, w := range f.Weeks {
		if w.Deliverable == "" {
			t.Errorf("week %d has no document", w.Week)
		}
	}
}
