package load

import (
	"fmt"
	"slices"
	"time"

	"weir/internal/payload"
	"weir/internal/plan"
	"weir/internal/producer"
	"weir/probe/token"
)

// shipment is the memory of one call, used again by later ones.
type shipment struct {
	arena   []byte
	records []producer.Record
	tokens  []bool
	lanes   []uint32 // nil where keys do not come again
	result  producer.Result
}

// packer makes records.
type packer struct {
	bodies *payload.Bodies
	keys   *payload.Keys
}

// newPacker makes records as a test asks for them.
func newPacker(p plan.Payload, k plan.Keys, seed uint64) (*packer, error) {
	bodies, err := Bodies(p, seed)
	if err != nil {
		return nil, fmt.Errorf("prepare payload: %w", err)
	}
	keys, err := payload.ParseKeys(k.String())
	if err != nil {
		return nil, fmt.Errorf("prepare partition keys: %w", err)
	}
	return &packer{bodies, payload.NewKeys(keys, seed)}, nil
}

// Bodies are a test's record bodies. It reads the file that p names, if any; its
// errors name that file, and the place in it.
func Bodies(p plan.Payload, seed uint64) (*payload.Bodies, error) {
	switch {
	case p.Template != "":
		return payload.OpenTemplate(p.Template, seed)
	case p.File != "":
		return payload.OpenBodies(p.File)
	}
	sizes := payload.Sizes{Min: p.Bytes, Max: p.Bytes}
	if s := p.Sizes; s != (plan.Sizes{}) {
		sizes = payload.Sizes{Min: s.Min, Max: s.Max, Mean: float64(p.Bytes), Deviation: float64(s.Deviation)}
	}
	if sizes.Deviation > 0 { // its lower end was not the user's word
		sizes.Min = max(sizes.Min, payload.MinBytes)
	}
	return payload.NewSizedBodies(sizes, seed)
}

// pack fills s with the records of the slots; stamp is their token but for
// sequence, lane and due time.
func (p *packer) pack(s *shipment, stamp token.Token, from, to uint64, due func(uint64) time.Time) {
	s.arena = slices.Grow(s.arena[:0], int(to-from)*p.bodies.MaxBytes())
	s.records, s.tokens, s.lanes = s.records[:0], s.tokens[:0], s.lanes[:0]
	for slot := from; slot < to; slot++ {
		key, lane := p.keys.Key(slot)
		stamp.Seq, stamp.Lane, stamp.Due = slot, lane, due(slot)
		start, carries := len(s.arena), false
		s.arena, carries = p.bodies.Append(s.arena, slot, stamp)
		s.records = append(s.records, producer.Record{Data: s.arena[start:len(s.arena):len(s.arena)], PartitionKey: key})
		s.tokens = append(s.tokens, carries)
		if p.keys.Repeat() {
			s.lanes = append(s.lanes, lane)
		}
	}
}
