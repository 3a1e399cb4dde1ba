package producer

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"pgregory.net/rapid"
)

// The SDK's signer is the judge: random requests must get the same headers.
func TestSignAsSDK(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := signer{
			region:      rapid.StringMatching(`[a-z]{2}-[a-z]{4,9}-[1-9]`).Draw(t, "region"),
			host:        rapid.StringMatching(`[a-z][a-z0-9.-]{0,20}(:[1-9][0-9]{3,4})?`).Draw(t, "host"),
			contentType: rapid.SampledFrom([]string{formats[JSON].contentType, formats[CBOR].contentType}).Draw(t, "content type"),
		}
		target := rapid.SampledFrom([]string{targetPutRecord, targetPutRecords}).Draw(t, "target")
		// One signer signs for several days and credentials in turn: its kept
		// key must follow.
		for range rapid.IntRange(1, 3).Draw(t, "calls") {
			creds := aws.Credentials{
				AccessKeyID:     rapid.StringMatching(`AKIA[A-Z0-9]{16}`).Draw(t, "access key"),
				SecretAccessKey: rapid.StringMatching(`[A-Za-z0-9/+]{40}`).Draw(t, "secret"),
				SessionToken:    rapid.StringMatching(`([A-Za-z0-9/+=]{16,80})?`).Draw(t, "session token"),
			}
			body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
			at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "time"), 0)

			hash := sha256.Sum256(body)
			req, err := http.NewRequest(http.MethodPost, "http://"+s.host+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", s.contentType)
			req.Header.Set("X-Amz-Target", target)
			err = v4.NewSigner().SignHTTP(t.Context(), creds, req, hex.EncodeToString(hash[:]), service, s.region, at)
			if err != nil {
				t.Fatal(err)
			}
			date, authorization := s.sign(creds, target, hash, at)
			if want := req.Header.Get("X-Amz-Date"); date != want {
				t.Fatalf("date %q, the SDK's %q", date, want)
			}
			if want := req.Header.Get("Authorization"); authorization != want {
				t.Fatalf("authorization\n%q, the SDK's\n%q", authorization, want)
			}
		}
	})
}
