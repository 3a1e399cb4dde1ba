package wire

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

var (
	signer   = Signer{AccessKey: "AKIDEXAMPLE", SecretKey: "secret", Region: "us-east-1"}
	signedAt = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
)

// signed is a request to target as AWS's own signer signs it.
func signed(t *testing.T, method, target, body, region, service string, credentials aws.Credentials) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "Kinesis_20131202.PutRecord")
	r.Header.Set("X-Spaces", " a   b ")
	sum := sha256.Sum256([]byte(body))
	if err := v4.NewSigner().SignHTTP(context.Background(), credentials, r, hex.EncodeToString(sum[:]), service, region, signedAt); err != nil {
		t.Fatal(err)
	}
	return received(t, r)
}

// received is the request as a server reads it.
func received(t *testing.T, r *http.Request) *http.Request {
	t.Helper()
	in := httptest.NewRequestWithContext(t.Context(), r.Method, r.URL.String(), nil)
	in.Header, in.Host, in.ContentLength = r.Header.Clone(), r.URL.Host, r.ContentLength
	return in
}

var rightKey = aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "secret"}

func TestVerifyTakesWhatTheSDKSigns(t *testing.T) {
	for _, target := range []string{
		"http://localhost:4567/",
		"http://localhost:4567",
		"http://localhost/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations?Qualifier=a%20b&Empty=&A=2&A=1",
		"http://localhost/a%2Fb/c%20d/~x?x=%2F%2B",
	} {
		for _, body := range []string{"", `{"StreamName":"s"}`} {
			r := signed(t, http.MethodPost, target, body, "us-east-1", "kinesis", rightKey)
			if err := signer.Verify(signedAt.Add(4*time.Minute), r, []byte(body), "kinesis"); err != nil {
				t.Errorf("%s with body %q: %v", target, body, err)
			}
		}
	}
}

func TestVerifyTakesPresigned(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/?Action=GetCallerIdentity&X-Amz-Expires=600", nil)
	empty := sha256.Sum256(nil)
	presigned, _, err := v4.NewSigner().PresignHTTP(t.Context(), rightKey, r, hex.EncodeToString(empty[:]), "sts", "us-east-1", signedAt)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, url string
		at        time.Time
		want      string
	}{
		{"in its time", presigned, signedAt.Add(9 * time.Minute), ""},
		{"after it", presigned, signedAt.Add(11 * time.Minute), "InvalidSignatureException: Signature expired: 20261122T120000Z is now earlier than 20261122T120100Z (20261122T121100Z - 600 sec.)"},
		{"changed", strings.Replace(presigned, "GetCallerIdentity", "Other", 1), signedAt, "InvalidSignatureException: The request signature we calculated"},
		{"without its headers' names", strings.Replace(presigned, "X-Amz-SignedHeaders", "Y", 1), signedAt, "IncompleteSignatureException: AWS query-string parameters must include 'X-Amz-SignedHeaders'. Re-examine the query-string parameters."},
		{"good for a month", strings.Replace(presigned, "X-Amz-Expires=600", "X-Amz-Expires=2592000", 1), signedAt, "IncompleteSignatureException"},
	}
	for _, test := range tests {
		u, err := url.Parse(test.url)
		if err != nil {
			t.Fatal(err)
		}
		got := httptest.NewRequestWithContext(t.Context(), http.MethodGet, u.String(), nil)
		checkVerdict(t, test.name, signer.Verify(test.at, got, nil, ""), test.want)
	}
}

