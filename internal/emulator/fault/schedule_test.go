package fault

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var epoch = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(seconds float64) time.Time { return epoch.Add(time.Duration(seconds * float64(time.Second))) }

func ordered(t *testing.T, texts ...string) *Schedule {
	t.Helper()
	s := NewSchedule(1)
	for _, text := range texts {
		f, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(f, epoch); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// word is a verdict as one readable text.
func (v Verdict) word() string {
	var parts []string
	if v.Wait > 0 {
		parts = append(parts, "wait "+v.Wait.String())
	}
	if v.Error != nil {
		parts = append(parts, fmt.Sprint(v.Error.Code, " ", v.Error.Status))
	}
	if v.Reset {
		parts = append(parts, "reset")
	}
	if v.DropAnswer {
		parts = append(parts, "drop")
	}
	return strings.Join(parts, ", ")
}

// What happens to calls, second by second.
func TestCalls(t *testing.T) {
	type call struct {
		at                 float64
		service, operation string
		want               string
	}
	for name, test := range map[string]struct {
		faults []string
		calls  []call
	}{
		"a stall ends for all at once": {[]string{"stall=3s@10s"}, []call{
			{9.9, Kinesis, "PutRecords", ""},
			{10, Kinesis, "PutRecords", "wait 3s"},
			{12, Kinesis, "ListStreams", "wait 1s"},
			{12, Lambda, "Invoke", ""},
			{13, Kinesis, "PutRecords", ""},
			{11, "", "GetRecords", ""},
		}},
		"puts are the default": {[]string{"error@0s+5s"}, []call{
			{0, Kinesis, "PutRecord", "InternalFailure 500"}, {1, Kinesis, "GetRecords", ""}, {4.9, Kinesis, "PutRecords", "InternalFailure 500"}, {5, Kinesis, "PutRecords", ""},
		}},
		"throttle without an operation is of records, not calls": {[]string{"throttle@0s"}, []call{{0, Kinesis, "PutRecords", ""}}},
		"each service in its own words": {[]string{"throttle:kinesis@0s", "throttle:lambda@0s", "throttle:cloudwatch@0s", "error:logs@0s"}, []call{
			{0, Kinesis, "PutRecords", "ProvisionedThroughputExceededException 400"},
			{0, Kinesis, "ListShards", "LimitExceededException 400"},
			{0, Lambda, "", "TooManyRequestsException 429"},
			{0, CloudWatch, "", "ThrottlingException 400"},
			{0, Logs, "GetLogEvents", "InternalFailure 500"},
		}},
		"the mapping's own reads are struck by name": {[]string{"throttle:GetRecords@0s"}, []call{{0, "", "GetRecords", "ProvisionedThroughputExceededException 400"}}},
		"the third call": {[]string{"fail-nth:PutRecords=3@1s"}, []call{
			{0, Kinesis, "PutRecords", ""},
			{1, Kinesis, "PutRecords", ""},
			{1, Kinesis, "PutRecord", ""},
			{2, Kinesis, "PutRecords", ""},
			{3, Kinesis, "PutRecords", "InternalFailure 500"},
			{4, Kinesis, "PutRecords", ""},
		}},
		"waits add up, and the first end decides": {[]string{"delay=1s@0s", "delay=2s@0s", "drop-answer@0s", "reset@0s"}, []call{{0, Kinesis, "PutRecord", "wait 3s, drop"}}},
	} {
		s := ordered(t, test.faults...)
		for _, c := range test.calls {
			v := s.Call(c.service, c.operation, at(c.at))
			if got := v.word(); got != c.want {
				t.Errorf("%s: at %vs %s %s: %q, want %q", name, c.at, c.service, c.operation, got, c.want)
			}
		}
	}
}

func TestRecordsAndReads(t *testing.T) {
	s := ordered(t, "pause-shard:1@1s+2s", "pause-shard:2=reads@0s", "pause-shard:3=writes@0s")
	for _, test := range []struct {
		at           float64
		shard        int
		refuse, hold bool
	}{
		{0.9, 1, false, false},
		{1, 1, true, true},
		{3, 1, false, false},
		{0, 2, false, true},
		{0, 3, true, false},
		{2, 0, false, false},
	} {
		shard := fmt.Sprintf("shardId-%012d", test.shard)
		if refuse, hold := s.RefuseRecord(shard, at(test.at)), s.HoldRead(shard, at(test.at)); refuse != test.refuse || hold != test.hold {
			t.Errorf("at %vs shard %d: refused %v, held %v", test.at, test.shard, refuse, hold)
		}
	}
}

// The same seed strikes the same calls, whatever other faults there are.
func TestChanceIsTheSeeds(t *testing.T) {
	draw := func(texts ...string) (struck []bool) {
		s := ordered(t, texts...)
		for range 1000 {
			struck = append(struck, s.Call(Kinesis, "PutRecords", epoch).Error != nil)
		}
		return struck
	}
	alone, beside := draw("error=0.3@0s"), draw("error=0.3@0s", "delay=10ms..20ms@0s")
	if diff := cmp.Diff(alone, beside); diff != "" {
		t.Error(diff)
	}
	n := 0
	for _, struck := range alone {
		if struck {
			n++
		}
	}
	// 1000 draws of 0.3: 300, and four standard deviations of 14.5
	if n < 242 || n > 358 {
		t.Errorf("%d of 1000 struck, want about 300", n)
	}
}

// The median of 10 001 draws is the distribution's own, within 3 %.
func TestDistributions(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"50ms": 50 * time.Millisecond, "10ms..90ms": 50 * time.Millisecond,
		"normal:50ms±10ms": 50 * time.Millisecond, "lognormal:50ms,200ms": 50 * time.Millisecond,
	} {
		d, err := parseDistribution(text)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		var draws []time.Duration
		for range 10001 {
			draws = append(draws, d.Sample(r))
		}
		slices.Sort(draws)
		if median := draws[5000]; math.Abs(float64(median-want)) > 0.03*float64(want) || draws[0] < 0 {
			t.Errorf("%s: median %v, least %v", text, median, draws[0])
		}
	}
}

func TestList(t *testing.T) {
	s := ordered(t, "error=0.5@1s+2s", "drop-record=2@2s", "split-shard:0@2s", "kill-function@9s")
	for range 10 {
		s.Call(Kinesis, "PutRecord", at(2))
	}
	hit := s.List(at(2))[0].Struck
	if !s.Strike(2) || s.Strike(2) {
		t.Error("a fault of a moment happens once")
	}
	s.Struck(2, 2, nil)
	s.Strike(3)
	s.Struck(3, 0, errors.New("no such shard"))
	want := []Status{
		{ID: 1, Fault: "error=0.5@1s+2s", State: Over, From: at(1), Until: at(3), Struck: hit},
		{ID: 2, Fault: "drop-record=2@2s", State: Over, From: at(2), Struck: 2},
		{ID: 3, Fault: "split-shard:0@2s", State: Over, From: at(2), Failed: "no such shard"},
		{ID: 4, Fault: "kill-function@9s", State: Waiting, From: at(9)},
	}
	if diff := cmp.Diff(want, s.List(at(3))); diff != "" || hit == 0 || hit == 10 {
		t.Errorf("%d struck: %s", hit, diff)
	}
	if !s.End(4) || s.End(4) || s.Strike(4) || len(s.List(at(3))) != 3 {
		t.Error("a fault that was taken away is still there")
	}
	for range mostOrders {
		_, _ = s.Add(Fault{Kind: DropRecord, Count: 1}, epoch)
	}
	if _, err := s.Add(Fault{Kind: DropRecord, Count: 1}, epoch); err == nil {
		t.Error("a schedule without end")
	}
}
