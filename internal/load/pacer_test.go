package load

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/plan"
)

func TestCalls(t *testing.T) {
	put := plan.Put{MaxRecords: 500, Linger: 10 * time.Millisecond, MaxLate: time.Second}
	ms := func(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }
	for _, tt := range []struct {
		name        string
		steps       []plan.Step
		put         plan.Put
		recordBytes int
		want        []Call
	}{
		{
			// 10/s × 10 ms = 0.1: one record a call, the first due after 100 ms.
			name:  "slow",
			steps: []plan.Step{{Rate: 10, Duration: 300 * time.Millisecond}},
			put:   put, recordBytes: 500,
			want: []Call{{0, 0, 0, 1, ms(100)}, {1, 0, 1, 2, ms(200)}, {2, 0, 2, 3, ms(300)}},
		},
		{
			// 300/s × 10 ms = 3 a call; 27 ms hold ⌊8.1⌋ = 8 slots: 3 + 3 + 2.
			// A call is due with its last record: 3/300, 6/300, 8/300 s.
			// The next step starts at 27 ms with 1 a call: 27 + 20 ms, 27 + 40 ms.
			name:  "the border of steps cuts a call",
			steps: []plan.Step{{Rate: 300, Duration: 27 * time.Millisecond}, {Rate: 50, Duration: 40 * time.Millisecond}},
			put:   put, recordBytes: 500,
			want: []Call{
				{0, 0, 0, 3, ms(10)},
				{1, 0, 3, 6, ms(20)},
				{2, 0, 6, 8, 26666666},
				{3, 1, 8, 9, ms(47)},
				{4, 1, 9, 10, ms(67)},
			},
		},
		{
			// 100 000/s × 10 ms = 1 000, but a call holds 500: 1 500 slots in 3 calls.
			name:  "as many as a request takes",
			steps: []plan.Step{{Rate: 100000, Duration: 15 * time.Millisecond}},
			put:   put, recordBytes: 500,
			want: []Call{{0, 0, 0, 500, ms(5)}, {1, 0, 500, 1000, ms(10)}, {2, 0, 1000, 1500, ms(15)}},
		},
		{
			// 10 MiB / 4 MiB = 2 records a request.
			name:  "as many bytes as a request takes",
			steps: []plan.Step{{Rate: 1000, Duration: 4 * time.Millisecond}},
			put:   put, recordBytes: 4 << 20,
			want: []Call{{0, 0, 0, 2, ms(2)}, {1, 0, 2, 4, ms(4)}},
		},
		{
			// 200 records/s for 10 ms, none for 20 ms: two records fall due by the end
			// of the first stretch, two more by 40 ms. Calls take the time of the
			// linger less a nanosecond, so that there is a fifth, empty one.
			name:  "a rate that moves",
			steps: []plan.Step{{Rate: 100, Duration: 40 * time.Millisecond, Shape: &plan.Shape{Stretches: []plan.Stretch{{Length: ms(10), From: 200, To: 200}, {Length: ms(20)}}}}},
			put:   put, recordBytes: 500,
			want: []Call{{0, 0, 0, 2, ms(10)}, {1, 0, 2, 2, 0}, {2, 0, 2, 2, 0}, {3, 0, 2, 4, ms(40)}, {4, 0, 4, 4, 0}},
		},
		{
			// 20 ms apart is more than the linger; three at once, and one 10 ms later.
			name:  "moments of their own",
			steps: []plan.Step{plan.ReplayStep("replay:at", []time.Duration{0, ms(20), ms(20), ms(20), ms(30), ms(30.5)})},
			put:   plan.Put{MaxRecords: 3, Linger: put.Linger}, recordBytes: 500,
			want: []Call{{0, 0, 0, 1, 0}, {1, 0, 1, 4, ms(20)}, {2, 0, 4, 6, ms(30.5)}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := NewPacer(tt.steps, tt.put, tt.recordBytes)
			var got []Call
			for n := range p.Calls() {
				got = append(got, p.Call(n))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

// Every slot is in exactly one call, no record waits longer than the linger,
// and DueBy counts exactly the slots that are due.
func TestPacerProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var steps []plan.Step
		for range rapid.IntRange(1, 4).Draw(t, "steps") {
			step := plan.Step{
				Rate:     rapid.Float64Range(1, 5000).Draw(t, "rate"),
				Duration: time.Duration(rapid.Int64Range(1, 2000).Draw(t, "ms")) * time.Millisecond,
			}
			step.Shape = rapid.SampledFrom([]*plan.Shape{
				nil,
				{Stretches: []plan.Stretch{{Length: step.Duration, From: step.Rate, To: 60000}}},
				{Stretches: []plan.Stretch{{Length: 20 * time.Millisecond, From: step.Rate, To: step.Rate}, {Length: 70 * time.Millisecond}}},
				{Sine: &plan.Sine{Mean: step.Rate, Amplitude: step.Rate / 2, Period: 300 * time.Millisecond}},
			}).Draw(t, "shape")
			steps = append(steps, step)
		}
		put := plan.Put{
			MaxRecords: rapid.IntRange(1, 500).Draw(t, "max records"),
			Linger:     time.Duration(rapid.Int64Range(0, 200).Draw(t, "linger ms")) * time.Millisecond,
		}
		p := NewPacer(steps, put, 500)
		var next uint64
		for n := range p.Calls() {
			c := p.Call(n)
			if c.From != next || c.To < c.From || c.To-c.From > uint64(put.MaxRecords) {
				t.Fatalf("call %+v after slot %d", c, next)
			}
			if c.Empty() {
				continue
			}
			if first := p.Due(c.Step, c.From); c.Due-first > put.Linger+time.Nanosecond && c.To-c.From > 1 {
				t.Fatalf("call %+v: its first record, due %v, waits %v", c, first, c.Due-first)
			}
			next = c.To
		}
		if next != p.Slots() {
			t.Fatalf("calls hold %d of %d slots", next, p.Slots())
		}
		nextCall := uint64(0)
		for n := range p.Turns() {
			from, to := p.Turn(n)
			if from != nextCall || to <= from || p.Call(from).Step != p.Call(to-1).Step {
				t.Fatalf("turn %d is calls %d to %d after %d", n, from, to, nextCall)
			}
			nextCall = to
		}
		if nextCall != p.Calls() {
			t.Fatalf("turns hold %d of %d calls", nextCall, p.Calls())
		}
		at := time.Duration(rapid.Int64Range(0, int64(p.Duration()+time.Second)).Draw(t, "at"))
		var due uint64
		for due < p.Slots() && p.Due(p.schedule.StepOf(due), due) <= at {
			due++
		}
		if got := p.DueBy(at); got != due {
			t.Fatalf("%d slots due by %v, counted %d", got, at, due)
		}
	})
}

func TestLeft(t *testing.T) {
	p := NewPacer([]plan.Step{{Rate: 10, Duration: time.Second}}, plan.Put{MaxRecords: 1, MaxLate: time.Second}, 100)
	c := p.Call(4) // the fifth record, due at 500 ms
	for at, want := range map[time.Duration]time.Duration{
		500 * time.Millisecond:  time.Second,
		1400 * time.Millisecond: 100 * time.Millisecond,
		1500 * time.Millisecond: 0,
		2 * time.Second:         -500 * time.Millisecond,
	} {
		if got := p.Left(c, at); got != want {
			t.Errorf("at %v: %v left, want %v", at, got, want)
		}
	}
}
