package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"weir/probe/line"
	"weir/probe/token"
)

// trace plays a text into a book, a line at a time:
//
//	offer 20                  slots 0 to 19 have come due
//	accepted 0-9              settled so; also indeterminate, notsent
//	rejected 0-9 Throttled    settled so, with the cause
//	tries 20 4                puts of records, those of them that were no first ones
//	foreign 7@12              slot 7 was accepted without a token, at position 12
//	ok 5 0-9,3@50,x@60,o4@61  an invocation at second 5 that returned, given
//	                          record 0 to 9 each at the position of its number,
//	                          record 3 again at 50, one without token at 60 and
//	                          record 4 of another run at 61
//	fail 5 0-9                an invocation that failed
//	again                     the line before, a second time
//	found 0-9                 read back from the stream
//	close finished parallel=2 killed running no-probe no-lines no-readback part-readback
//	                          delivered=9 filtered=1 dead=1 dropped=1 trimmed=1 counters=-1
//
// A shard other than 0 stands before the positions: "ok 5 1:0-9". The option
// lanes after an invocation makes the probe write lanes; records of equal last
// digit share one.
type trace struct {
	t    *testing.T
	book *Book
	last *line.Line
	made int
}

const (
	thisRun  = 7
	otherRun = 8
)

var origin = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// play runs the text and returns what its close says.
func play(t *testing.T, steps []StepRange, text string) Report {
	t.Helper()
	tr := &trace{t: t, book: NewBook(thisRun, steps)}
	for l := range strings.Lines(text) {
		words := strings.Fields(l)
		if len(words) == 0 {
			continue
		}
		if words[0] == "close" {
			return tr.book.Close(tr.closing(words[1:]))
		}
		tr.do(words[0], words[1:])
	}
	t.Fatal("trace without close")
	return Report{}
}

func (tr *trace) do(verb string, args []string) {
	switch verb {
	case "offer":
		tr.book.Offer(0, tr.number(args[0]))
	case "accepted":
		tr.book.Settle(0, Accepted, "", tr.slots(args[0]))
	case "indeterminate":
		tr.book.Settle(0, Indeterminate, "", tr.slots(args[0]))
	case "notsent":
		tr.book.Settle(0, NotSent, "", tr.slots(args[0]))
	case "rejected":
		tr.book.Settle(0, Rejected, args[1], tr.slots(args[0]))
	case "tries":
		tr.book.CountTries(0, int64(tr.number(args[0])), int64(tr.number(args[1])))
	case "foreign":
		seq, at, _ := strings.Cut(args[0], "@")
		place := number(tr.number(at))
		tr.book.AcceptForeign(0, tr.number(seq), line.StreamID(shardName("0"), place), place)
	case "ok", "fail":
		records := tr.records(args[1])
		start := origin.Add(time.Duration(tr.number(args[0])) * time.Second)
		l := line.Account(records, start.Add(time.Second), line.Options{Lanes: len(args) > 2})
		tr.made++
		l.RequestID, l.Start, l.OK = fmt.Sprintf("request-%d", tr.made), start, verb == "ok"
		tr.last = &l
		tr.book.AddLine(&l)
	case "again":
		tr.book.AddLine(tr.last)
	case "found":
		for _, r := range tr.records(args[0]) {
			tr.book.AddReadBack(r.Shard, r.SequenceNumber, r.Data)
		}
	default:
		tr.t.Fatalf("trace: no verb %q", verb)
	}
}

func (tr *trace) closing(args []string) Closing {
	c := Closing{
		Generator: GeneratorFinished, Probe: true, LinesComplete: true, ReadBack: true, ReadBackComplete: true,
		Delivered: -1,
	}
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		n, _ := strconv.ParseInt(value, 10, 64)
		switch key {
		case "running":
			c.Generator = GeneratorRunning
		case "killed":
			c.Generator = GeneratorKilled
		case "no-probe":
			c.Probe = false
		case "no-lines":
			c.LinesComplete = false
		case "no-readback":
			c.ReadBack, c.ReadBackComplete = false, false
		case "part-readback":
			c.ReadBackComplete = false
		case "delivered":
			c.Delivered = n
		case "filtered":
			c.FilteredOut = n
		case "dead":
			c.DeadLettered = n
		case "dropped":
			c.Dropped = n
		case "trimmed":
			c.Trimmed = n
		case "counters":
			c.FilteredOut, c.DeadLettered, c.Dropped = n, n, n
		case "parallel":
			c.Parallelization = int(n)
		default:
			tr.t.Fatalf("trace: no closing %q", arg)
		}
	}
	return c
}

