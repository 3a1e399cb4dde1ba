package cloudwatch

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/internal/emulator/wire"
)

func newTestLogs(bytes int64) *Logs {
	return NewLogs(LogsOptions{Store: NewStore(Options{Now: clockAt(noon)}), Now: clockAt(noon), GroupBytes: bytes})
}

func after(ms int) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }

func atMS(ms int) int64 { return after(ms).UnixMilli() }

// filter reads every page and returns the messages.
func filter(t *testing.T, l *Logs, in filterLogEventsInput) []string {
	t.Helper()
	in.GroupName = "g"
	got := []string{}
	for {
		out, err := l.filterLogEvents(&in)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			got = append(got, e.Message)
		}
		if in.NextToken = out.NextToken; in.NextToken == "" {
			return got
		}
	}
}

func TestFilterLogEventsByTime(t *testing.T) {
	l := newTestLogs(0)
	for _, ms := range []int{0, 5, 1000, 2000, 5, 1500} {
		l.Append("g", "s", after(ms), fmt.Sprint(ms))
	}
	for _, c := range []struct {
		name string
		in   filterLogEventsInput
		want []string
	}{
		{"all, in order of time", filterLogEventsInput{}, []string{"0", "5", "5", "1000", "1500", "2000"}},
		{"the start is included", filterLogEventsInput{StartTime: atMS(1000)}, []string{"1000", "1500", "2000"}},
		{"the end is included", filterLogEventsInput{EndTime: new(atMS(1000))}, []string{"0", "5", "5", "1000"}},
		{"one millisecond", filterLogEventsInput{StartTime: atMS(5), EndTime: new(atMS(5))}, []string{"5", "5"}},
		{"between two", filterLogEventsInput{StartTime: atMS(1001), EndTime: new(atMS(1499))}, []string{}},
		{"to the end of time", filterLogEventsInput{StartTime: atMS(2000), EndTime: new(int64(math.MaxInt64))}, []string{"2000"}},
	} {
		if diff := cmp.Diff(c.want, filter(t, l, c.in)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestFilterLogEventsByStream(t *testing.T) {
	l := newTestLogs(0)
	for i, stream := range []string{"a1", "b", "a2", "a1"} {
		l.Append("g", stream, after(i), fmt.Sprint(stream, " ", i))
	}
	if diff := cmp.Diff([]string{"a1 0", "b 1", "a1 3"}, filter(t, l, filterLogEventsInput{StreamNames: []string{"a1", "b"}})); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a1 0", "a2 2", "a1 3"}, filter(t, l, filterLogEventsInput{StreamPrefix: "a"})); diff != "" {
		t.Error(diff)
	}
}

// However events come in, reading a range gives each of them once, in order, and
// reading it again adds only what came in meanwhile, under unchanged ids.
func TestFilterLogEventsMissesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newTestLogs(0)
		times := rapid.SliceOfN(rapid.IntRange(0, 5000), 1, 60)
		ids := map[string]string{} // message by event id
		written := 0
		for range 3 {
			for _, ms := range times.Draw(t, "times") {
				l.Append("g", "s", after(ms), fmt.Sprint(written))
				written++
			}
			limit := rapid.IntRange(1, 20).Draw(t, "limit")
			in := filterLogEventsInput{GroupName: "g", Limit: &limit}
			seen, last := 0, ""
			for {
				out, err := l.filterLogEvents(&in)
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range out.Events {
					if e.EventID <= last {
						t.Fatalf("event %s after %s", e.EventID, last)
					}
					if had, ok := ids[e.EventID]; ok && had != e.Message {
						t.Fatalf("id %s was of %q and is of %q", e.EventID, had, e.Message)
					}
					ids[e.EventID], last = e.Message, e.EventID
					seen++
				}
				if in.NextToken = out.NextToken; in.NextToken == "" {
					break
				}
			}
			if seen != written || len(ids) != written {
				t.Fatalf("read %d events, %d ids; wrote %d", seen, len(ids), written)
			}
		}
	})
}

func TestAPageHoldsOneMegabyte(t *testing.T) {
	l := newTestLogs(0)
	// 1 MiB / (262118 + 26) = 4 exactly
	for i := range 9 {
		l.Append("g", "s", after(i), strings.Repeat("x", 262118))
	}
	in := filterLogEventsInput{GroupName: "g"}
	var sizes []int
	for {
		out, err := l.filterLogEvents(&in)
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(out.Events))
		if in.NextToken = out.NextToken; in.NextToken == "" {
			break
		}
	}
	if diff := cmp.Diff([]int{4, 4, 1}, sizes); diff != "" {
		t.Error(diff)
	}
}

