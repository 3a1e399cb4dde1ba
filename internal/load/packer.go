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
	if err == nil {
		err = keys.Check(bodies)
	}
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
		order, err := payload.ParseOrder(p.Order)
		if err != nil {
			return nil, err
		}
		return payload.OpenBodies(p.File, order, seed)
	case p.Binary:
		return payload.NewBinaryBodies(sizesOf(p, p.Bytes), seed)
	case p.UserRecords > 0:
		users, err := payload.NewSizedBodies(sizesOf(p, p.UserBytes), seed)
		if err != nil {
			return nil, err
		}
		return payload.Aggregated(users, p.UserRecords)
	}
	return payload.NewSizedBodies(sizesOf(p, p.Bytes), seed)
}

// sizesOf are the sizes of generated bodies of that mean.
func sizesOf(p plan.Payload, mean int) payload.Sizes {
	sizes := payload.Sizes{Min: mean, Max: mean}
	if s := p.Sizes; s != (plan.Sizes{}) {
		sizes = payload.Sizes{Min: s.Min, Max: s.Max, Mean: float64(mean), Deviation: float64(s.Deviation)}
	}
	if sizes.Deviation > 0 { // its lower end was not the user's word
		sizes.Min = max(sizes.Min, payload.MinBytes)
	}
	return sizes
}

// pack fills s with the records of the slots; stamp is their token but for
// sequence, lane and due time.
func (p *packer) pack(s *shipment, stamp token.Token, from, to uint64, due func(uint64) time.Time) {
	s.arena = slices.Grow(s.arena[:0], int(to-from)*p.bodies.MaxBytes())
	s.records, s.tokens, s.lanes = s.records[:0], s.tokens[:0], s.lanes[:0]
	for slot := from; slot < to; slot++ {
		stamp.Seq, stamp.Due = slot, due(slot)
		data, key, carries := p.record(s, slot, &stamp)
		s.records = append(s.records, producer.Record{Data: data, PartitionKey: key.Partition, ExplicitHashKey: key.Hash})
		s.tokens = append(s.tokens, carries)
		if p.keys.Repeat() {
			s.lanes = append(s.lanes, key.Lane)
		}
	}
}

// record makes the slot's body in s and its key. Of a body that tells its key,
// the token with the key's lane is known only when the body is: it is made
// twice.
func (p *packer) record(s *shipment, slot uint64, stamp *token.Token) (data []byte, key payload.Key, carries bool) {
	start := len(s.arena)
	if p.keys.FromBody() {
		body, _ := p.bodies.Append(s.arena, slot, stamp, payload.Key{})
		key = p.keys.Key(slot, body[start:])
	} else {
		key = p.keys.Key(slot, nil)
	}
	stamp.Lane = key.Lane
	s.arena, carries = p.bodies.Append(s.arena, slot, stamp, key)
	return s.arena[start:len(s.arena):len(s.arena)], key, carries
}
