package runbook

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/advice"
	"weir/internal/judge"
	"weir/internal/metrics"
	"weir/internal/price"
	"weir/internal/record"
)

var update = flag.Bool("update", false, "rewrite the golden file; read the difference before you keep it")

// madeRun offered 150/s of 500 bytes for 10 s to 2 shards; the function takes
// 20 ms a batch and 10 ms a record, and fails once in forty invocations.
func madeRun() *record.Data {
	start := time.Unix(1000, 0)
	d := &record.Data{Run: record.Run{
		ID: "a-run", Status: record.Complete,
		Pipeline: record.Pipeline{
			Kind: "aws", Region: "us-east-1", ResolutionS: 1, Stream: "orders", StreamMode: "PROVISIONED", Shards: 2, RetentionHours: 24,
			Function: "consumer", FunctionTimeout: 3 * time.Second, FunctionMemoryMB: 512, Concurrency: 2,
			Mapping: "11111111-2222-3333-4444-555555555555", BatchSize: 100, Parallelization: 1, RetryAttempts: -1,
		},
		Steps: []record.Step{{Rate: 150, Judged: true, Start: start, End: start.Add(10 * time.Second)}},
	}}

	for s := range 10 {
		batch := 30 + 2*float64(s%6)
		d.Series = append(d.Series, record.Point{T: 1000 + int64(s), V: map[string]float64{
			metrics.Offered: 150, metrics.IncomingRecords: 150, metrics.IncomingBytes: 75000, metrics.IteratorAge: float64(100 * s),
			metrics.Invocations: 4, metrics.Invoked: 4 * batch, metrics.DurationAvg: 20 + 10*batch, metrics.DurationMax: 30 + 10*batch,
		}})
	}
	d.Series[3].V[metrics.Errors] = 1
	return d
}

func collected(t *testing.T, d *record.Data) Figures {
	t.Helper()
	v := judge.Judge(d, judge.Options{})
	a, err := advice.Give(d, v, advice.Ask{Headroom: advice.DefaultHeadroom, Prices: price.List()})
	if err != nil {
		t.Fatal(err)
	}
	f, err := Collect(d, v, a, price.List())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func written(t *testing.T, f Figures) string {
	t.Helper()
	var b bytes.Buffer
	if err := Markdown(&b, f, Books(f)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdown(t *testing.T) {
	const path = "testdata/runbook.md"
	got := written(t, collected(t, madeRun()))
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}

// 600 s × 150/s = 90 000 records; at 50/s to spare they take half an hour.
// Where a limit before the mapping gives out first, the mapping's own figure
// doesn't bear that limit's name.
func TestCarried(t *testing.T) {
	f := Figures{rate: 2000, drain: 14546}
	f.advice.FoundKnee.Rate, f.advice.FoundKnee.Resource = 4000, "shard write limit by records"
	want := "Is more coming in than the 4 000 records/s at which the shard write limit by records gives out? The mapping carries 16 546 records/s."
	if diff := cmp.Diff(want, f.carried()); diff != "" {
		t.Error(diff)
	}
	f.drain = 2000 // 4 000 records/s
	want = "Is more coming in than the 4 000 records/s that the mapping carries (shard write limit by records)?"
	if diff := cmp.Diff(want, f.carried()); diff != "" {
		t.Error(diff)
	}
}

func TestDrainText(t *testing.T) {
	f := Figures{rate: 150}
	want := "a backlog of 10m0s (90 000 records) is worked off in 30m0s, at 50 records/s beside the 150 records/s that come in"
	if got := f.drainText(10*time.Minute, 50); got != want {
		t.Error(got)
	}
	if got := f.drainText(10*time.Minute, -20); !strings.Contains(got, "not worked off at all") {
		t.Error(got)
	}
}

// Resharding doubles at most in one call.
func TestReshard(t *testing.T) {
	f := Figures{stream: "s", region: "r", found: advice.Config{Shards: 3}}
	var targets []string
	for line := range strings.Lines(f.reshard(14)) {
		_, after, _ := strings.Cut(line, "--target-shard-count ")
		targets = append(targets, strings.Fields(after)[0])
	}
	if got := strings.Join(targets, " "); got != "6 12 14" {
		t.Error(got)
	}
}

// Names come from outside: no command may do what they say. The shell itself
// says whether it can read the commands.
func TestHostileNames(t *testing.T) {
	d := madeRun()
	hostile := "x'; touch /tmp/hostile #`$(id)` <b>\n"
	d.Run.Pipeline.Stream, d.Run.Pipeline.Function, d.Run.Pipeline.Mapping = hostile, hostile, hostile
	f := collected(t, d)
	for _, book := range Books(f) {
		for _, s := range append(book.Checks, book.Actions...) {
			if strings.Contains(s.Command, "orders") {
				t.Errorf("a name of another run: %s", s.Command)
			}
			// Without the quoted name nothing of it is left.
			rest := strings.ReplaceAll(s.Command, `'x'\''; touch /tmp/hostile #`+"`$(id)` <b> '", "")
			rest = strings.ReplaceAll(rest, `'/aws/lambda/x'\''; touch /tmp/hostile #`+"`$(id)` <b> '", "")
			if strings.Contains(rest, "touch") {
				t.Errorf("a name gets out of its quotes: %s", s.Command)
			}
			if out, err := exec.Command("sh", "-n", "-c", s.Command).CombinedOutput(); err != nil {
				t.Errorf("%s: %v: %s", s.Command, err, out)
			}
		}
	}
	if strings.Contains(strings.SplitN(written(t, f), "##", 2)[0], "<b>") {
		t.Error("a name became markup")
	}
}

func TestNamed(t *testing.T) {
	books := Books(collected(t, madeRun()))
	for _, name := range Names(books) {
		if b, ok := Named(books, name); !ok || b.Name != name || len(b.Checks) == 0 || len(b.Actions) == 0 || len(b.Worked) == 0 {
			t.Errorf("%s: %+v", name, b)
		}
	}
	if _, ok := Named(books, "no-such"); ok {
		t.Error("a book that is none")
	}
}
