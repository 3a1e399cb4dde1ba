// Package token is the ledger token: 36 ASCII characters that a load
// generator puts into every record and the probe finds again, whatever the
// format around it (JSON, CSV, text). It identifies one record among all
// runs, and says when the record was due and when it was sent.
//
//	wr1 RRRRR PP SSSSSSS LLL DDDDDDDD TTTT CCCC     (without the spaces)
//
//	wr1       marker and version
//	RRRRR     run (24 bits) and step (6 bits)
//	PP        producer, 12 bits
//	SSSSSSS   the producer's sequence, 42 bits, counted from 0
//	LLL       key lane, 18 bits: records of one partition key share a lane
//	DDDDDDDD  due, in units of 10 µs since the Unix epoch, 48 bits (to 2059)
//	TTTT      send minus due, in units of 100 µs, 24 bits, at most 28 minutes
//	CCCC      checksum: low 24 bits of the CRC-32C of all that stands before
//
// Digits are base64url's alphabet, most significant first: it survives JSON
// strings, URLs, CSV cells and templates unescaped.
package token

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
	"time"
)

// Len is the length of a token in bytes.
const Len = 36

// Limits of the fields.
const (
	MaxRun      = 1<<24 - 1
	MaxStep     = 1<<6 - 1
	MaxProducer = 1<<12 - 1
	MaxSeq      = 1<<42 - 1
	MaxLane     = 1<<18 - 1
)

const (
	marker     = "wr1"
	markerWord = 'w' | 'r'<<8 | '1'<<16
	lateUnit   = 100 * time.Microsecond
	maxLate    = 1<<24 - 1
	alphabet   = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	digit      = func() (t [256]int8) {
		for i := range t {
			t[i] = -1
		}
		for i := range len(alphabet) {
			t[alphabet[i]] = int8(i)
		}
		return t
	}()
)

// pairs are the two digits of each number of 12 bits, the first in the low byte.
var pairs = func() (t [4096]uint16) {
	for i := range t {
		t[i] = uint16(alphabet[i>>6]) | uint16(alphabet[i&63])<<8
	}
	return t
}()

// Token names one record. Fields beyond their limits are cut to their low
// bits by Append. Times carry 10 µs (Due) and 100 µs (Sent); Sent before Due
// is stored as Due.
type Token struct {
	Run      uint32 // 24 bits of the run's identity
	Step     uint8  // step of the plan, modulo 64
	Producer uint16
	Seq      uint64
	Lane     uint32
	Due      time.Time
	Sent     time.Time
}

// Append appends the token's 36 characters to dst.
func (t Token) Append(dst []byte) []byte {
	start := len(dst)
	dst = slices.Grow(dst, Len)[:start+Len]
	out := (*[Len]byte)(dst[start:])
	// The fields are whole digits, so that eight of them go at once across the
	// fields' ends: the checksum then reads the words that were written.
	run := uint64(t.Run&MaxRun)<<6 | uint64(t.Step&MaxStep)
	seq, lane := t.Seq&MaxSeq, uint64(t.Lane&MaxLane)
	due := uint64(t.Due.UnixMicro()/10) & (1<<48 - 1)
	late := uint64(min(max(t.Sent.Sub(t.Due)/lateUnit, 0), maxLate))
	binary.LittleEndian.PutUint64(out[:], digits(run)&^(1<<24-1)|markerWord)
	binary.LittleEndian.PutUint64(out[8:], digits(uint64(t.Producer&MaxProducer)<<36|seq>>6))
	binary.LittleEndian.PutUint64(out[16:], digits(seq&63<<42|lane<<24|due>>24))
	binary.LittleEndian.PutUint64(out[24:], digits(due&(1<<24-1)<<24|late))
	sum := crc32.Checksum(out[:32], castagnoli)
	binary.LittleEndian.PutUint32(out[32:], uint32(digits(uint64(sum&(1<<24-1)))>>32))
	return dst
}

// String is the token's text.
func (t Token) String() string { return string(t.Append(nil)) }

// Parse reads a token from the first 36 bytes of b. It reports false where
// they are not a token or the checksum disagrees.
func Parse(b []byte) (Token, bool) {
	if len(b) < Len || string(b[:len(marker)]) != marker {
		return Token{}, false
	}
	var f [7]uint64
	at := len(marker)
	for i, width := range [...]int{5, 2, 7, 3, 8, 4, 4} {
		for _, c := range b[at : at+width] {
			d := digit[c]
			if d < 0 {
				return Token{}, false
			}
			f[i] = f[i]<<6 | uint64(d)
		}
		at += width
	}
	if f[6] != uint64(crc32.Checksum(b[:Len-4], castagnoli)&(1<<24-1)) {
		return Token{}, false
	}
	due := time.UnixMicro(int64(f[4]) * 10)
	return Token{
		Run: uint32(f[0] >> 6), Step: uint8(f[0] & MaxStep), Producer: uint16(f[1]), Seq: f[2],
		Lane: uint32(f[3]), Due: due, Sent: due.Add(time.Duration(f[5]) * lateUnit),
	}, true
}

// Find returns the first valid token in b and where it starts.
func Find(b []byte) (t Token, at int, ok bool) {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(marker))
		if i < 0 {
			return Token{}, -1, false
		}
		if t, ok := Parse(b[from+i:]); ok {
			return t, from + i, true
		}
		from += i + 1
	}
}

// digits are the eight digits of a number of 48 bits, the first in the low byte.
func digits(v uint64) uint64 {
	return uint64(pairs[v>>36&4095]) | uint64(pairs[v>>24&4095])<<16 | uint64(pairs[v>>12&4095])<<32 | uint64(pairs[v&4095])<<48
}
