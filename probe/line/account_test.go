package line

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"weir/probe/token"
)

// inside compares histograms by what they hold; empty lists are as good as none.
var inside = cmp.Options{cmp.AllowUnexported(Hist{}, bucket{}), cmpopts.EquateEmpty()}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// number is the k-th sequence number of a shard, as long as AWS's.
func number(k int) string { return fmt.Sprintf("49657%051d", k) }

// delivered is one record: its stream sequence number, and the fields of its
// token that matter.
type delivered struct {
	number int
	tok    token.Token
}

func batch(records ...delivered) []Record {
	var recs []Record
	for _, r := range records {
		r.tok.Due, r.tok.Sent = noon, noon
		recs = append(recs, Record{
			Shard: "shardId-000000000003", SequenceNumber: number(r.number),
			Arrival: noon, Data: r.tok.Append(nil),
		})
	}
	return recs
}

func TestAccount(t *testing.T) {
	ms := time.Millisecond
	record := func(k int, data []byte) Record {
		return Record{Shard: "shardId-000000000003", SequenceNumber: number(k), Arrival: noon.Add(100 * ms), Data: data}
	}
	tok := func(step uint8, producer uint16, seq uint64) []byte {
		t := token.Token{Run: 9, Step: step, Producer: producer, Seq: seq, Due: noon, Sent: noon.Add(30 * ms)}
		return append(t.Append([]byte(`{"id":"`)), `"}`...) // 7 + 36 + 2 bytes
	}
	recs := []Record{
		record(1, tok(2, 1, 50)),
		record(2, tok(2, 0, 11)),
		record(3, []byte("no token")), // 8 bytes
		record(4, tok(2, 0, 10)),
		record(5, tok(1, 0, 9)),
		record(6, tok(2, 1, 50)), // sent twice
	}
	got := Account(recs, noon.Add(1000*ms), Options{})

	// To the end, 1000 ms: from due at 0, from sent at 30, from arrival at 100.
	due, sent, arrive := 1000*ms, 970*ms, 900*ms
	want := Line{
		Shard: "shardId-000000000003", End: noon.Add(1000 * ms),
		Records: 6, Bytes: 5*45 + 8, First: number(1), Last: number(6),
		Groups: []Group{
			{
				Run: 9, Step: 1, Producer: 0, Seqs: Set{{9, 10}},
				FromDue: HistOf([]time.Duration{due}), FromSent: HistOf([]time.Duration{sent}), FromArrive: HistOf([]time.Duration{arrive}),
			},
			{
				Run: 9, Step: 2, Producer: 0, Seqs: Set{{10, 12}},
				FromDue: HistOf([]time.Duration{due, due}), FromSent: HistOf([]time.Duration{sent, sent}), FromArrive: HistOf([]time.Duration{arrive, arrive}),
			},
			{
				Run: 9, Step: 2, Producer: 1, Seqs: Set{{50, 51}}, Duplicates: 1,
				FromDue: HistOf([]time.Duration{due, due}), FromSent: HistOf([]time.Duration{sent, sent}), FromArrive: HistOf([]time.Duration{arrive, arrive}),
			},
		},
		Foreign:          []uint64{StreamID("shardId-000000000003", number(3))},
		ForeignAge:       HistOf([]time.Duration{arrive}),
		InversionsBefore: 2, // producer 0: 11, 10, 9
	}
	if diff := cmp.Diff(want, got, inside); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAccountOfNothing(t *testing.T) {
	if diff := cmp.Diff(Line{End: noon}, Account(nil, noon, Options{Lanes: true}), inside); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestInversions(t *testing.T) {
	in := func(number int, lane uint32, seq uint64) delivered {
		return delivered{number, token.Token{Lane: lane, Seq: seq}}
	}
	for _, c := range []struct {
		name            string
		records         []Record
		mapping, before int
	}{
		{"in order", batch(in(1, 0, 10), in(2, 0, 11), in(3, 0, 12)), 0, 0},
		{"lanes are apart", batch(in(1, 0, 20), in(2, 1, 10), in(3, 0, 21), in(4, 1, 11)), 0, 0},
		{"the producer's disorder: 12, 10, 11", batch(in(1, 0, 12), in(2, 0, 10), in(3, 0, 11)), 0, 1},
		// Delivered 1, 3, 2, but in stream order the producer's are 10, 11, 12.
		{"the mapping's disorder", batch(in(1, 0, 10), in(3, 0, 12), in(2, 0, 11)), 1, 0},
		// Delivered 2, 1, and in stream order the producer's are 11, 10.
		{"both", batch(in(2, 0, 10), in(1, 0, 11)), 1, 1},
		{"a token twice is no disorder", batch(in(1, 0, 10), in(2, 0, 10)), 0, 0},
		{"runs are apart", batch(delivered{1, token.Token{Run: 1, Seq: 9}}, delivered{2, token.Token{Run: 2, Seq: 3}}), 0, 0},
		{"producers are apart", batch(delivered{1, token.Token{Producer: 1, Seq: 9}}, delivered{2, token.Token{Producer: 2, Seq: 3}}), 0, 0},
		{"steps are not", batch(delivered{1, token.Token{Step: 1, Seq: 9}}, delivered{2, token.Token{Step: 2, Seq: 3}}), 0, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := Account(c.records, noon, Options{})
			if l.Inversions != c.mapping || l.InversionsBefore != c.before {
				t.Errorf("Inversions, InversionsBefore = %d, %d; want %d, %d",
					l.Inversions, l.InversionsBefore, c.mapping, c.before)
			}
		})
	}
}

func TestLanes(t *testing.T) {
	recs := batch(
		delivered{5, token.Token{Producer: 1, Lane: 7, Seq: 1}},
		delivered{6, token.Token{Producer: 0, Lane: 9, Seq: 1}},
		delivered{8, token.Token{Producer: 1, Lane: 7, Seq: 2}},
		delivered{9, token.Token{Producer: 0, Lane: 3, Seq: 2}},
	)
	want := []Lane{
		{Producer: 0, Lane: 3, First: number(9), Last: number(9)},
		{Producer: 0, Lane: 9, First: number(6), Last: number(6)},
		{Producer: 1, Lane: 7, First: number(5), Last: number(8)},
	}
	if diff := cmp.Diff(want, Account(recs, noon, Options{Lanes: true}).Lanes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := Account(recs, noon, Options{}).Lanes; got != nil {
		t.Errorf("not asked for: %v", got)
	}
}

func TestCompareSequence(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"9", "10", -1},
		{"10", "9", 1},
		{"199", "200", -1},
		{"49657000000000000000000000000000000000000000000000000001", "49657000000000000000000000000000000000000000000000000001", 0},
	} {
		if got := CompareSequence(c.a, c.b); got != c.want {
			t.Errorf("CompareSequence(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

// Expectations are from another implementation of 64-bit FNV-1a, which agrees
// with the published hash of "foobar", 0x85944171f73967e8.
func TestStreamID(t *testing.T) {
	for _, c := range []struct {
		shard, number string
		want          uint64
	}{
		{"", "", 0xaf63b74c8601adad},
		{"shardId-000000000000", "49590338271490256608559692538361571095921575989136588898", 0xbcc59c03b476b3e},
	} {
		if got := StreamID(c.shard, c.number); got != c.want {
			t.Errorf("StreamID(%q, %q) = %#x, want %#x", c.shard, c.number, got, c.want)
		}
	}
}
