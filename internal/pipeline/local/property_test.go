package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"weir/internal/emulator/fault"
	"weir/internal/emulator/kinesis"
	"weir/internal/emulator/lambda"
	"weir/internal/emulator/wire"
)

// TestPipelineKeepsItsPromises plays random stories of puts, refused puts,
// reshards, failing functions, throttled invocations and repeated deliveries on
// the embedded stream and mapping, in virtual time. They have to end
// with every acknowledged record processed, each key's in the order of their
// puts, and none again that AWS wouldn't deliver again.
func TestPipelineKeepsItsPromises(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := drawStory(r)
		var wrong []string
		synctest.Test(t, func(t *testing.T) { wrong = s.play(t) })
		if len(wrong) > 0 {
			r.Fatalf("%d broken promises of %+v:\n%s", len(wrong), s, strings.Join(wrong, "\n"))
		}
	})
}

// story is what happens, drawn before it does.
type story struct {
	shards   int
	mapping  lambda.MappingConfig
	reserved int      // concurrency of the function; 0: none
	answers  []string // of the function's first invocations; the others succeed
	acts     []act
}

// act is one step of a story. n is seconds, a count or a number of shards.
type act struct {
	kind string
	n    int
	keys []int // of the records that are put
}

// What a story's function answers.
const (
	succeeds = "succeeds"
	fails    = "fails"
	hangs    = "hangs" // until its timeout
	namesOne = "names one record"
)

func drawStory(r *rapid.T) story {
	s := story{
		shards: rapid.IntRange(1, 3).Draw(r, "shards"),
		mapping: lambda.MappingConfig{
			BatchSize:          rapid.IntRange(1, 8).Draw(r, "batch size"),
			Window:             time.Duration(rapid.IntRange(0, 2).Draw(r, "window")) * time.Second,
			Parallelization:    rapid.IntRange(1, 3).Draw(r, "lanes"),
			Bisect:             rapid.Bool().Draw(r, "bisect"),
			ReportItemFailures: rapid.Bool().Draw(r, "item failures"),
		},
		reserved: rapid.IntRange(0, 1).Draw(r, "reserved"),
		answers:  rapid.SliceOfN(rapid.SampledFrom([]string{succeeds, fails, hangs, namesOne}), 0, 12).Draw(r, "answers"),
	}
	kinds := []string{"put", "put", "put", "put", "wait", "repeat", "refuse", "reshard"}
	s.acts = rapid.SliceOfN(rapid.Custom(func(r *rapid.T) act {
		a := act{kind: rapid.SampledFrom(kinds).Draw(r, "kind"), n: rapid.IntRange(1, 4).Draw(r, "n")}
		if a.kind == "put" {
			a.keys = rapid.SliceOfN(rapid.IntRange(0, 5), 1, 30).Draw(r, "keys")
		}
		return a
	}), 1, 20).Draw(r, "acts")
	return s
}

// world is a story being played.
type world struct {
	t       *testing.T
	story   story
	stream  *kinesis.Server
	lambda  *lambda.Server
	put     [6]int // records acknowledged, by key
	repeats int    // deliveries ordered to be made twice

	mu        sync.Mutex
	calls     int
	processed map[string]int // the last record of a key
	total     int
	again     int // deliveries with records that were processed before
	wrong     []string
}

func (s story) play(t *testing.T) []string {
	w := &world{t: t, story: s, processed: map[string]int{}, stream: kinesis.New(kinesis.Config{})}
	w.lambda = lambda.New(lambda.Config{Source: newSource(w.stream, fault.NewSchedule(1)), PollInterval: time.Second})
	defer w.lambda.Close()
	w.must(w.stream.CreateStream("s", s.shards, kinesis.StreamOptions{}))
	f := lambda.FunctionConfig{Name: "f", InProcess: w.handle}
	if s.reserved > 0 {
		f.ReservedConcurrency = &s.reserved
	}
	w.must(w.lambda.CreateFunction(f))
	s.mapping.StreamARN, s.mapping.Function = w.stream.StreamARN("s"), "f"
	s.mapping.Start.Type = lambda.TrimHorizon
	_, err := w.lambda.CreateMapping(s.mapping)
	w.must(err)
	for _, a := range s.acts {
		w.carryOut(a)
	}
	w.end()
	return w.wrong
}

