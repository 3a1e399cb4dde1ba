package capacity

// twins are records that may be in the stream more than once: the answer to a
// call of theirs was lost, and they were put again. Copies are told apart by
// their order, which the stream and the mapping keep, so that what is known of
// the first so many records says which of a later copy are new.
type twins struct {
	stored int // that were stored once at least
	ended  int // of which something came: they were processed or given up
}

// beyond is how many of [from, to) lie beyond a mark, which it moves there.
func beyond(mark *int, from, to int) (fresh int) {
	fresh = max(0, to-max(from, *mark))
	*mark = max(*mark, to)
	return fresh
}

// store is how many of a parcel's first n records were not in the stream before.
func (p *parcel) store(n int) (fresh int) {
	if p.twins == nil {
		return n
	}
	return beyond(&p.twins.stored, int(p.offset), int(p.offset)+n)
}

// end is of how many of n records, from a position of a parcel on, nothing had
// come before. What comes of later copies changes nothing.
func (s *simulation) end(p *parcel, first uint64, n int) (fresh int) {
	if p.twins == nil {
		return n
	}
	from := int(p.offset) + int(first-p.base)
	fresh = beyond(&p.twins.ended, from, from+n)
	s.copies -= n - fresh
	return fresh
}

// storeUnheard stores a call's records and loses the answer: for their producer
// it failed.
func (s *simulation) storeUnheard(c *call) {
	failed := *c
	failed.parcels = make([]*parcel, len(c.parcels))
	for i, p := range c.parcels {
		if p.twins == nil {
			p.twins = new(twins)
		}
		again := s.newParcel()
		*again = *p
		failed.parcels[i] = again
		p.unheard = true
	}
	s.store(c)
	s.failed(&failed, NoAnswer, 0, 0)
}
