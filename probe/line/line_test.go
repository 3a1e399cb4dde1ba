package line

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"weir/probe/token"
)

var update = flag.Bool("update", false, "write the golden line again")

// fixture is probe/testdata/batch.json: what an invocation was given. Its line
// is batch.line.json; implementations in other languages are tested with both.
type fixture struct {
	Request  string    `json:"request"`
	Function string    `json:"function"`
	Stream   string    `json:"stream"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	Lanes    bool      `json:"lanes"`
	Records  []struct {
		Shard    string    `json:"shard"`
		Sequence string    `json:"sequence"`
		Arrival  time.Time `json:"arrival"`
		Data     string    `json:"data"`
	} `json:"records"`
}

func (f *fixture) line() Line {
	var recs []Record
	for _, r := range f.Records {
		recs = append(recs, Record{Shard: r.Shard, SequenceNumber: r.Sequence, Arrival: r.Arrival, Data: []byte(r.Data)})
	}
	l := Account(recs, f.End, Options{Lanes: f.Lanes})
	l.RequestID, l.Function, l.Stream, l.Start, l.OK = f.Request, f.Function, f.Stream, f.Start, true
	return l
}

func TestGoldenLine(t *testing.T) {
	const golden = "../testdata/batch.line.json"
	text, err := os.ReadFile("../testdata/batch.json")
	if err != nil {
		t.Fatal(err)
	}
	var f fixture
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	l := f.line()
	got := append(l.Append(nil), '\n')
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back, err := Parse(want)
	if diff := cmp.Diff(&l, back, inside); err != nil || diff != "" {
		t.Errorf("Parse: %v (-want +got):\n%s", err, diff)
	}
}

func drawLine(t *rapid.T) *Line {
	printable := rapid.StringMatching(`[ -~äß✓]{0,30}`)
	count := rapid.IntRange(0, 1000)
	l := &Line{
		RequestID: printable.Draw(t, "request"),
		Function:  printable.Draw(t, "function"),
		Stream:    printable.Draw(t, "stream"),
		Shard:     printable.Draw(t, "shard"),
		Start:     time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "start")),
		End:       time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "end")),
		OK:        rapid.Bool().Draw(t, "ok"),
		Error:     printable.Draw(t, "error"),
		Bytes:     rapid.Int64Range(0, math.MaxInt64).Draw(t, "bytes"),
		First:     printable.Draw(t, "first"),
		Last:      printable.Draw(t, "last"),
		Foreign:   rapid.SliceOf(rapid.Uint64()).Draw(t, "foreign"), ForeignAge: drawHist(t),
		Lanes:            rapid.SliceOf(rapid.Custom(drawLane)).Draw(t, "lanes"),
		Inversions:       count.Draw(t, "inversions"),
		InversionsBefore: count.Draw(t, "inversions before"),
	}
	l.Records = len(l.Foreign)
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		seqs, duplicates := SetOf(rapid.SliceOf(rapid.Uint64Range(0, token.MaxSeq)).Draw(t, "seqs"))
		g := Group{
			Run:        rapid.Uint32().Draw(t, "run"),
			Step:       rapid.Uint8().Draw(t, "step"),
			Producer:   rapid.Uint16().Draw(t, "producer"),
			Seqs:       seqs,
			Duplicates: duplicates,
			FromDue:    drawHist(t), FromSent: drawHist(t), FromArrive: drawHist(t),
		}
		l.Groups = append(l.Groups, g)
		l.Records += int(g.Seqs.Len()) + g.Duplicates
	}
	return l
}

func drawLane(t *rapid.T) Lane {
	number := rapid.StringMatching(`4965700[0-9]{1,20}`)
	return Lane{
		Run: rapid.Uint32().Draw(t, "run"), Producer: rapid.Uint16().Draw(t, "producer"),
		Lane: rapid.Uint32().Draw(t, "lane"), First: number.Draw(t, "first"), Last: number.Draw(t, "last"),
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawLine(t)
		text := want.Append(nil)
		if !Is(text) || bytes.ContainsRune(text, '\n') {
			t.Fatalf("not one ledger line: %s", text)
		}
		got, err := Parse(text)
		if diff := cmp.Diff(want, got, inside); err != nil || diff != "" {
			t.Fatalf("err = %v (-want +got):\n%s", err, diff)
		}
	})
}

func TestErrorIsCut(t *testing.T) {
	l := Line{Error: strings.Repeat("x", 199) + "✓ and more"} // the ✓ is cut in two
	back, err := Parse(l.Append(nil))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Repeat("x", 199); back.Error != want {
		t.Errorf("Error = %q", back.Error)
	}
}

func TestLatencies(t *testing.T) {
	upTo := func(n int) Hist { // 1 ms, 2 ms, …: below 1 ms apart, so buckets below 128 ms keep them apart
		var h Hist
		for k := range n {
			h.Record(time.Duration(k+1) * time.Millisecond)
		}
		return h
	}
	for _, c := range []struct {
		name        string
		line        Line
		n           int
		least, most float64
	}{
		{"none", Line{OK: true}, 0, 0, 0},
		{"not of a failed invocation", Line{ForeignAge: upTo(5)}, 0, 0, 0},
		// 1 000 µs is in [1000, 1004), middle 1.002; 100 000 in [99 840, 100 352), 100.096.
		{"all of 100", Line{OK: true, ForeignAge: upTo(100)}, 100, 1, 100},
		// 3 000 000 µs is in [2 998 272, 3 014 656), middle 3 006.464.
		{"100 of 3000", Line{OK: true, ForeignAge: upTo(3000)}, 100, 1, 3006},
		// 2 000 in [2000, 2008), middle 2.004.
		{"of all groups and the foreign", Line{OK: true, ForeignAge: upTo(1), Groups: []Group{{FromArrive: upTo(2)}, {FromArrive: upTo(1)}}}, 4, 1, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var doc struct{ RecordProcessingLatency []float64 }
			if err := json.Unmarshal(c.line.Append(nil), &doc); err != nil {
				t.Fatal(err)
			}
			got := doc.RecordProcessingLatency
			if len(got) != c.n || c.n > 0 && (got[0] != c.least || got[c.n-1] != c.most) {
				t.Errorf("%d values: %v; want %d from %v to %v", len(got), got, c.n, c.least, c.most)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	good := Line{Records: 2, Groups: []Group{{Seqs: Set{{4, 6}}}}}
	for _, c := range []struct{ name, old, new, err string }{
		{"not JSON", `{"_aws"`, `_aws`, "invalid character '_' looking for beginning of value"},
		{"another version", Marker, "weir_ledger_v9", `member weir.v: "weir_ledger_v9" is not "weir_ledger_v1"`},
		{"fewer records than named", `"records":2`, `"records":1`, "member weir.groups[0]: 2 sequences and 0 duplicates of 1 records"},
		{"more records than named", `"records":2`, `"records":3`, "member weir.records: 3, but 1 of them have no token and 0 are named in foreign"},
		{"negative records", `"records":2`, `"records":-2`, "member weir.records: -2 is negative"},
		{"negative bytes", `"bytes":0`, `"bytes":-1`, "member weir.bytes: -1 is negative"},
		{"a set that is none", `"seqs":"`, `"seqs":"*`, "member weir.groups[0].seqs: illegal base64 data at input byte 0"},
		{"a histogram that is none", `"sent":""`, `"sent":"AAAA"`, "member weir.groups[0].sent: ends inside a code"},
		{"half an id", `"records"`, `"foreign":"AAAA","records"`, "member weir.foreign: 3 bytes are not eight each"},
		{"lanes with a hole", `"records"`, `"lanes":{"lane":[1]},"records"`, "member weir.lanes: columns of different length"},
		{"lanes with a long prefix", `"records"`, `"lanes":{"prefix":"` + strings.Repeat("4", 130) + `"},"records"`, "member weir.lanes: a prefix of 130 bytes"},
		{
			"sequences by the million million", `"seqs":"`, `"seqs":"` + (Set{{0, math.MaxUint64}}).encode() + `","x":"`,
			"member weir.groups[0]: 18446744073709551615 sequences and 0 duplicates of 2 records",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			whole := string(good.Append(nil))
			broken := strings.Replace(whole, c.old, c.new, 1)
			if broken == whole {
				t.Fatalf("no %s in %s", c.old, whole)
			}
			_, err := Parse([]byte(broken))
			if want := "parse ledger line: " + c.err; text(err) != want {
				t.Errorf("Parse: %s\nwant   %s", text(err), want)
			}
		})
	}
}

// Parse never panics, and what it accepts it accepts again as Append writes it.
func FuzzParse(f *testing.F) {
	golden, err := os.ReadFile("../testdata/batch.line.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(golden)
	failed := Line{RequestID: "r", Error: `a "quoted" error`, Records: 1, Foreign: []uint64{1}}
	f.Add(failed.Append(nil))
	f.Add([]byte(`{"weir":{"v":"` + Marker + `","records":1,"groups":[{"seqs":"oA"}]}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(l.Append(nil))
		if err != nil {
			t.Fatalf("Parse of what Append wrote: %v", err)
		}
		// Append cuts a long error, and Parse reads a lane's empty last number as its first.
		l.Error, l.Lanes = again.Error, again.Lanes
		if diff := cmp.Diff(l, again, inside); diff != "" {
			t.Errorf("(-first +again):\n%s", diff)
		}
	})
}

