package line

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"weir/probe/token"
)

// Account is the account of an invocation that was given recs, in this order,
// and was done with them at end. RequestID, Function, Stream, Start, OK and
// Error are left to the caller. The records' data is read, not kept.
func Account(recs []Record, end time.Time, o Options) Line {
	l := Line{End: end, Records: len(recs)}
	if len(recs) > 0 {
		l.Shard = recs[0].Shard
		l.First = recs[0].SequenceNumber
		l.Last = recs[len(recs)-1].SequenceNumber
	}
	groups := map[groupKey]*tally{}
	var foreign []time.Duration
	laned := make([]lanedRecord, 0, len(recs))
	for i := range recs {
		r := &recs[i]
		l.Bytes += int64(len(r.Data))
		t, ok := TokenOf(r.Data)
		if !ok {
			l.Foreign = append(l.Foreign, StreamID(r.Shard, r.SequenceNumber))
			foreign = append(foreign, end.Sub(r.Arrival))
			continue
		}
		key := groupKeyOf(t)
		g := groups[key]
		if g == nil {
			g = &tally{}
			groups[key] = g
		}
		g.add(t, r.Arrival, end)
		laned = append(laned, lanedRecord{laneKeyOf(t), r.SequenceNumber, t.Seq})
	}
	l.Groups = closeGroups(groups)
	l.ForeignAge = HistOf(foreign)
	l.judgeOrder(laned)
	if o.Lanes {
		l.Lanes = lanesOf(laned)
	}
	return l
}

// StreamID names a record by its place in the stream: the 64-bit FNV-1a hash
// of shard, ":" and sequence number.
func StreamID(shard, sequenceNumber string) uint64 {
	const offset, prime = 14695981039346656037, 1099511628211
	id := uint64(offset)
	for _, part := range [...]string{shard, ":", sequenceNumber} {
		for i := range len(part) {
			id = (id ^ uint64(part[i])) * prime
		}
	}
	return id
}

// CompareSequence orders stream sequence numbers, which are decimal numbers
// without leading zeros too large for an integer type: negative where a is
// below b, 0 where they are equal.
func CompareSequence(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// groupKey is run, step and producer, in this order of weight.
type groupKey uint64

func groupKeyOf(t token.Token) groupKey {
	return groupKey(t.Run)<<24 | groupKey(t.Step)<<16 | groupKey(t.Producer) // 24, 8 and 16 bits
}

func (k groupKey) group() Group {
	return Group{Run: uint32(k >> 24), Step: uint8(k >> 16), Producer: uint16(k)}
}

// tally is a Group in the making.
type tally struct {
	seqs              []uint64
	due, sent, arrive []time.Duration // from then to the end
}

func (g *tally) add(t token.Token, arrival, end time.Time) {
	g.seqs = append(g.seqs, t.Seq)
	g.due = append(g.due, end.Sub(t.Due))
	g.sent = append(g.sent, end.Sub(t.Sent))
	g.arrive = append(g.arrive, end.Sub(arrival))
}

func closeGroups(tallies map[groupKey]*tally) []Group {
	var groups []Group
	for _, key := range slices.Sorted(maps.Keys(tallies)) {
		t, g := tallies[key], key.group()
		g.Seqs, g.Duplicates = SetOf(t.seqs)
		g.FromDue, g.FromSent, g.FromArrive = HistOf(t.due), HistOf(t.sent), HistOf(t.arrive)
		groups = append(groups, g)
	}
	return groups
}
