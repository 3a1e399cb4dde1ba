package line

import (
	"maps"
	"slices"

	"weir/probe/token"
)

// laneKey is what a record's order is judged in: run, producer and lane, in
// this order of weight. The step is no part of it, as a producer's sequence
// goes on from step to step.
type laneKey uint64

func laneKeyOf(t token.Token) laneKey {
	return laneKey(t.Run)<<34 | laneKey(t.Producer)<<18 | laneKey(t.Lane) // 24, 16 and 18 bits
}

func (k laneKey) lane() Lane {
	return Lane{Run: uint32(k >> 34), Producer: uint16(k >> 18), Lane: uint32(k & token.MaxLane)}
}

// lanedRecord is a record with a token, as far as its order goes.
type lanedRecord struct {
	lane   laneKey
	stream string // the stream's sequence number
	seq    uint64 // the producer's
}

// judgeOrder counts both kinds of inversion among the records delivered.
func (l *Line) judgeOrder(delivered []lanedRecord) {
	l.Inversions, l.InversionsBefore = inversions(delivered)
	if l.Inversions > 0 { // what happened before the stream shows in the stream's order only
		ordered := slices.SortedStableFunc(slices.Values(delivered), func(a, b lanedRecord) int {
			return CompareSequence(a.stream, b.stream)
		})
		_, l.InversionsBefore = inversions(ordered)
	}
}

// inversions counts the records that are below the one before in their lane,
// by the stream's and by the producer's sequence.
func inversions(records []lanedRecord) (stream, producer int) {
	before := make(map[laneKey]int, len(records))
	for i := range records {
		r := &records[i]
		if at, ok := before[r.lane]; ok {
			b := &records[at]
			if CompareSequence(r.stream, b.stream) < 0 {
				stream++
			}
			if r.seq < b.seq {
				producer++
			}
		}
		before[r.lane] = i
	}
	return stream, producer
}

// lanesOf is the span of every lane, ascending.
func lanesOf(delivered []lanedRecord) []Lane {
	spans := make(map[laneKey]Lane, len(delivered))
	for _, r := range delivered {
		span, ok := spans[r.lane]
		if !ok {
			span = r.lane.lane()
			span.First = r.stream
		}
		span.Last = r.stream
		spans[r.lane] = span
	}
	var lanes []Lane
	for _, key := range slices.Sorted(maps.Keys(spans)) {
		lanes = append(lanes, spans[key])
	}
	return lanes
}
