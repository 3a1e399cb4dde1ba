package producer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Parts of every request (Kinesis API reference, Common parameters, read
// 2026-11-22).
const (
	service          = "kinesis"
	targetPutRecord  = "Kinesis_20131202.PutRecord"
	targetPutRecords = "Kinesis_20131202.PutRecords"
	amzDate          = "20060102T150405Z"
)

// signer makes the heads of requests for one operation to one host, signed by
// Signature Version 4
// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
// read 2026-11-22). It is safe for concurrent use.
type signer struct {
	region, host, contentType, target string

	latest atomic.Pointer[stamp]
}

// stamp is what the requests of one second and credentials have in common. It
// is read-only.
type stamp struct {
	second int64
	creds  aws.Credentials
	day    string
	key    []byte // of the day

	head      []byte // of a request, up to the signature
	canonical []byte // the canonical request, up to the body's hash
	// The two blocks that HMAC puts before what it hashes (RFC 2104), the inner
	// one with the string to sign after it, up to the canonical request's hash.
	inner, outer []byte
}

// at is the stamp of an instant.
func (s *signer) at(creds *aws.Credentials, at time.Time) *stamp {
	last := s.latest.Load()
	if last != nil && last.second == at.Unix() && last.signs(creds) {
		return last
	}
	next := s.stamp(creds, at.UTC(), last)
	s.latest.Store(next)
	return next
}

// signs reports whether the stamp is made with these credentials.
func (t *stamp) signs(c *aws.Credentials) bool {
	return t.creds.SecretAccessKey == c.SecretAccessKey && t.creds.AccessKeyID == c.AccessKeyID && t.creds.SessionToken == c.SessionToken
}

// stamp makes a stamp; the key of the last one is taken over if it still holds.
func (s *signer) stamp(creds *aws.Credentials, at time.Time, last *stamp) *stamp {
	date := at.Format(amzDate)
	t := &stamp{second: at.Unix(), creds: *creds, day: date[:len("20060102")]}
	if last != nil && last.day == t.day && last.creds.SecretAccessKey == creds.SecretAccessKey {
		t.key = last.key
	} else {
		t.key = s.key(creds.SecretAccessKey, t.day)
	}
	signed, canonicalToken, headToken := "content-type;host;x-amz-date;x-amz-target", "", ""
	if token := creds.SessionToken; token != "" {
		signed = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
		canonicalToken = "\nx-amz-security-token:" + token
		headToken = "\r\nX-Amz-Security-Token: " + token
	}
	scope := t.day + "/" + s.region + "/" + service + "/aws4_request"
	t.canonical = []byte("POST\n/\n\ncontent-type:" + s.contentType + "\nhost:" + s.host + "\nx-amz-date:" + date + canonicalToken +
		"\nx-amz-target:" + s.target + "\n\n" + signed + "\n")
	t.inner = append(pad(t.key, 0x36), "AWS4-HMAC-SHA256\n"+date+"\n"+scope+"\n"...)
	t.outer = pad(t.key, 0x5c)
	t.head = []byte("POST / HTTP/1.1\r\nHost: " + s.host + "\r\nUser-Agent: weir\r\nContent-Type: " + s.contentType +
		"\r\nX-Amz-Target: " + s.target + "\r\nX-Amz-Date: " + date + headToken +
		"\r\nAuthorization: AWS4-HMAC-SHA256 Credential=" + creds.AccessKeyID + "/" + scope + ", SignedHeaders=" + signed + ", Signature=")
	return t
}

const (
	lengthMember = "\r\nContent-Length: "
	headEnd      = "\r\n\r\n"
	maxDigits    = 19 // of a length
	hashDigits   = 2 * sha256.Size
)

// room is how many bytes the longest head takes.
func (t *stamp) room() int {
	return len(t.head) + hashDigits + len(lengthMember) + maxDigits + len(headEnd)
}

// seal writes the head into the room before the body, right in front of it, and
// returns the request: both.
func (t *stamp) seal(roomAndBody []byte) []byte {
	room := t.room()
	body := roomAndBody[room:]
	hash := sha256.Sum256(body)

	var length [maxDigits]byte
	digits := strconv.AppendInt(length[:0], int64(len(body)), 10)
	request := roomAndBody[maxDigits-len(digits):]
	head := append(request[:0], t.head...)
	head = t.appendSignature(head, &hash)
	head = append(head, lengthMember...)
	head = append(head, digits...)
	_ = append(head, headEnd...) // up to the body
	return request
}

// appendSignature appends the signature of a request whose body has that hash.
func (t *stamp) appendSignature(dst []byte, body *[sha256.Size]byte) []byte {
	var scratch [1024]byte // enough but for long session tokens
	text := hex.AppendEncode(append(scratch[:0], t.canonical...), body[:])
	hash := sha256.Sum256(text)
	text = hex.AppendEncode(append(scratch[:0], t.inner...), hash[:])
	hash = sha256.Sum256(text)
	text = append(append(scratch[:0], t.outer...), hash[:]...)
	hash = sha256.Sum256(text)
	return hex.AppendEncode(dst, hash[:])
}

// pad is HMAC's block for a key that is shorter than it.
func pad(key []byte, with byte) []byte {
	block := make([]byte, sha256.BlockSize)
	copy(block, key)
	for i := range block {
		block[i] ^= with
	}
	return block
}

// key is the signing key of a day.
func (s *signer) key(secret, day string) []byte {
	k := mac([]byte("AWS4"+secret), day)
	k = mac(k, s.region)
	k = mac(k, service)
	return mac(k, "aws4_request")
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}
