package observe

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"weir/internal/pipeline"
	"weir/internal/record"
	"weir/internal/stats"
)

// A Date of whole second S came between request and answer, so the service's
// clock then read S to S + 1 s: the offset is at least S - answered and at most
// S + 1 s - sent.
func TestClock(t *testing.T) {
	ms := func(n int) time.Time { return time.UnixMilli(1_800_000_000_000 + int64(n)) }
	type answer struct{ sent, answered, date int }
	for _, tt := range []struct {
		name          string
		answers       []answer
		offset, bound time.Duration
		jumps         int
	}{
		// [0 - 500, 1000 - 400] ms
		{"one answer", []answer{{400, 500, 0}}, 50 * time.Millisecond, 550 * time.Millisecond, 0},
		// and [1000 - 1020, 2000 - 990]: [-20, 600]
		{"two at other fractions", []answer{{400, 500, 0}, {990, 1020, 1000}}, 290 * time.Millisecond, 310 * time.Millisecond, 0},
		// and [2000 - 2990, 3000 - 2970]: [-20, 30]
		{"three", []answer{{400, 500, 0}, {990, 1020, 1000}, {2970, 2990, 2000}}, 5 * time.Millisecond, 25 * time.Millisecond, 0},
		// the clock was set 10 s ahead in between: [10000 - 500, 11000 - 400]
		{"a jump", []answer{{400, 500, 0}, {400, 500, 10_000}}, 10_050 * time.Millisecond, 550 * time.Millisecond, 1},
	} {
		c := NewClock()
		for _, a := range tt.answers {
			c.add(ms(a.sent), ms(a.answered), ms(a.date))
		}
		want := record.Clock{Offset: tt.offset, Bound: tt.bound, Answers: int64(len(tt.answers)), Jumps: tt.jumps}
		if got := c.Measured(); *got != want {
			t.Errorf("%s: %+v, want %+v", tt.name, *got, want)
		}
	}
	if got := NewClock().Measured(); got != nil {
		t.Errorf("measured %+v by nothing", got)
	}
}

// What is asked of a service whose clock is behind begins earlier by its clock:
// 5 s, and as much as is not known of them.
func TestEarliest(t *testing.T) {
	at := time.UnixMilli(1_800_000_000_000)
	behind, before := NewClock(), NewClock()
	behind.add(at, at.Add(100*time.Millisecond), at.Add(-5*time.Second)) // [-5100, -4000] ms
	before.add(at, at.Add(100*time.Millisecond), at.Add(5*time.Second))
	for name, c := range map[string]*Clock{"none": nil, "not measured": NewClock(), "ahead": before} {
		if got := c.Earliest(at); !got.Equal(at) {
			t.Errorf("%s: %v", name, got.Sub(at))
		}
	}
	if got := behind.Earliest(at).Sub(at); got != -5100*time.Millisecond {
		t.Errorf("behind: %v", got)
	}
}

// ahead answers with the Date of a clock that is ahead.
type ahead time.Duration

func (a ahead) Do(*http.Request) (*http.Response, error) {
	time.Sleep(30 * time.Millisecond) // the way there
	date := time.Now().Add(time.Duration(a)).UTC().Format(http.TimeFormat)
	time.Sleep(40 * time.Millisecond) // and back
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Date": {date}}, Body: io.NopCloser(strings.NewReader("{}"))}, nil
}

// Ten calls, each 180 ms after the one before (110 ms and 70 ms for itself),
// find the second at fractions 20 ms apart at the most: 0, 180, … 900, 80, 260, …
func TestClockIsSharpened(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const offset = -1400 * time.Millisecond
		c := NewClock()
		a := pipeline.Address{Stream: "s", Config: aws.Config{
			Region: "us-east-1", HTTPClient: c.Watch(ahead(offset)), Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""),
		}}
		c.Sharpen(t.Context(), a)
		got := c.Measured()
		if diff := got.Offset - offset; diff.Abs() > got.Bound || got.Bound > 130*time.Millisecond || got.Answers != 10 {
			t.Errorf("measured %v ± %v by %d answers, true %v", got.Offset, got.Bound, got.Answers, offset)
		}
	})
}

// Forty answers at forty fractions of a second tell the offset to within the
// time that one takes.
func TestClockOfAService(t *testing.T) {
	for _, offset := range []time.Duration{0, 3700 * time.Millisecond, -90 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			c := NewClock()
			client := c.Watch(ahead(offset))
			for range 40 {
				if _, err := client.Do(nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(255 * time.Millisecond) // 325 ms on: another fraction each time
			}
			got := c.Measured()
			if diff := got.Offset - offset; diff.Abs() > got.Bound || got.Bound > 70*time.Millisecond || got.Jumps != 0 {
				t.Errorf("measured %v ± %v, true %v", got.Offset, got.Bound, offset)
			}
		})
	}
}

// 1 000 records with calls of at most 40 ms, each 500 ms from sent and 480 ms
// from arrival to its end: they arrived 20 ms after they were sent by the two
// clocks, so the offset is from 20 - 40 to 20 ms, give or take 0.5 % of 980 ms:
// from -24.9 to 24.9 ms.
func TestClockByArrivals(t *testing.T) {
	hist := func(d time.Duration) *stats.Histogram {
		h := new(stats.Histogram)
		h.RecordN(d, 1000)
		return h
	}
	steps := []record.StepResult{{FromSent: hist(500 * time.Millisecond), FromArrive: hist(480 * time.Millisecond), Put: hist(40 * time.Millisecond)}}
	c := NewClock()
	c.AddArrivals(steps)
	got := c.Measured()
	if got.Offset.Abs() > time.Millisecond || got.Bound < 24*time.Millisecond || got.Bound > 26*time.Millisecond {
		t.Errorf("%+v, want 0 ms ± 25 ms", got)
	}
	steps[0].FromArrive = hist(0) // it ended before it arrived, by the clocks
	c = NewClock()
	if c.AddArrivals(steps); c.Measured() != nil {
		t.Errorf("measured %+v by arrivals after the end", c.Measured())
	}
}
