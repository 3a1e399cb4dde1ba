package ledger

// A class says what is known of an accepted record that was not processed.
type class int

const (
	disputed class = iota // settled twice with different fates, and never seen
	unplaced              // found in the stream; whether the mapping passed it can't be told
	ahead                 // found above all that was delivered of its shard
	retrying              // a failed invocation had it, and nothing after it was delivered
	failed                // a failed invocation had it, and later records were delivered
	vanished              // a failed invocation had it, and it is no longer in the stream
	skipped               // found in the stream, passed by, in no invocation
	missing               // not found in the stream
	classes
)

// atPlace is which of one producer's records that were read back lie where.
type atPlace struct {
	ahead, reached, passed bitmap
}

// placed compares where records were found with how far the mapping has come
// by now. With a parallelization factor of 1 a shard's batches follow each
// other, so all below the start of the highest batch is done with. Above 1
// that holds within a key lane only, and a lane without a batch may be waiting.
func (b *Book) placed(parallelization int) map[int]*atPlace {
	at := map[int]*atPlace{}
	for _, p := range b.back.places {
		a := at[int(p.producer)]
		if a == nil {
			a = &atPlace{}
			at[int(p.producer)] = a
		}
		shard := b.reach[track{p.shard, 0, wholeShard}]
		done, known := shard, true
		if parallelization > 1 {
			done, known = b.reach[p.track]
		}
		word, bit := p.slot/64, uint64(1)<<(p.slot%64)
		switch {
		case shard.last.below(p.at):
			a.ahead.add(word, bit)
		case known && p.at.below(done.first):
			a.passed.add(word, bit)
		case known && !done.last.below(p.at):
			a.reached.add(word, bit)
			if parallelization <= 1 {
				a.passed.add(word, bit) // unless it is in the batch that is being retried
			}
		}
	}
	return at
}

// classify sorts the masked slots of word w that are accepted and not
// processed: each into exactly one class.
func (s *slots) classify(a *atPlace, w, mask uint64) (m [classes]uint64) {
	left := mask & s.exists(w) &^ s.processed.word(w)
	if left == 0 {
		return m
	}
	take := func(c class, slots uint64) {
		m[c] = left & slots
		left &^= slots
	}
	tried, found := s.tried.word(w), s.found.word(w)
	reached, passed := a.reached.word(w), a.passed.word(w)
	take(disputed, s.disputed.word(w)&^s.seen(w))
	take(ahead, a.ahead.word(w))
	take(retrying, tried&reached)
	take(failed, tried&passed)
	take(skipped, passed)
	take(unplaced, found)
	take(vanished, tried)
	take(missing, left)
	return m
}
