package observe

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"weir/internal/emulator/cloudwatch"
	"weir/internal/metrics"
	"weir/internal/pipeline"
	"weir/internal/record"
)

// counted hands requests on and counts them.
type counted struct {
	http.Handler
	n int
}

func (c *counted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.n++
	c.Handler.ServeHTTP(w, r)
}

// serveStore is the address of a CloudWatch with that store.
func serveStore(t *testing.T, store *cloudwatch.Store) (pipeline.Address, *counted) {
	t.Helper()
	calls := &counted{Handler: cloudwatch.New(cloudwatch.Config{
		Store: store, Logs: cloudwatch.NewLogs(cloudwatch.LogsOptions{Store: store}),
	})}
	return serve(t, calls), calls
}

// A range that one answer could not hold is cut into several calls, and no
// point is lost or doubled at the cuts: of 39 metrics at one second, an answer
// of 100 800 points holds 2 584 s.
func TestVendedRangeIsCut(t *testing.T) {
	store := cloudwatch.NewStore(cloudwatch.Options{})
	a, calls := serveStore(t, store)
	incoming := store.Series("AWS/Kinesis", "IncomingRecords", "Count", "StreamName", "s")
	from := time.Now().Truncate(time.Second).Add(-150 * time.Minute).UTC()
	to := from.Add(145 * time.Minute)
	incoming(from.Add(-time.Second), 1000, 1) // outside
	var want []record.Point
	const cut = 2584 * time.Second
	for i, at := range []time.Duration{
		0, time.Second, cut - time.Second, cut, 2*cut - time.Second, 2 * cut, 3*cut - time.Second, 3 * cut, 145*time.Minute - time.Second,
	} {
		incoming(from.Add(at), float64(i+1), 1)
		want = append(want, record.Point{T: from.Add(at).Unix(), V: map[string]float64{metrics.IncomingRecords: float64(i + 1)}})
	}
	incoming(to, 1000, 1) // outside: the range is half-open

	v := NewVended(a)
	if n := len(v.queries); n != 39 {
		t.Fatalf("%d queries: the arithmetic of this test is for 39", n)
	}
	got, err := v.Read(t.Context(), from, to.Add(300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if calls.n != 4 { // 8 700 s
		t.Errorf("%d calls, want 4 of 2 584 s each", calls.n)
	}
	if n, asked := v.Took(); n != 4 || asked != 4*39 {
		t.Errorf("took %d calls for %d metrics, want 4 for 156", n, asked)
	}
}

// A call takes 500 queries: 200 shards with three metrics each are 600 beside
// the pipeline's 39.
func TestVendedQueriesAreCut(t *testing.T) {
	store := cloudwatch.NewStore(cloudwatch.Options{})
	a, calls := serveStore(t, store)
	v := NewVended(a)
	var shards []string
	for i := range 200 {
		shards = append(shards, fmt.Sprintf("shardId-%012d", i))
	}
	enabled := []string{"IncomingRecords", "IteratorAgeMilliseconds", "OutgoingBytes", "WriteProvisionedThroughputExceeded"}
	v.queries = append(v.queries, metrics.ShardQueries(shards, enabled)...)
	at := time.Now().Truncate(time.Second).Add(-time.Minute)
	store.Series("AWS/Kinesis", "IncomingRecords", "Count", "StreamName", "s", "ShardId", shards[199])(at, 7, 1)
	got, err := v.Read(t.Context(), at, at.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	want := []record.Point{{T: at.Unix(), V: map[string]float64{metrics.ShardIncoming + shards[199]: 7}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n, asked := v.Took(); calls.n != 2 || n != 2 || asked != 639 {
		t.Errorf("%d calls (%d counted) for %d metrics, want 2 for 639", calls.n, n, asked)
	}
}

// Points are read as they are at the moment: several metrics of one second are
// one point, the statistic is the metric's own, and a later reading gives what
// has changed since.
func TestVendedPointsAreReadAgain(t *testing.T) {
	store := cloudwatch.NewStore(cloudwatch.Options{})
	a, _ := serveStore(t, store)
	incoming := store.Series("AWS/Kinesis", "IncomingRecords", "Count", "StreamName", "s")
	age := store.Series("AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", "Milliseconds", "StreamName", "s")
	other := store.Series("AWS/Kinesis", "IncomingRecords", "Count", "StreamName", "another")
	at := time.Now().Truncate(time.Second).Add(-time.Minute)
	read := func() []record.Point {
		t.Helper()
		points, err := NewVended(a).Read(t.Context(), at.Add(-10*time.Second), at.Add(10*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return points
	}
	incoming(at.Add(100*time.Millisecond), 30, 1)
	incoming(at.Add(900*time.Millisecond), 12, 1)
	age(at, 250, 1)
	age(at, 750, 1)
	other(at, 5000, 1)
	want := []record.Point{{T: at.Unix(), V: map[string]float64{metrics.IncomingRecords: 42, metrics.IteratorAge: 750}}}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Error(diff)
	}
	incoming(at.Add(500*time.Millisecond), 8, 1)
	age(at.Add(time.Second), 10, 1)
	want = []record.Point{
		{T: at.Unix(), V: map[string]float64{metrics.IncomingRecords: 50, metrics.IteratorAge: 750}},
		{T: at.Unix() + 1, V: map[string]float64{metrics.IteratorAge: 10}},
	}
	if diff := cmp.Diff(want, read()); diff != "" {
		t.Error(diff)
	}
}

// What the pipeline does not have is not asked for.
func TestVendedOfAStreamAlone(t *testing.T) {
	a := serve(t, http.NotFoundHandler())
	a.Function, a.Mapping = "", ""
	for _, q := range NewVended(a).queries {
		if q.Dimension != metrics.ByStream {
			t.Errorf("%s is asked for by %s", q.Series, q.Dimension)
		}
	}
}

func TestVendedSaysWhyItCannotRead(t *testing.T) {
	a := serve(t, http.NotFoundHandler())
	now := time.Now()
	if points, err := NewVended(a).Read(t.Context(), now.Add(-time.Minute), now); err == nil || points != nil {
		t.Errorf("points %v, error %v", points, err)
	}
}
