package capacity

import (
	"time"

	"weir/internal/emulator/lambda"
)

// parcel is records of one step and one cell that were put together: what
// becomes of them is accounted for by it.
type parcel struct {
	step        *stepAccount
	shard       int
	lane        uint32
	count       int           // records that the shard stored
	due, last   time.Duration // when the first and the last of them fell due
	sent        time.Duration // when their call was, of a call of its own
	flow        time.Duration // of a stretch of calls: from due to sent, on average
	stretch     bool
	base        uint64 // position of the first
	tries, left int    // puts so far, and records still to be put
}

// dueAt is when the record at a position fell due.
func (p *parcel) dueAt(position uint64) time.Duration {
	if p.count <= 1 {
		return p.last
	}
	return p.due + time.Duration(float64(p.last-p.due)*float64(position-p.base)/float64(p.count-1))
}

// sentAt is when the record at a position was sent.
func (p *parcel) sentAt(position uint64) time.Duration {
	if p.stretch {
		return p.dueAt(position) + p.flow
	}
	return p.sent
}

// samples is the most points by which the latencies of a group are counted.
const samples = 8

// processed counts the latencies of a group whose invocation ended now.
func (s *simulation) processed(g *lambda.Group) {
	p := g.Item.(*parcel)
	sec := s.line.at(s.now)
	p.step.Processed += int64(g.Count)
	sec.processed += float64(g.Count)
	points := min(g.Count, samples)
	span := g.LastArrival.Sub(g.FirstArrival)
	if span == 0 && p.last-p.due < time.Millisecond {
		points = 1
	}
	first := g.FirstArrival.Sub(s.scenario.Start)
	for i := range points {
		from, to := g.Count*i/points, g.Count*(i+1)/points
		// The middle of the records that the point stands for.
		at := 0.5
		if g.Count > 1 {
			at = (float64(from+to-1) / 2) / float64(g.Count-1)
		}
		position := g.First + uint64(at*float64(g.Last-g.First)+0.5)
		n := to - from
		due := s.now - p.dueAt(position)
		arrived := s.now - first - time.Duration(at*float64(span))
		sec.fromDue.add(due, n)
		p.step.fromDue.add(due, n)
		sec.fromArrival.add(arrived, n)
		p.step.fromArrival.add(arrived, n)
		p.step.fromSent.add(s.now-p.sentAt(position), n)
	}
}
