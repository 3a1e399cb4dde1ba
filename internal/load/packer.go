package load

import (
	"fmt"
	"slices"
	"time"

	"weir/internal/payload"
	"weir/internal/producer"
	"weir/probe/token"
)

// shipment is the memory of one call, used again by later ones.
type shipment struct {
	arena   []byte
	records []producer.Record
	tokens  []bool
	result  producer.Result
}

// packer makes records.
type packer struct {
	bodies *payload.Bodies
	keys   *payload.Keys
}

// newPacker makes records of an exact size, or of a file's lines.
func newPacker(bytes int, file string, pool int, seed uint64) (*packer, error) {
	var bodies *payload.Bodies
	var err error
	if file != "" {
		bodies, err = payload.OpenBodies(file)
	} else {
		bodies, err = payload.NewBodies(bytes, seed)
	}
	if err != nil {
		return nil, fmt.Errorf("prepare payload: %w", err)
	}
	return &packer{bodies, payload.NewKeys(pool, seed)}, nil
}

// pack fills s with the records of the slots; stamp is their token but for
// sequence, lane and due time.
func (p *packer) pack(s *shipment, stamp token.Token, from, to uint64, due func(uint64) time.Time) {
	s.arena = slices.Grow(s.arena[:0], int(to-from)*p.bodies.MaxBytes())
	s.records, s.tokens = s.records[:0], s.tokens[:0]
	for slot := from; slot < to; slot++ {
		key, lane := p.keys.Key(slot)
		stamp.Seq, stamp.Lane, stamp.Due = slot, lane, due(slot)
		start, carries := len(s.arena), false
		s.arena, carries = p.bodies.Append(s.arena, slot, stamp)
		s.records = append(s.records, producer.Record{Data: s.arena[start:len(s.arena):len(s.arena)], PartitionKey: key})
		s.tokens = append(s.tokens, carries)
	}
}
