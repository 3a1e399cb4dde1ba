package capacity

import (
	"time"

	"weir/internal/emulator/lambda"
)

// parcel is records of one step and one cell that were put together: what
// becomes of them is accounted for by it.
type parcel struct {
	step        *stepAccount
	part, shard int32 // of the hash keys, and that it was put into last
	lane        uint32
	offset      int32         // of its first record among twins
	count       int           // records that the shard stored
	due, last   time.Duration // when the first and the last of them fell due
	sent        time.Duration // when their first call was; with stretch unused
	stretch     bool          // of a stretch of calls
	unanswered  bool          // a call of theirs had no answer
	unheard     bool          // their answer is lost
	twins       *twins        // nil: stored once at most
	base        uint64        // position of the first
	tries, left int           // puts so far, and records still to be put
	open        int           // of those stored, how many something can still happen to
}

// slabSize is how many parcels are made at once.
const slabSize = 128

// newParcel is one that is free, or of a new slab.
func (s *simulation) newParcel() *parcel {
	if len(s.freeParcels) == 0 {
		slab := make([]parcel, slabSize)
		for i := range slab {
			s.freeParcels = append(s.freeParcels, &slab[i])
		}
	}
	last := len(s.freeParcels) - 1
	p := s.freeParcels[last]
	s.freeParcels = s.freeParcels[:last]
	return p
}

// settle lets n records of a parcel go, which nothing more happens to.
func (s *simulation) settle(p *parcel, n int) {
	if p.open -= n; p.open == 0 {
		s.freeParcels = append(s.freeParcels, p)
	}
}

// dueAt is when the record at a position fell due.
func (p *parcel) dueAt(position uint64) time.Duration {
	if p.count <= 1 {
		return p.last
	}
	return p.due + time.Duration(float64(p.last-p.due)*float64(position-p.base)/float64(p.count-1))
}

// A group's latencies are counted at points of it that stand for its records: as
// many as keep what a point stands for to a twentieth of a second, where those
// are not too many.
const (
	pointSpan  = 50 * time.Millisecond
	mostPoints = 8
)

func points(count int, span time.Duration) int {
	return min(count, 1+int(span/pointSpan), mostPoints)
}

// processed accounts for a group whose invocation ended now.
func (s *simulation) processed(g *lambda.Group) {
	p := g.Item.(*parcel)
	fresh := s.end(p, g.First, g.Count)
	p.step.Duplicates.Producer += int64(g.Count - fresh)
	p.step.Processed += int64(fresh)
	s.line.at(s.now).processed += float64(fresh)
	s.latencies(g)
}

// latencies counts a group's, as the probe does of every delivery that ends well:
// of duplicates too.
func (s *simulation) latencies(g *lambda.Group) {
	p := g.Item.(*parcel)
	sec := s.line.at(s.now)
	sec.records += float64(g.Count)
	span := g.LastArrival - g.FirstArrival
	waited := s.now - g.FirstArrival
	due, last := p.dueAt(g.First), p.dueAt(g.Last)
	n := points(g.Count, max(span, last-due))
	for i := range n {
		from, to := g.Count*i/n, g.Count*(i+1)/n
		// The middle of the records that the point stands for.
		at := float64(from+to-1) / 2 / float64(max(g.Count-1, 1))
		fell := due + time.Duration(at*float64(last-due))
		arrived := waited - time.Duration(at*float64(span))
		p.step.fromDue.add(s.now-fell, to-from)
		if s.line.emit != nil {
			sec.fromDue.add(s.now-fell, to-from)
			sec.fromArrival.add(arrived, to-from)
		}
		if !p.stretch { // of a stretch they are fromDue less waits that change little
			p.step.fromArrival.add(arrived, to-from)
			p.step.fromSent.add(s.now-p.sent, to-from)
		}
	}
}
