package observe

import (
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
// point is lost or doubled at the cuts: of 28 metrics at one second, an answer
// of 100 800 points holds an hour.
func TestVendedRangeIsCut(t *testing.T) {
	store := cloudwatch.NewStore(cloudwatch.Options{})
	a, calls := serveStore(t, store)
	incoming := store.Series("AWS/Kinesis", "IncomingRecords", "Count", "StreamName", "s")
	from := time.Now().Truncate(time.Second).Add(-150 * time.Minute).UTC()
	to := from.Add(145 * time.Minute)
	incoming(from.Add(-time.Second), 1000, 1) // outside
	var want []record.Point
	for i, at := range []time.Duration{
		0, time.Second, time.Hour - time.Second, time.Hour, 2*time.Hour - time.Second, 2 * time.Hour, 145*time.Minute - time.Second,
	} {
		incoming(from.Add(at), float64(i+1), 1)
		want = append(want, record.Point{T: from.Add(at).Unix(), V: map[string]float64{metrics.IncomingRecords: float64(i + 1)}})
	}
	incoming(to, 1000, 1) // outside: the range is half-open

	v := NewVended(a)
	if n := len(v.queries); n != 28 {
		t.Fatalf("%d queries: the arithmetic of this test is for 28", n)
	}
	got, err := v.Read(t.Context(), from, to.Add(300*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if calls.n != 3 {
		t.Errorf("%d calls, want 3 of an hour each", calls.n)
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
