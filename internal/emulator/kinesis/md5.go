package kinesis

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// MD5 of one short text is a chain of 64 steps that each wait for the last one,
// so a processor can do two at once in little more time than one.

// md5Short is the longest text that fits one block of MD5 with its end mark and
// length (RFC 1321, 3.1 and 3.2).
const md5Short = 64 - 1 - 8

// md5Words is a block as MD5 reads it.
type md5Words [16]uint32

func (w *md5Words) set(text []byte) {
	*w = md5Words{14: uint32(len(text)) * 8}
	i := 0
	for ; len(text) >= 4; text = text[4:] {
		w[i&15] = binary.LittleEndian.Uint32(text)
		i++
	}
	last := uint32(0x80) // the end mark
	for _, c := range slices.Backward(text) {
		last = last<<8 | uint32(c)
	}
	w[i&15] = last
}

// md5Sines are the table T of RFC 1321, 3.4.
var md5Sines = [64]uint32{
	0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
	0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
	0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
	0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
	0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
	0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
	0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
	0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
}

// One step of each of MD5's rounds; x is the word and the sine.
func md5F(a, b, c, d, x uint32, s int) uint32 { return b + bits.RotateLeft32(a+x+(d^b&(c^d)), s) }
func md5G(a, b, c, d, x uint32, s int) uint32 { return b + bits.RotateLeft32(a+x+c&^d+b&d, s) }
func md5H(a, b, c, d, x uint32, s int) uint32 { return b + bits.RotateLeft32(a+x+(b^(c^d)), s) }
func md5I(a, b, c, d, x uint32, s int) uint32 { return b + bits.RotateLeft32(a+x+(c^(b|^d)), s) }

// hashPair is hashPartitionKey of two keys, in the time of one where both are
// short.
func hashPair(first, second []byte) (hashKey, hashKey) {
	if max(len(first), len(second)) > md5Short {
		return hashPartitionKey(first), hashPartitionKey(second)
	}
	var x, y md5Words
	x.set(first)
	y.set(second)
	t := &md5Sines
	const a, b, c, d = 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476
	var a0, b0, c0, d0, a1, b1, c1, d1 uint32 = a, b, c, d, a, b, c, d
	for i := 0; i < 16; i += 4 {
		j, k, l := (i+1)&15, (i+2)&15, (i+3)&15
		a0, a1 = md5F(a0, b0, c0, d0, x[i]+t[i], 7), md5F(a1, b1, c1, d1, y[i]+t[i], 7)
		d0, d1 = md5F(d0, a0, b0, c0, x[j]+t[j], 12), md5F(d1, a1, b1, c1, y[j]+t[j], 12)
		c0, c1 = md5F(c0, d0, a0, b0, x[k]+t[k], 17), md5F(c1, d1, a1, b1, y[k]+t[k], 17)
		b0, b1 = md5F(b0, c0, d0, a0, x[l]+t[l], 22), md5F(b1, c1, d1, a1, y[l]+t[l], 22)
	}
	for i := 16; i < 32; i += 4 {
		j, k, l, m := (5*i+1)&15, (5*i+6)&15, (5*i+11)&15, (5*i)&15
		a0, a1 = md5G(a0, b0, c0, d0, x[j]+t[i], 5), md5G(a1, b1, c1, d1, y[j]+t[i], 5)
		d0, d1 = md5G(d0, a0, b0, c0, x[k]+t[i+1], 9), md5G(d1, a1, b1, c1, y[k]+t[i+1], 9)
		c0, c1 = md5G(c0, d0, a0, b0, x[l]+t[i+2], 14), md5G(c1, d1, a1, b1, y[l]+t[i+2], 14)
		b0, b1 = md5G(b0, c0, d0, a0, x[m]+t[i+3], 20), md5G(b1, c1, d1, a1, y[m]+t[i+3], 20)
	}
	for i := 32; i < 48; i += 4 {
		j, k, l, m := (3*i+5)&15, (3*i+8)&15, (3*i+11)&15, (3*i+14)&15
		a0, a1 = md5H(a0, b0, c0, d0, x[j]+t[i], 4), md5H(a1, b1, c1, d1, y[j]+t[i], 4)
		d0, d1 = md5H(d0, a0, b0, c0, x[k]+t[i+1], 11), md5H(d1, a1, b1, c1, y[k]+t[i+1], 11)
		c0, c1 = md5H(c0, d0, a0, b0, x[l]+t[i+2], 16), md5H(c1, d1, a1, b1, y[l]+t[i+2], 16)
		b0, b1 = md5H(b0, c0, d0, a0, x[m]+t[i+3], 23), md5H(b1, c1, d1, a1, y[m]+t[i+3], 23)
	}
	for i := 48; i < 64; i += 4 {
		j, k, l, m := (7*i)&15, (7*i+7)&15, (7*i+14)&15, (7*i+5)&15
		a0, a1 = md5I(a0, b0, c0, d0, x[j]+t[i], 6), md5I(a1, b1, c1, d1, y[j]+t[i], 6)
		d0, d1 = md5I(d0, a0, b0, c0, x[k]+t[i+1], 10), md5I(d1, a1, b1, c1, y[k]+t[i+1], 10)
		c0, c1 = md5I(c0, d0, a0, b0, x[l]+t[i+2], 15), md5I(c1, d1, a1, b1, y[l]+t[i+2], 15)
		b0, b1 = md5I(b0, c0, d0, a0, x[m]+t[i+3], 21), md5I(b1, c1, d1, a1, y[m]+t[i+3], 21)
	}
	return hashKeyOfSum(a0+a, b0+b, c0+c, d0+d), hashKeyOfSum(a1+a, b1+b, c1+c, d1+d)
}

// hashKeyOfSum is the place of a sum of these words, which it holds from the
// lowest byte up.
func hashKeyOfSum(a, b, c, d uint32) hashKey {
	return hashKey{
		uint64(bits.ReverseBytes32(a))<<32 | uint64(bits.ReverseBytes32(b)),
		uint64(bits.ReverseBytes32(c))<<32 | uint64(bits.ReverseBytes32(d)),
	}
}
