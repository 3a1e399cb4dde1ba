package ledger

import (
	"fmt"
	"testing"
	"time"

	"weir/probe/line"
	"weir/probe/token"
)

const benchRecords = 1 << 40

func benchBook() *Book {
	return NewBook(thisRun, []StepRange{{First: 0, End: benchRecords}})
}

// BenchmarkSettle settles calls of 500 records; an op is one record.
func BenchmarkSettle(b *testing.B) {
	book := benchBook()
	seq, left := uint64(0), uint64(0)
	for b.Loop() {
		if left == 0 {
			book.Settle(0, Accepted, "", line.Range{From: seq, To: seq + 500})
			seq, left = seq+500, 500
		}
		left--
	}
}

// BenchmarkAddLine enters batches of 500 records of one of four shards, so that
// every fourth sequence on average is in it; an op is one record.
func BenchmarkAddLine(b *testing.B) {
	const batch, shards = 500, 4
	book := benchBook()
	var batches []line.Line
	for i := range shards {
		var records []line.Record
		for k := range uint64(batch) {
			seq := k*shards + (k*7+uint64(i))%shards
			records = append(records, line.Record{
				Shard: shardName(fmt.Sprint(i)), SequenceNumber: number(k), Arrival: origin,
				Data: token.Token{Run: thisRun, Seq: seq, Due: origin, Sent: origin}.Append(nil),
			})
		}
		batches = append(batches, line.Account(records, origin, line.Options{}))
	}
	round, left := uint64(0), 0
	for b.Loop() {
		if left == 0 {
			book.AddLine(moved(&batches[round%shards], round, batch*shards))
			round, left = round+1, batch
		}
		left--
	}
}

// moved is a line like l of a later invocation, of later records.
func moved(l *line.Line, round, by uint64) *line.Line {
	m := *l
	m.RequestID, m.Start, m.OK = fmt.Sprint(round), origin.Add(time.Duration(round)*time.Second), true
	m.First, m.Last = number(round*by), number((round+1)*by-1)
	g := m.Groups[0]
	g.Seqs = make(line.Set, len(g.Seqs))
	for i, r := range l.Groups[0].Seqs {
		g.Seqs[i] = line.Range{From: r.From + round*by, To: r.To + round*by}
	}
	m.Groups = []line.Group{g}
	return &m
}

// BenchmarkClose closes an account of ten million records.
func BenchmarkClose(b *testing.B) {
	book := benchBook()
	book.Settle(0, Accepted, "", line.Range{From: 0, To: 10_000_000})
	for b.Loop() {
		book.Close(Closing{Generator: GeneratorFinished})
	}
}