// loaded is a batch as a steady load makes it: one of four shards, so about
// every fourth sequence, up to a second old, 500 bytes each.
func loaded(n int) []Record {
	rng := rand.New(rand.NewPCG(1, 2))
	recs := make([]Record, n)
	seq := uint64(1_000_000)
	for i := range recs {
		seq += 1 + uint64(rng.ExpFloat64()*3)
		due := noon.Add(time.Duration(i) * time.Second / time.Duration(n))
		tok := token.Token{
			Run: 77, Step: 3, Producer: 1, Seq: seq, Lane: rng.Uint32N(1024),
			Due: due, Sent: due.Add(time.Duration(rng.IntN(10_000)) * time.Microsecond),
		}
		data := append(tok.Append([]byte(`{"_weir":"`)), `","data":"`...)
		data = append(data, bytes.Repeat([]byte("x"), 500-len(data)-2)...)
		recs[i] = Record{
			Shard:          "shardId-000000000003",
			SequenceNumber: fmt.Sprintf("4965703%039d%010d", i, rng.Uint32()),
			Arrival:        due.Add(time.Duration(12+rng.IntN(8)) * time.Millisecond).Truncate(time.Millisecond),
			Data:           append(data, `"}`...),
		}
	}
	return recs
}

// A line of 500 records is to cost about 2 KB of log, lanes apart. This one is
// nearly as long as it gets, with ages all over a second.
func TestLineSize(t *testing.T) {
	l := Account(loaded(500), noon.Add(1100*time.Millisecond), Options{})
	l.RequestID, l.Function, l.Stream = "8a1c3e1f-5f0f-4d7e-9d53-0b9a8f2f8c11", "orders-consumer", "orders"
	l.Start, l.OK = l.End.Add(-80*time.Millisecond), true
	size := len(l.Append(nil))
	if size > 2200 {
		t.Errorf("%d bytes, want at most 2200:\n%s", size, l.Append(nil))
	}
}

func BenchmarkAccount(b *testing.B) {
	recs := loaded(500)
	end := noon.Add(1100 * time.Millisecond)
	for _, lanes := range []bool{false, true} {
		b.Run(fmt.Sprintf("lanes=%t", lanes), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Account(recs, end, Options{Lanes: lanes})
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, lanes := range []bool{false, true} {
		b.Run(fmt.Sprintf("lanes=%t", lanes), func(b *testing.B) {
			b.ReportAllocs()
			l := Account(loaded(500), noon.Add(1100*time.Millisecond), Options{Lanes: lanes})
			l.OK = true
			var text []byte
			for b.Loop() {
				text = l.Append(text[:0])
			}
			b.ReportMetric(float64(len(text)), "B/line")
		})
	}
}

func BenchmarkParse(b *testing.B) {
	l := Account(loaded(500), noon.Add(1100*time.Millisecond), Options{})
	text := l.Append(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