func (w *world) carryOut(a act) {
	switch a.kind {
	case "put":
		w.putRecords(a.keys)
	case "wait":
		time.Sleep(time.Duration(a.n) * time.Second)
	case "repeat":
		w.repeats++
		w.lambda.DeliverTwice(1)
	case "refuse":
		w.stream.Fail("PutRecords", a.n, &wire.Error{Code: "InternalFailure", Status: http.StatusInternalServerError})
	case "reshard":
		w.call("UpdateShardCount", fmt.Sprintf(`{"StreamName":"s","TargetShardCount":%d,"ScalingType":"UNIFORM_SCALING"}`, a.n))
	}
}

// putRecords puts each key's next records, again until they are acknowledged. A
// record's data is its number within its key, from 1.
func (w *world) putRecords(keys []int) {
	type entry struct {
		Data         []byte
		PartitionKey string
	}
	var entries []entry
	for _, k := range keys {
		w.put[k]++
		entries = append(entries, entry{[]byte(strconv.Itoa(w.put[k])), strconv.Itoa(k)})
	}
	body, err := json.Marshal(map[string]any{"StreamName": "s", "Records": entries})
	w.must(err)
	for w.call("PutRecords", string(body)) != http.StatusOK {
		time.Sleep(100 * time.Millisecond)
	}
}

// call makes a call of the stream and gives its status. What is refused changes
// nothing.
func (w *world) call(operation, body string) int {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	answer := httptest.NewRecorder()
	w.stream.ServeHTTP(answer, r)
	return answer.Code
}

// handle is the function. It answers as the story has it and holds every batch
// against what was processed before.
func (w *world) handle(ctx context.Context, inv lambda.Invocation) ([]byte, []string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	answer := succeeds
	if w.calls < len(w.story.answers) {
		answer = w.story.answers[w.calls]
	}
	w.calls++
	switch answer {
	case fails:
		w.check(inv, nil)
		return nil, nil, errors.New("as the story has it")
	case hangs:
		w.check(inv, nil)
		w.mu.Unlock()
		<-ctx.Done()
		w.mu.Lock()
		return nil, nil, ctx.Err()
	case namesOne:
		at := len(inv.Records) / 2
		if w.story.mapping.ReportItemFailures {
			w.check(inv, inv.Records[:at])
		} else { // then nobody reads the answer
			w.check(inv, inv.Records)
		}
		return fmt.Appendf(nil, `{"batchItemFailures":[{"itemIdentifier":%q}]}`, inv.Records[at].SequenceNumber), nil, nil
	}
	w.check(inv, inv.Records)
	return nil, nil, nil
}

// check takes a batch of which the records of done are processed. Each key's
// records have to go on where the last success of that key ended, or, delivered
// again, to lie before it.
func (w *world) check(inv lambda.Invocation, done []*lambda.Record) {
	next, again := map[string]int{}, false
	for i, r := range inv.Records {
		key := r.PartitionKey
		n, err := strconv.Atoi(string(r.Data))
		w.must(err)
		if _, met := next[key]; !met {
			next[key] = w.processed[key] + 1
			if n < next[key] {
				next[key], again = n, true
			}
		}
		if n != next[key] {
			w.wrong = append(w.wrong, fmt.Sprintf("key %s: record %d in the place of %d, in %s", key, n, next[key], inv.Shard))
		}
		next[key] = n + 1
		if i < len(done) && n > w.processed[key] {
			w.processed[key] = n
			w.total++
		}
	}
	if again {
		w.again++
	}
}

// end lets the mapping finish, and a while go by in which nothing may come.
func (w *world) end() {
	all := 0
	for _, n := range w.put {
		all += n
	}
	for range 3600 {
		if w.count() == all {
			break
		}
		time.Sleep(time.Second)
	}
	time.Sleep(time.Minute)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.total != all {
		w.wrong = append(w.wrong, fmt.Sprintf("%d of %d records processed", w.total, all))
	}
	if w.again > w.repeats {
		w.wrong = append(w.wrong, fmt.Sprintf("%d batches came again after they were processed, %d were to", w.again, w.repeats))
	}
}

func (w *world) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.total
}

func (w *world) must(err error) {
	if err != nil {
		w.t.Error(err)
	}
}
