package kinesis

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
	"time"

	"weir/internal/emulator/wire"
	"weir/internal/quota"
)

// cursor is what an iterator or a page token stands for: a place in a stream
// that was given out at a moment.
type cursor struct {
	stream   string
	created  int64 // Unix milliseconds of the stream's creation: a namesake made later isn't this stream
	shard    uint32
	position uint64
	issued   int64 // Unix milliseconds
}

// Kinds of sealed cursors: one can't be used for another.
const (
	kindIterator byte = 1
	kindShards   byte = 2
)

// sealer makes cursors opaque and unforgeable. Each seal of the same cursor
// gives another text.
type sealer struct {
	aead  cipher.AEAD
	count atomic.Uint64
	salt  uint32
}

func newSealer(seed uint64) *sealer {
	var key [16]byte
	binary.BigEndian.PutUint64(key[:], seed)
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic("kinesis: AES refuses a 16-byte key: " + err.Error())
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic("kinesis: GCM refuses AES: " + err.Error())
	}
	return &sealer{aead: aead, salt: uint32(seed >> 32)}
}

const cursorBytes = 4 + 3*8 // before the stream's name

func (s *sealer) seal(kind byte, c cursor) string {
	nonce := binary.BigEndian.AppendUint32(make([]byte, 0, 12), s.salt)
	nonce = binary.BigEndian.AppendUint64(nonce, s.count.Add(1))
	plain := binary.BigEndian.AppendUint32(make([]byte, 0, cursorBytes+len(c.stream)), c.shard)
	plain = binary.BigEndian.AppendUint64(plain, uint64(c.created))
	plain = binary.BigEndian.AppendUint64(plain, c.position)
	plain = binary.BigEndian.AppendUint64(plain, uint64(c.issued))
	plain = append(plain, c.stream...)
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, []byte{kind}))
}

// open reads what seal wrote; ok is false for anything else.
func (s *sealer) open(kind byte, text string) (c cursor, ok bool) {
	sealed, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(sealed) < s.aead.NonceSize() {
		return cursor{}, false
	}
	nonce, box := sealed[:s.aead.NonceSize()], sealed[s.aead.NonceSize():]
	plain, err := s.aead.Open(nil, nonce, box, []byte{kind})
	if err != nil || len(plain) < cursorBytes {
		return cursor{}, false
	}
	return cursor{
		shard:    binary.BigEndian.Uint32(plain),
		created:  int64(binary.BigEndian.Uint64(plain[4:])),
		position: binary.BigEndian.Uint64(plain[12:]),
		issued:   int64(binary.BigEndian.Uint64(plain[20:])),
		stream:   string(plain[cursorBytes:]),
	}, true
}

// expired reports whether the cursor is older than iterators get.
func (c cursor) expired(now time.Time) bool {
	return now.Sub(time.UnixMilli(c.issued)) > quota.IteratorLifetime
}

func (c cursor) expiredIterator(now time.Time) *wire.Error {
	const layout = "Mon Jan 02 15:04:05 UTC 2006"
	return &wire.Error{
		Code: "ExpiredIteratorException",
		Message: "Iterator expired. The iterator was created at time " + time.UnixMilli(c.issued).UTC().Format(layout) +
			" while right now it is " + now.UTC().Format(layout) +
			" which is further in the future than the tolerated delay of 300000 milliseconds.",
	}
}

func invalidArgument(message string) *wire.Error {
	return &wire.Error{Code: "InvalidArgumentException", Message: message}
}
