package payload

import (
	"encoding/binary"

	"weir/probe/token"
)

// noise are bodies of random bytes, which nothing compresses: the token's 36
// characters first, at a fixed place, then bytes of any value.
type noise struct {
	sizes Sizes
	seed  uint64
}

// NewBinaryBodies are bodies of random bytes, of a size for each slot drawn
// from sizes, token included. The same seed, slot and token give the same
// bytes. A size outside of token.Len to MaxBytes is an error.
func NewBinaryBodies(sizes Sizes, seed uint64) (*Bodies, error) {
	if err := sizes.check(token.Len); err != nil {
		return nil, err
	}
	return &Bodies{noise{sizes, seed}}, nil
}

func (n noise) append(dst []byte, slot uint64, t *token.Token, _ Key) ([]byte, bool) {
	random := hash(n.seed, slot)
	left := n.sizes.draw(hash(random, 0)) - token.Len
	dst = t.Append(dst)
	for i := uint64(1); left >= 8; i++ {
		dst = binary.LittleEndian.AppendUint64(dst, hash(random, i))
		left -= 8
	}
	for i := range left {
		dst = append(dst, byte(hash(random, 0)>>(8*i)))
	}
	return dst, true
}

func (n noise) maxBytes() int { return n.sizes.Max }

func (n noise) tokenless() int { return 0 }

func (n noise) examples(do func(body []byte, where string) error) error {
	body, _ := n.append(nil, 0, &token.Token{}, Key{})
	return do(body, "binary bodies")
}
