package lambda

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the traces in testdata/mapping")

// TestMappingTraces plays the files of testdata/mapping. A line that starts
// with a time is an input to the mapping at that time; the indented lines under
// it are the actions that follow and the time at which the mapping wants to be
// called next.
//
//	0s new shards=1 batch=3 …             starts a mapping (defaults: newTrace)
//	0s step                               nothing but the time
//	0s got 0 n=2 keys=a,b behind=9        answers a read of shard 0 with two records
//	0s got 0 throttled
//	0s got 0 filtered=3 n=2              the first three of five records did not pass the filter
//	0s done 1 | failed 1 | throttled 1 | partial 1 from=2
//	0s done 1 state=a full                with a tumbling window: the state, and that it is too large
//	0s delivered | undelivered            the end of the oldest delivery to the destination
//	0s got 0 n=2 end children=2:0+1       the shard's last records; shard 2 is made of it and of shard 1
//	0s drain | resume batch=3 …           stops and goes on, with other options
func TestMappingTraces(t *testing.T) {
	files, err := filepath.Glob("testdata/mapping/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("traces: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := playTrace(t, string(want))
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("trace differs (-want +got):\n%s", diff)
			}
		})
	}
}

// traceStart is 2026-11-22 00:00 UTC.
var traceStart = time.Duration(time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC).UnixNano())

func playTrace(t *testing.T, script string) string {
	t.Helper()
	var out strings.Builder
	tr := &trace{}
	for line := range strings.Lines(script) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "\t") {
			continue
		}
		fmt.Fprintln(&out, line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if err := tr.input(line); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		tr.printActions(&out)
	}
	return out.String()
}

type trace struct {
	m        *Mapping
	now      time.Duration
	next     []uint64 // per shard: position of the next record
	reported Events
	invokes  []Invoke  // by the number they are printed with, from 1
	discards []Discard // on their way to the destination
}

func (tr *trace) input(line string) error {
	words := strings.Fields(line)
	at, err := time.ParseDuration(words[0])
	if err != nil {
		return err
	}
	tr.now = traceStart + at
	args := arguments(words[2:])
	number, _ := strconv.Atoi(args.first)
	switch words[1] {
	case "new":
		tr.start(args)
	case "step":
	case "drain":
		tr.m.Drain()
	case "resume":
		tr.m.Resume(tr.now, options(args))
	case "got":
		shard := tr.m.known[args.first].index
		tr.m.AddRead(tr.now, shard, tr.read(shard, args))
	case "done":
		tr.finish(number, Outcome{Result: Succeeded, State: args.values["state"], StateFull: args.has("full")})
	case "failed":
		tr.finish(number, Outcome{Result: Failed})
	case "throttled":
		tr.finish(number, Outcome{Result: Throttled})
	case "delivered", "undelivered":
		tr.m.Delivered(tr.discards[0], words[1] == "delivered")
		tr.discards = tr.discards[1:]
	case "partial":
		tr.finish(number, Outcome{Result: PartialFailed, From: uint64(args.number("from", 0)), State: args.values["state"]})
	default:
		return fmt.Errorf("unknown input %q", words[1])
	}
	for len(tr.next) < len(tr.m.shards) {
		tr.next = append(tr.next, 0)
	}
	return nil
}

func (tr *trace) finish(number int, o Outcome) { tr.m.Finish(tr.now, tr.invokes[number-1], o) }

func (tr *trace) start(a traceArgs) {
	var shards []ShardStart
	for i := range a.number("shards", 1) {
		shards = append(shards, ShardStart{ID: fmt.Sprint(i)})
	}
	tr.next, tr.invokes = make([]uint64, len(shards)), nil
	tr.m = NewMapping(options(a), shards, tr.now)
}

func options(a traceArgs) MappingOptions {
	return MappingOptions{
		BatchSize: a.number("batch", 100), Window: a.duration("window", 0),
		Parallelization: a.number("pf", 1), RetryAttempts: a.number("retries", -1),
		RecordAge: a.duration("age", 0), Bisect: a.has("bisect"), OnFailure: a.has("destination"), Push: a.has("push"), Tumbling: a.duration("tumbling", 0),
		PollInterval: a.duration("poll", time.Second),
		ErrorBackoff: a.duration("backoff", time.Second), ThrottleBackoff: a.duration("throttle", 100*time.Millisecond),
	}
}