func TestAGroupDropsItsOldest(t *testing.T) {
	l := newTestLogs(3 * (26 + 4)) // room for three events of four bytes
	for i, ms := range []int{2000, 1000, 3000, 4000, 500} {
		l.Append("g", "s", after(ms), fmt.Sprintf("%04d", i))
	}
	// 1000 goes for 4000; 500 comes in as the oldest and goes at once.
	if diff := cmp.Diff([]string{"0000", "0002", "0003"}, filter(t, l, filterLogEventsInput{})); diff != "" {
		t.Error(diff)
	}
	if n, newest := l.Trimmed("g"); n != 2 || !newest.Equal(after(1000)) {
		t.Errorf("trimmed %d up to %v, want 2 up to %v", n, newest, after(1000))
	}
	if n, newest := l.Trimmed("none"); n != 0 || !newest.IsZero() {
		t.Errorf("trimmed %d of no group, up to %v", n, newest)
	}
}

func TestFilterPatterns(t *testing.T) {
	const message = `[ERROR 400] "BAD" REQUEST weir_ledger_v1 {"a":1}`
	for _, c := range []struct {
		pattern string
		want    bool
	}{
		{"", true},
		{"ERROR", true},
		{"error", false},
		{"ERROR REQUEST", true},
		{"ERROR WARN", false},
		{`"weir_ledger_v1"`, true},
		{`"ERROR 400"`, true},
		{`"ERROR  400"`, false},
		{`"\"BAD\""`, true},
		{"ERROR -REQUEST", false},
		{`ERROR -"200"`, true},
		{"-WARN", true},
		{"?WARN ?ERROR", true},
		{"?WARN ?INFO", false},
	} {
		p, err := parseFilterPattern(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
		} else if got := p.matches(message); got != c.want {
			t.Errorf("%s: %v, want %v", c.pattern, got, c.want)
		}
	}
	for _, bad := range []string{`{ $.a = 1 }`, "[a, b]", "%a+%", "a:b", `"open`, "-", "? x"} {
		_, err := parseFilterPattern(bad)
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != "InvalidParameterException" {
			t.Errorf("%s: error %v", bad, err)
		}
	}
}

