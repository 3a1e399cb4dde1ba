// Package payload makes what a load generator puts into a stream: record
// bodies that carry the ledger token, generated at exact sizes, made from a
// template or taken from a file, and partition keys.
//
// Bodies and keys are functions of a seed and the slot (the place of a record
// in the test's schedule), so that what any slot put can be told again.
package payload

import "weir/probe/token"

// MaxBytes is the largest record that a stream can be set to take
// (docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html, read
// 2026-11-22; 1 MiB until it is set).
const MaxBytes = 10 << 20

// Member is the name of the top-level JSON member that holds the token.
const Member = "_weir"

const (
	memberStart = `{"` + Member + `":"` // the token follows
	memberEnd   = `"`
)

// Bodies are the records' bodies of a test. They are read-only: safe for
// concurrent use.
type Bodies struct {
	source source
}

// source is where bodies come from: generated, noise, template, lines or
// aggregate.
type source interface {
	append(dst []byte, slot uint64, t *token.Token, key Key) (out []byte, carriesToken bool)
	maxBytes() int
	tokenless() int
	// examples hands bodies to do, each with the place it comes from, until do
	// returns an error: all that there are, or some where they are made.
	examples(do func(body []byte, where string) error) error
}

// Append appends the body of the slot's record to dst. It reports whether the
// body carries t: a line of a file that is no JSON object does not. The record's
// key matters to aggregates only, which hold it.
func (b *Bodies) Append(dst []byte, slot uint64, t *token.Token, key Key) (out []byte, carriesToken bool) {
	return b.source.append(dst, slot, t, key)
}

// MaxBytes is the size of the largest body, with its token.
func (b *Bodies) MaxBytes() int { return b.source.maxBytes() }

// HasTokenless is how many lines of the file carry no token, as they are no
// JSON objects: 0 for bodies that come from no file of lines.
func (b *Bodies) HasTokenless() (lines int) { return b.source.tokenless() }

// hash is well-mixed bits of a slot (SplitMix64: Steele, Lea, Flood, "Fast
// splittable pseudorandom number generators", 2014).
func hash(seed, slot uint64) uint64 {
	z := seed + (slot+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
