package lambda

import (
	"encoding/hex"
	"math/rand/v2"
	"sync"
	"time"

	"weir/internal/emulator/wire"
)

// random is the server's one source of randomness.
type random struct {
	mu sync.Mutex
	r  *rand.Rand
}

func newRandom(seed uint64) *random {
	return &random{r: rand.New(rand.NewPCG(seed, 0x776569725f6c616d))}
}

func (r *random) sample(l wire.Latency) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	return l.Sample(r.r)
}

// bytes16 is 16 random bytes.
func (r *random) bytes16() (b [16]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := 0; i < len(b); i += 8 {
		v := r.r.Uint64()
		for j := range 8 {
			b[i+j] = byte(v >> (8 * j))
		}
	}
	return b
}

// uuid is a version 4 UUID, as request ids and mappings have.
func (r *random) uuid() string {
	b := r.bytes16()
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{b[:4], b[4:6], b[6:8], b[8:10], b[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}

// logStream is the name of a new environment's log stream.
func (r *random) logStream(now time.Time) string {
	b := r.bytes16()
	return now.UTC().Format("2006/01/02/") + "[" + latest + "]" + hex.EncodeToString(b[:])
}