// records are the records that a text like 0-9,3@50,x@60,o4@61 means.
func (tr *trace) records(text string) []line.Record {
	shard := "0"
	if name, rest, ok := strings.Cut(text, ":"); ok {
		shard, text = name, rest
	}
	var records []line.Record
	for part := range strings.SplitSeq(text, ",") {
		what, at, elsewhere := strings.Cut(part, "@")
		run := uint32(thisRun)
		if other, ok := strings.CutPrefix(what, "o"); ok {
			what, run = other, otherRun
		}
		if what == "x" {
			records = append(records, tr.record(shard, tr.number(at), []byte("no token")))
			continue
		}
		r := tr.slots(what)
		for seq := r.From; seq < r.To; seq++ {
			place := seq
			if elsewhere {
				place = tr.number(at)
			}
			step := uint8(max(tr.book.stepOf(seq), 0))
			data := token.Token{Run: run, Step: step, Seq: seq, Lane: uint32(seq % 10), Due: origin, Sent: origin}.Append(nil)
			records = append(records, tr.record(shard, place, data))
		}
	}
	return records
}

func (tr *trace) record(shard string, at uint64, data []byte) line.Record {
	return line.Record{Shard: shardName(shard), SequenceNumber: number(at), Arrival: origin, Data: data}
}

func (tr *trace) slots(text string) line.Range {
	first, last, many := strings.Cut(text, "-")
	r := line.Range{From: tr.number(first), To: tr.number(first) + 1}
	if many {
		r.To = tr.number(last) + 1
	}
	return r
}

func (tr *trace) number(text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		tr.t.Fatalf("trace: %v", err)
	}
	return n
}

func shardName(n string) string { return "shardId-00000000000" + n }

// number is a sequence number of 56 digits, as Kinesis has them.
func number(at uint64) string { return fmt.Sprintf("4964%052d", at) }

// show writes the figures of an account that are not zero, then its lost
// records and reasons a line each.
func show(a *Account) string {
	var out strings.Builder
	figure := func(name string, n int64) {
		if n != 0 {
			fmt.Fprintf(&out, "%s=%d ", name, n)
		}
	}
	figure("offered", a.Offered)
	figure("accepted", a.Accepted)
	figure("rejected", a.RejectedTotal())
	figure("indeterminate", a.Indeterminate)
	figure("notsent", a.NotSent)
	figure("attempted", a.Attempted)
	figure("processed", a.Processed)
	figure("filtered", a.Filtered)
	figure("deadlettered", a.DeadLettered)
	figure("expired", a.Expired)
	figure("inflight", a.InFlight)
	figure("lost", a.Lost)
	figure("unexplained", a.Unexplained)
	figure("dup.producer", a.Duplicates.Producer)
	figure("dup.mapping", a.Duplicates.Mapping)
	if a.Reordered == nil {
		out.WriteString("reordered=? ")
	} else {
		figure("reordered", *a.Reordered)
	}
	figure("before.stream", a.ReorderedBeforeStream)
	figure("retried", a.Retried)
	figure("notoken", a.NoToken)
	text := strings.TrimSpace(out.String())
	for _, id := range a.LostIDs {
		place := strings.TrimLeft(strings.TrimPrefix(id.StreamSequence, "4964"), "0")
		text += strings.TrimRight(fmt.Sprintf("\nlost %d/%d %s", id.Producer, id.Sequence, place), " ")
	}
	for _, r := range a.Reasons {
		text += "\n" + r
	}
	return strings.TrimSpace(text)
}

// lines trims the indentation of an expected text.
func lines(text string) string {
	var out []string
	for l := range strings.Lines(strings.TrimSpace(text)) {
		out = append(out, strings.TrimSpace(l))
	}
	return strings.Join(out, "\n")
}
