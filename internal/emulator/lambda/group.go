package lambda

import "time"

// Group is what the mapping handles as one: a single record (Count 1), or in a
// simulation many records of one lane that were read together.
type Group struct {
	Count       int
	Bytes       int    // share of the JSON event, base64 inflation included
	LaneHash    uint32 // of the partition key; the lane is LaneHash modulo the parallelization factor
	First, Last uint64 // positions in the shard

	FirstArrival, LastArrival time.Duration // since the origin of the mapping's times

	Item any // the caller's; both parts of a split group carry it
}

// split cuts g after its first n records, 0 < n < Count. Bytes, positions and
// arrivals of the parts are interpolated.
func (g Group) split(n int) (head, tail Group) {
	head, tail = g, g
	head.Count, tail.Count = n, g.Count-n
	head.Bytes = g.Bytes * n / g.Count
	tail.Bytes = g.Bytes - head.Bytes
	tail.First = g.First + (g.Last-g.First)*uint64(n)/uint64(g.Count-1)
	head.Last = tail.First - 1
	span := g.LastArrival - g.FirstArrival
	tail.FirstArrival = g.FirstArrival + span*time.Duration(n)/time.Duration(g.Count-1)
	head.LastArrival = g.FirstArrival + span*time.Duration(n-1)/time.Duration(g.Count-1)
	return head, tail
}

// splitGroups cuts groups after their first n records, 0 < n < their count.
func splitGroups(groups []Group, n int) (head, tail []Group) {
	for i, g := range groups {
		switch {
		case n == 0:
			return groups[:i:i], groups[i:]
		case g.Count <= n:
			n -= g.Count
		default:
			a, b := g.split(n)
			return append(groups[:i:i], a), append([]Group{b}, groups[i+1:]...)
		}
	}
	return groups, nil
}

// splitAt cuts groups before the first record at or after position.
func splitAt(groups []Group, position uint64) (head, tail []Group) {
	n := 0
	for _, g := range groups {
		if g.Last < position {
			n += g.Count
			continue
		}
		if g.First < position {
			span := g.Last - g.First
			n += int((uint64(g.Count-1)*(position-g.First) + span - 1) / span)
		}
		break
	}
	return splitGroups(groups, n)
}

func count(groups []Group) int {
	n := 0
	for i := range groups {
		n += groups[i].Count
	}
	return n
}