func FuzzFilterPattern(f *testing.F) {
	for _, seed := range []string{`a "b c" -d ?e`, `"\`, "{", "-"} {
		f.Add(seed, "a b c e")
	}
	f.Fuzz(func(t *testing.T, pattern, message string) {
		p, err := parseFilterPattern(pattern)
		if err != nil || !p.matches(message) {
			return
		}
		for _, term := range p.all {
			if !strings.Contains(message, term) {
				t.Errorf("%q matches %q without %q", pattern, message, term)
			}
		}
		for _, term := range p.none {
			if strings.Contains(message, term) {
				t.Errorf("%q matches %q with %q", pattern, message, term)
			}
		}
	})
}

func TestGetLogEventsLeadsBothWays(t *testing.T) {
	l := newTestLogs(0)
	for i := range 5 {
		l.Append("g", "s", after(i), fmt.Sprint(i))
		l.Append("g", "other", after(i), "x")
	}
	limit := 2
	get := func(in getLogEventsInput) (string, *getLogEventsOutput) {
		in.GroupName, in.StreamName, in.Limit = "g", "s", &limit
		out, err := l.getLogEvents(&in)
		if err != nil {
			t.Fatal(err)
		}
		var messages []string
		for _, e := range out.Events {
			messages = append(messages, e.Message)
		}
		return strings.Join(messages, " "), out
	}
	expect := func(got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("events %q, want %q", got, want)
		}
	}
	got, newest := get(getLogEventsInput{})
	expect(got, "3 4")
	got, older := get(getLogEventsInput{NextToken: newest.NextBackwardToken})
	expect(got, "1 2")
	got, oldest := get(getLogEventsInput{NextToken: older.NextBackwardToken})
	expect(got, "0")
	got, none := get(getLogEventsInput{NextToken: oldest.NextBackwardToken})
	expect(got, "")
	if none.NextBackwardToken != oldest.NextBackwardToken {
		t.Error("nothing is older, but the backward token changed")
	}
	got, _ = get(getLogEventsInput{NextToken: none.NextForwardToken})
	expect(got, "0 1")

	got, _ = get(getLogEventsInput{StartFromHead: true})
	expect(got, "0 1")
	got, end := get(getLogEventsInput{NextToken: newest.NextForwardToken})
	expect(got, "")
	if end.NextForwardToken != newest.NextForwardToken {
		t.Error("nothing is newer, but the forward token changed")
	}
	l.Append("g", "s", after(9), "9")
	got, _ = get(getLogEventsInput{NextToken: end.NextForwardToken})
	expect(got, "9")
	got, _ = get(getLogEventsInput{EndTime: new(atMS(4))}) // exclusive
	expect(got, "2 3")
}

func TestPutLogEventsChecks(t *testing.T) {
	l := newTestLogs(0)
	for _, err := range []error{
		errorOf(l.createLogGroup(&createLogGroupInput{"g"})),
		errorOf(l.createLogStream(&createLogStreamInput{"g", "s"})),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	const day = 24 * time.Hour
	for _, c := range []struct {
		name, group, stream string
		events              []any // times and messages in turn
		code                string
		rejected            *rejectedEvents
	}{
		{"in order", "g", "s", []any{-day / 2, "a", 0 * day, "b"}, "", nil},
		{"out of order", "g", "s", []any{0 * day, "a", -day, "b"}, "InvalidParameterException", nil},
		{"over a day", "g", "s", []any{-day - time.Millisecond, "a", 0 * day, "b"}, "InvalidParameterException", nil},
		{"none", "g", "s", nil, "InvalidParameterException", nil},
		{"an empty message", "g", "s", []any{0 * day, ""}, "InvalidParameterException", nil},
		{"a megabyte and more", "g", "s", []any{0 * day, strings.Repeat("x", 1<<20-25)}, "InvalidParameterException", nil},
		{"a megabyte", "g", "s", []any{0 * day, strings.Repeat("x", 1<<20-26)}, "", nil},
		{"too old and too new", "g", "s", []any{-15 * day, "a", 0 * day, "b", 3 * time.Hour, "c"}, "", &rejectedEvents{TooOldEnd: new(1), TooNewStart: new(2)}},
		{"no such group", "no", "s", []any{0 * day, "a"}, "ResourceNotFoundException", nil},
		{"no such stream", "g", "no", []any{0 * day, "a"}, "ResourceNotFoundException", nil},
	} {
		in := &putLogEventsInput{LogGroupName: c.group, LogStreamName: c.stream}
		for pair := range slices.Chunk(c.events, 2) {
			in.LogEvents = append(in.LogEvents, struct {
				Timestamp int64  `json:"timestamp"`
				Message   string `json:"message"`
			}{noon.Add(pair[0].(time.Duration)).UnixMilli(), pair[1].(string)})
		}
		out, err := l.putLogEvents(in)
		e, _ := errors.AsType[*wire.Error](err)
		switch {
		case c.code == "" && err != nil, c.code != "" && (e == nil || e.Code != c.code):
			t.Errorf("%s: error %v, want %q", c.name, err, c.code)
		case err == nil:
			if diff := cmp.Diff(c.rejected, out.Rejected); diff != "" {
				t.Errorf("%s: %s", c.name, diff)
			}
		}
	}
}

func TestDescribePages(t *testing.T) {
	l := newTestLogs(0)
	for i := range 60 {
		l.Append(fmt.Sprintf("group-%02d", i), "s", noon, "m")
		l.Append("g", fmt.Sprintf("stream-%02d", i), after(60-i), "m")
	}
	groups := &describeLogGroupsInput{Prefix: "group-"}
	first, err := l.describeLogGroups(groups)
	if err != nil {
		t.Fatal(err)
	}
	groups.NextToken = first.NextToken
	rest, err := l.describeLogGroups(groups)
	if err != nil {
		t.Fatal(err)
	}
	if len(first.LogGroups) != 50 || len(rest.LogGroups) != 10 || rest.LogGroups[9].Name != "group-59" || rest.NextToken != "" {
		t.Errorf("%d groups, then %d, then token %q", len(first.LogGroups), len(rest.LogGroups), rest.NextToken)
	}

	for _, c := range []struct {
		name        string
		in          describeLogStreamsInput
		first, last string // stream of the page
		more        bool
	}{
		{"by name", describeLogStreamsInput{}, "stream-00", "stream-49", true},
		{"by name from the end", describeLogStreamsInput{Descending: true}, "stream-59", "stream-10", true},
		{"by last event", describeLogStreamsInput{OrderBy: "LastEventTime"}, "stream-59", "stream-10", true},
		{"the second page", describeLogStreamsInput{NextToken: sealToken("50")}, "stream-50", "stream-59", false},
		{"a prefix", describeLogStreamsInput{Prefix: "stream-3"}, "stream-30", "stream-39", false},
		{"three", describeLogStreamsInput{Limit: new(3)}, "stream-00", "stream-02", true},
	} {
		c.in.GroupIdentifier = "arn:aws:logs:us-east-1:000000000000:log-group:g:*"
		out, err := l.describeLogStreams(&c.in)
		if err != nil {
			t.Fatal(err)
		}
		got := out.LogStreams
		if got[0].Name != c.first || got[len(got)-1].Name != c.last || (out.NextToken != "") != c.more {
			t.Errorf("%s: %s to %s, token %q", c.name, got[0].Name, got[len(got)-1].Name, out.NextToken)
		}
	}
}

// Requests that Logs answers with InvalidParameterException.
func TestLogsRefuse(t *testing.T) {
	l := newTestLogs(0)
	l.Append("g", "s", noon, "m")
	for name, err := range map[string]error{
		"a group's name":          errorOf(l.createLogGroup(&createLogGroupInput{"a b"})),
		"a stream's name":         errorOf(l.createLogStream(&createLogStreamInput{"g", "a:b"})),
		"51 groups":               errorOf(l.describeLogGroups(&describeLogGroupsInput{Limit: new(51)})),
		"prefix and pattern":      errorOf(l.describeLogGroups(&describeLogGroupsInput{Prefix: "a", Pattern: "b"})),
		"an order":                errorOf(l.describeLogStreams(&describeLogStreamsInput{GroupName: "g", OrderBy: "Size"})),
		"an order with a prefix":  errorOf(l.describeLogStreams(&describeLogStreamsInput{GroupName: "g", Prefix: "s", OrderBy: "LastEventTime"})),
		"a foreign streams token": errorOf(l.describeLogStreams(&describeLogStreamsInput{GroupName: "g", NextToken: "!"})),
		"no group":                errorOf(l.filterLogEvents(&filterLogEventsInput{})),
		"a group named twice":     errorOf(l.filterLogEvents(&filterLogEventsInput{GroupName: "g", GroupIdentifier: "g"})),
		"streams named twice":     errorOf(l.filterLogEvents(&filterLogEventsInput{GroupName: "g", StreamNames: []string{"s"}, StreamPrefix: "s"})),
		"a page of 10 001":        errorOf(l.filterLogEvents(&filterLogEventsInput{GroupName: "g", Limit: new(10001)})),
		"an end before the start": errorOf(l.filterLogEvents(&filterLogEventsInput{GroupName: "g", StartTime: 2, EndTime: new(int64(1))})),
		"a foreign filter token":  errorOf(l.filterLogEvents(&filterLogEventsInput{GroupName: "g", NextToken: sealToken("x")})),
		"a JSON pattern":          errorOf(l.filterLogEvents(&filterLogEventsInput{GroupName: "g", FilterPattern: "{ $.a = 1 }"})),
		"a token of no direction": errorOf(l.getLogEvents(&getLogEventsInput{GroupName: "g", StreamName: "s", NextToken: "x"})),
	} {
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Code != "InvalidParameterException" {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func errorOf[T any](_ T, err error) error { return err }

func TestAppendIsSafeForConcurrentUse(t *testing.T) {
	l := newTestLogs(0)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for i := range 500 {
				l.Append("g", fmt.Sprint(worker), after(i*7%1000), "m")
				if i%50 == 0 {
					filter(t, l, filterLogEventsInput{FilterPattern: "m"})
				}
			}
		})
	}
	wg.Wait()
	if got := len(filter(t, l, filterLogEventsInput{})); got != 2000 {
		t.Errorf("%d events, want 4 * 500", got)
	}
}

// A second's poll at the end of a full group, 3 000 events a second of 300
// bytes, costs what that second holds, not what the group holds.
func BenchmarkPollTheLastSecond(b *testing.B) {
	l := newTestLogs(0)
	message := strings.Repeat("x", 280) + " weir_ledger_v1"
	for i := range 180000 {
		l.Append("g", "s", noon.Add(time.Duration(i)*time.Second/3000), message)
	}
	in := &filterLogEventsInput{GroupName: "g", StartTime: noon.Add(59 * time.Second).UnixMilli(), FilterPattern: `"weir_ledger_v1"`}
	for b.Loop() {
		if out, err := l.filterLogEvents(in); err != nil || len(out.Events) != 3000 {
			b.Fatal(err, len(out.Events))
		}
	}
}
