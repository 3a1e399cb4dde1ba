package producer

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"sync"
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

// signer makes Signature Version 4 headers for calls to one host
// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html,
// read 2026-11-22). It is safe for concurrent use.
type signer struct {
	region, host, contentType string

	mu      sync.Mutex
	day     string // of the key below
	secret  string
	derived []byte
}

// sign returns the values of the headers X-Amz-Date and Authorization for a
// POST to / whose body has the given SHA-256.
func (s *signer) sign(creds aws.Credentials, target string, body [sha256.Size]byte, at time.Time) (date, authorization string) {
	date = at.UTC().Format(amzDate)
	day := date[:len("20060102")]
	scope := day + "/" + s.region + "/" + service + "/aws4_request"

	request := make([]byte, 0, 512+len(creds.SessionToken))
	signed := "content-type;host;x-amz-date;x-amz-target"
	request = append(request, "POST\n/\n\ncontent-type:"...)
	request = append(request, s.contentType...)
	request = append(request, "\nhost:"...)
	request = append(request, s.host...)
	request = append(request, "\nx-amz-date:"...)
	request = append(request, date...)
	if creds.SessionToken != "" {
		signed = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
		request = append(request, "\nx-amz-security-token:"...)
		request = append(request, creds.SessionToken...)
	}
	request = append(request, "\nx-amz-target:"...)
	request = append(request, target...)
	request = append(request, "\n\n"+signed+"\n"...)
	request = hex.AppendEncode(request, body[:])

	hash := sha256.Sum256(request)
	text := append(make([]byte, 0, 160), "AWS4-HMAC-SHA256\n"+date+"\n"+scope+"\n"...)
	text = hex.AppendEncode(text, hash[:])
	signature := hex.EncodeToString(mac(s.key(creds.SecretAccessKey, day), text))
	return date, "AWS4-HMAC-SHA256 Credential=" + creds.AccessKeyID + "/" + scope +
		", SignedHeaders=" + signed + ", Signature=" + signature
}

// key is the signing key of a day. It is kept, for it changes only with the
// day and the credentials and costs four HMACs.
func (s *signer) key(secret, day string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.day != day || s.secret != secret {
		k := mac([]byte("AWS4"+secret), []byte(day))
		k = mac(k, []byte(s.region))
		k = mac(k, []byte(service))
		s.derived = mac(k, []byte("aws4_request"))
		s.day, s.secret = day, secret
	}
	return s.derived
}

func mac(key, text []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(text)
	return h.Sum(nil)
}