func TestVerifyRefuses(t *testing.T) {
	const body = `{"StreamName":"s"}`
	tests := []struct {
		name   string
		change func(*http.Request)
		after  time.Duration
		body   string
		want   string
	}{
		{"another body", nil, 0, "{}", "InvalidSignatureException: The request signature we calculated does not match"},
		{"a signed header changed", func(r *http.Request) { r.Header.Set("X-Amz-Target", "Kinesis_20131202.DeleteStream") }, 0, body, "InvalidSignatureException: The request signature"},
		{"a host that wasn't meant", func(r *http.Request) { r.Host = "other" }, 0, body, "InvalidSignatureException: The request signature"},
		{"five minutes old", nil, 5*time.Minute + time.Second, body, "InvalidSignatureException: Signature expired: 20261122T120000Z is now earlier than 20261122T120001Z (20261122T120501Z - 5 min.)"},
		{"of the future", nil, -5*time.Minute - time.Second, body, "InvalidSignatureException: Signature not yet current: 20261122T120000Z is still later than 20261122T115959Z (20261122T115459Z + 5 min.)"},
		{"no signature", func(r *http.Request) { r.Header.Del("Authorization") }, 0, body, "MissingAuthenticationTokenException: Missing Authentication Token"},
		{"no date", func(r *http.Request) { r.Header.Del("X-Amz-Date") }, 0, body, "IncompleteSignatureException: Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization="},
		{"a date of its own form", func(r *http.Request) { r.Header.Set("X-Amz-Date", "20261122") }, 0, body, "IncompleteSignatureException: Date must be in ISO-8601"},
		{"another day", func(r *http.Request) { r.Header.Set("X-Amz-Date", "20261123T120000Z") }, 0, body, "InvalidSignatureException: Date in Credential scope does not match"},
		{"another way to sign", func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 0, body, "IncompleteSignatureException"},
		{"a session's token", func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") }, 0, body, "UnrecognizedClientException: The security token included in the request is invalid."},
		{"both ways", func(r *http.Request) { r.URL.RawQuery = "X-Amz-Signature=1" }, 0, body, "InvalidSignatureException: Found both"},
	}
	for _, test := range tests {
		r := signed(t, http.MethodPost, "http://localhost/", body, "us-east-1", "kinesis", rightKey)
		if test.change != nil {
			test.change(r)
		}
		checkVerdict(t, test.name, signer.Verify(signedAt.Add(test.after), r, []byte(test.body), "kinesis"), test.want)
	}
}

func TestVerifyRefusesTheSigner(t *testing.T) {
	tests := []struct {
		name, region, service string
		key                   aws.Credentials
		want                  string
	}{
		{"unknown key", "us-east-1", "kinesis", aws.Credentials{AccessKeyID: "AKIDOTHER", SecretAccessKey: "secret"}, "UnrecognizedClientException"},
		{"wrong secret", "us-east-1", "kinesis", aws.Credentials{AccessKeyID: "AKIDEXAMPLE", SecretAccessKey: "guess"}, "InvalidSignatureException: The request signature"},
		{"another region", "eu-west-1", "kinesis", rightKey, "InvalidSignatureException: Credential should be scoped to a valid region."},
		{"another service", "us-east-1", "dynamodb", rightKey, "InvalidSignatureException: Credential should be scoped to correct service: 'kinesis'."},
	}
	for _, test := range tests {
		r := signed(t, http.MethodPost, "http://localhost/", "{}", test.region, test.service, test.key)
		checkVerdict(t, test.name, signer.Verify(signedAt, r, []byte("{}"), "kinesis"), test.want)
	}
}

func checkVerdict(t *testing.T, name string, got *Error, want string) {
	t.Helper()
	switch {
	case want == "" && got != nil:
		t.Errorf("%s: refused: %v", name, got)
	case want != "" && (got == nil || !strings.HasPrefix(got.Error(), want)):
		t.Errorf("%s: got %v, want %s", name, got, want)
	}
}

// No header may break the reading of a signature, and none that AWS's signer
// didn't make is good.
func FuzzVerify(f *testing.F) {
	f.Add("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=00", "20261122T120000Z", "X-Amz-Expires=1")
	f.Add("AWS4-HMAC-SHA256 Credential=,,=, SignedHeaders=;;", "Sun, 22 Nov 2026 12:00:00 GMT", "X-Amz-Algorithm=%zz;&X-Amz-Credential=a/b/c/d/e")
	f.Fuzz(func(t *testing.T, authorization, date, query string) {
		r := &http.Request{Method: http.MethodPost, Host: "localhost", URL: &url.URL{Path: "/", RawQuery: query}, Header: http.Header{}}
		r.Header.Set("Authorization", authorization)
		r.Header.Set("X-Amz-Date", date)
		if signer.Verify(signedAt, r, bytes.Repeat([]byte("a"), 3), "") == nil {
			t.Errorf("%q with query %q is good", authorization, query)
		}
	})
}
