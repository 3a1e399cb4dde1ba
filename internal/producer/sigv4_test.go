package producer

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The SDK's signer and net/http are the judges: what is sealed must read as a
// request with the headers that the SDK signs random requests with.
func TestSignAsSDK(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := signer{
			region:      rapid.StringMatching(`[a-z]{2}-[a-z]{4,9}-[1-9]`).Draw(t, "region"),
			host:        rapid.StringMatching(`[a-z][a-z0-9.-]{0,20}(:[1-9][0-9]{3,4})?`).Draw(t, "host"),
			contentType: rapid.SampledFrom([]string{formats[JSON].contentType, formats[CBOR].contentType}).Draw(t, "content type"),
			target:      rapid.SampledFrom([]string{targetPutRecord, targetPutRecords}).Draw(t, "target"),
		}
		times := rapid.SliceOfN(rapid.Int64Range(0, 4e9), 1, 2).Draw(t, "times")
		some := rapid.SliceOfN(rapid.Custom(drawCredentials), 1, 2).Draw(t, "credentials")
		// One signer signs at several times with several credentials in turn: what
		// it keeps must follow.
		for range rapid.IntRange(1, 4).Draw(t, "calls") {
			creds := rapid.SampledFrom(some).Draw(t, "credentials of the call")
			at := time.Unix(rapid.SampledFrom(times).Draw(t, "time of the call"), 0)
			body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")

			hash := sha256.Sum256(body)
			want, err := http.NewRequest(http.MethodPost, "http://"+s.host+"/", nil)
			if err != nil {
				t.Fatal(err)
			}
			want.Header.Set("Content-Type", s.contentType)
			want.Header.Set("User-Agent", "weir") // which the SDK doesn't sign
			want.Header.Set("X-Amz-Target", s.target)
			err = v4.NewSigner().SignHTTP(t.Context(), creds, want, hex.EncodeToString(hash[:]), service, s.region, at)
			if err != nil {
				t.Fatal(err)
			}
			stamp := s.at(&creds, at)
			sealed := stamp.seal(append(make([]byte, stamp.room()), body...))
			got, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(sealed)))
			if err != nil {
				t.Fatal(err)
			}
			gotBody, err := io.ReadAll(got.Body)
			if err != nil || !bytes.Equal(gotBody, body) || got.Host != s.host {
				t.Fatalf("body %q, want %q; host %s, want %s (%v)", gotBody, body, got.Host, s.host, err)
			}
			got.Header.Del("Content-Length")
			if diff := cmp.Diff(want.Header, got.Header); diff != "" {
				t.Fatalf("headers (-the SDK's +ours):\n%s", diff)
			}
		}
	})
}

func drawCredentials(t *rapid.T) aws.Credentials {
	return aws.Credentials{
		AccessKeyID:     rapid.StringMatching(`AKIA[A-Z0-9]{16}`).Draw(t, "access key"),
		SecretAccessKey: rapid.StringMatching(`[A-Za-z0-9/+]{40}`).Draw(t, "secret"),
		SessionToken:    rapid.StringMatching(`([A-Za-z0-9/+=]{16,900})?`).Draw(t, "session token"),
	}
}
