package capacity

import (
	"weir/internal/emulator/lambda"
	"weir/internal/plan"
)

// A cell is a lane of a part of the hash keys: cell part × parallelization
// factor + lane. What is dealt to one shares its shard and its lane at any time.

// placedSingly is how many records are placed by their own keys; those of a
// larger test are dealt by the keys' shares.
const placedSingly = 1_000_000

// cells is the number of lanes of all parts of the hash keys.
func (s *simulation) cells() int { return s.placement.Parts() * s.scenario.Pipeline.Parallelization }

// deal decides how records come to their cells.
func (s *simulation) deal() {
	slots := plan.NewSchedule(s.scenario.Test.Steps).Slots()
	switch r := &s.scenario.Records; {
	case r.Key != nil && slots <= placedSingly:
		s.place = s.cellOf
	case r.Key != nil && r.Repeat:
		s.shares = s.keyShares()
	case len(s.placement.Stages) > 1:
		s.shares = s.partShares()
	}
}

// cellOf is the cell to which a slot's key leads.
func (s *simulation) cellOf(slot uint64) int {
	lanes := s.scenario.Pipeline.Parallelization
	partition, hash := s.scenario.Records.Key(slot)
	return s.placement.Of(partition, hash)*lanes + int(lambda.LaneHash(partition)%uint32(lanes))
}

// keyShares are the cells' shares of the records, from the keys of as many as are
// placed singly.
func (s *simulation) keyShares() []float64 {
	shares := make([]float64, s.cells())
	for slot := range uint64(placedSingly) {
		shares[s.cellOf(slot)] += 1.0 / placedSingly
	}
	return shares
}

// partShares are the cells' shares of records whose keys fall evenly on the hash
// keys, of parts that are not alike.
func (s *simulation) partShares() []float64 {
	lanes := s.scenario.Pipeline.Parallelization
	shares := make([]float64, s.cells())
	for cell := range shares {
		shares[cell] = s.placement.Share(cell/lanes) / float64(lanes)
	}
	return shares
}