// read makes n records, or one a key; keys of one letter go to lane letter - 'a'.
func (tr *trace) read(shard int, a traceArgs) ReadResult {
	if a.has("throttled") {
		return ReadResult{Throttled: true}
	}
	keys := strings.Split(a.values["keys"], ",")
	if !a.has("keys") {
		keys = make([]string, a.number("n", 0))
	}
	r := ReadResult{MillisBehind: int64(a.number("behind", 0)), Filtered: a.number("filtered", 0), End: a.has("end")}
	for text := range strings.FieldsFuncSeq(a.values["children"], func(r rune) bool { return r == ',' }) {
		id, parents, _ := strings.Cut(text, ":")
		r.Children = append(r.Children, ShardStart{ID: id, Parents: strings.Split(parents, "+")})
	}
	tr.next[shard] += uint64(r.Filtered)
	for _, key := range keys {
		g := Group{
			Count: a.number("aggregate", 1), Bytes: a.number("bytes", 500) * a.number("aggregate", 1),
			First: tr.next[shard], FirstArrival: tr.now, LastArrival: tr.now,
		}
		g.Last = g.First + uint64(g.Count) - 1
		if key != "" {
			g.LaneHash = uint32(key[0] - 'a')
		}
		tr.next[shard] = g.Last + 1
		r.Groups = append(r.Groups, g)
	}
	r.Next = tr.next[shard]
	return r
}

func (tr *trace) printActions(w *strings.Builder) {
	a := tr.m.Step(tr.now)
	for _, r := range a.Reads {
		fmt.Fprintf(w, "\tread shard %s from %d\n", r.ShardID, r.From)
	}
	for _, i := range a.Invokes {
		tr.invokes = append(tr.invokes, i)
		fmt.Fprintf(w, "\tinvoke %d: shard %s lane %d records %s attempt %d%s\n", len(tr.invokes), i.ShardID, i.Lane, ranges(i.Batch), i.Attempt, windowText(i.Window))
	}
	for _, d := range a.Discards {
		if d.Deliver {
			tr.discards = append(tr.discards, d)
		}
		fmt.Fprintf(w, "\tdiscard: shard %s records %s %s after %d attempts deliver=%v\n", d.ShardID, ranges(d.Batch), d.Condition, d.Attempts, d.Deliver)
	}
	if e := tr.m.Events(); e != tr.reported {
		tr.reported = e
		filtered := ""
		if e.FilteredOut > 0 {
			filtered = fmt.Sprintf(" filtered %d", e.FilteredOut)
		}
		fmt.Fprintf(w, "\tevents: polled %d%s invoked %d failed %d dropped %d delivered %d\n", e.Polled, filtered, e.Invoked, e.FailedInvoke, e.Dropped, e.Delivered)
	}
	checkpoints := make([]string, len(tr.next))
	for i := range checkpoints {
		checkpoints[i] = fmt.Sprint(tr.m.Checkpoint(i))
	}
	next := "an input"
	if a.Next < Never {
		next = (a.Next - traceStart).String()
	}
	fmt.Fprintf(w, "\tcheckpoint %s; waits for %s\n", strings.Join(checkpoints, " "), next)
}

func windowText(w *Window) string {
	if w == nil {
		return ""
	}
	text := fmt.Sprintf(" in %v to %v with %v", w.Start-traceStart, w.End-traceStart, w.State)
	if w.Final {
		text += " final"
	}
	if w.Early {
		text += " early"
	}
	return text
}

// ranges prints the positions of a batch: "0-2 4", or "none".
func ranges(groups []Group) string {
	var parts []string
	for i := 0; i < len(groups); {
		first, last := groups[i].First, groups[i].Last
		for i++; i < len(groups) && groups[i].First == last+1; i++ {
			last = groups[i].Last
		}
		if first == last {
			parts = append(parts, fmt.Sprint(first))
		} else {
			parts = append(parts, fmt.Sprintf("%d-%d", first, last))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, " ")
}

type traceArgs struct {
	first  string
	values map[string]string
}

func arguments(words []string) traceArgs {
	a := traceArgs{values: map[string]string{}}
	for i, word := range words {
		key, value, found := strings.Cut(word, "=")
		if i == 0 && !found {
			a.first = word
		}
		a.values[key] = value
	}
	return a
}

func (a traceArgs) has(key string) bool { _, ok := a.values[key]; return ok }

func (a traceArgs) number(key string, otherwise int) int {
	if n, err := strconv.Atoi(a.values[key]); err == nil {
		return n
	}
	return otherwise
}

func (a traceArgs) duration(key string, otherwise time.Duration) time.Duration {
	if d, err := time.ParseDuration(a.values[key]); err == nil {
		return d
	}
	return otherwise
}
