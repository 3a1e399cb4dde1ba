package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Signer is whom requests must be signed by: one long-lived access key.
type Signer struct{ AccessKey, SecretKey, Region string }

// clockSkew is how far a signature's time may be from the service's.
const clockSkew = 5 * time.Minute

// Formats of a signature's times.
const (
	isoBasic  = "20060102T150405Z"
	algorithm = "AWS4-HMAC-SHA256"
	terminal  = "aws4_request"
)

// Verify checks a request's Signature Version 4, in its header or in its query
// (presigned), as AWS does (IAM/latest/UserGuide/reference_sigv-create-signed-request,
// 2026-11-22). body is all of the request's body as it was sent. service is the
// credential scope that the request must have; empty takes any. nil means that
// the signature is good. The errors are AWS's, in the order in which they are
// looked for: MissingAuthenticationTokenException, IncompleteSignatureException,
// UnrecognizedClientException and InvalidSignatureException.
func (s Signer) Verify(now time.Time, r *http.Request, body []byte, service string) *Error {
	sig, err := signatureOf(r)
	if err != nil {
		return err
	}
	if sig.accessKey != s.AccessKey || r.Header.Get("X-Amz-Security-Token")+r.URL.Query().Get("X-Amz-Security-Token") != "" {
		return &Error{Code: "UnrecognizedClientException", Message: "The security token included in the request is invalid."}
	}
	if err := s.checkScope(sig, service); err != nil {
		return err
	}
	if err := sig.checkTime(now); err != nil {
		return err
	}
	want := s.sign(sig, sig.canonical(r, body))
	if !hmac.Equal([]byte(want), []byte(sig.value)) {
		return invalidSignature("The request signature we calculated does not match the signature you provided. " +
			"Check your AWS Secret Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

func invalidSignature(message string) *Error {
	return &Error{Code: "InvalidSignatureException", Message: message}
}

// checkScope checks the credential's scope and that the host is signed.
func (s Signer) checkScope(sig *signature, service string) *Error {
	switch {
	case sig.region != s.Region:
		return invalidSignature("Credential should be scoped to a valid region. ")
	case service != "" && sig.service != service:
		return invalidSignature("Credential should be scoped to correct service: '" + service + "'. ")
	case !slices.Contains(sig.headers, "host"):
		return invalidSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	case sig.terminal != terminal:
		return invalidSignature("Credential should be scoped with a valid terminator: '" + terminal + "', not '" + sig.terminal + "'. ")
	case !strings.HasPrefix(sig.time, sig.date):
		day, _, _ := strings.Cut(sig.time, "T")
		return invalidSignature("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			sig.date + "' != '" + day + "', from '" + sig.time + "'.")
	}
	return nil
}

// checkTime checks that the signature is of now, or that a presigned one has
// not ended.
func (sig *signature) checkTime(now time.Time) *Error {
	at, err := time.Parse(isoBasic, sig.time)
	if err != nil {
		return incompleteSignature("Date must be in ISO-8601 'basic format'. Got '" + sig.time + "'. See http://en.wikipedia.org/wiki/ISO_8601")
	}
	text := func(t time.Time) string { return t.UTC().Format(isoBasic) }
	switch {
	case at.After(now.Add(clockSkew)):
		return invalidSignature("Signature not yet current: " + sig.time + " is still later than " +
			text(now.Add(clockSkew)) + " (" + text(now) + " + 5 min.)")
	case sig.presigned && now.After(at.Add(sig.expires)):
		return invalidSignature("Signature expired: " + sig.time + " is now earlier than " + text(now.Add(-sig.expires)) +
			" (" + text(now) + " - " + strconv.Itoa(int(sig.expires/time.Second)) + " sec.)")
	case !sig.presigned && at.Before(now.Add(-clockSkew)):
		return invalidSignature("Signature expired: " + sig.time + " is now earlier than " +
			text(now.Add(-clockSkew)) + " (" + text(now) + " - 5 min.)")
	}
	return nil
}

// sign is the signature, in hex, that a request of this canonical form has.
func (s Signer) sign(sig *signature, canonical string) string {
	scope := sig.date + "/" + sig.region + "/" + sig.service + "/" + sig.terminal
	sum := sha256.Sum256([]byte(canonical))
	key := []byte("AWS4" + s.SecretKey)
	for _, part := range []string{sig.date, sig.region, sig.service, sig.terminal} {
		key = mac(key, part)
	}
	return hex.EncodeToString(mac(key, algorithm+"\n"+sig.time+"\n"+scope+"\n"+hex.EncodeToString(sum[:])))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonical is the request as it is signed.
func (sig *signature) canonical(r *http.Request, body []byte) string {
	var c strings.Builder
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	c.WriteString(r.Method + "\n" + escape(path, true) + "\n" + canonicalQuery(r) + "\n")
	for _, name := range sig.headers {
		c.WriteString(name + ":" + headerValue(r, name) + "\n")
	}
	sum := sha256.Sum256(body)
	c.WriteString("\n" + strings.Join(sig.headers, ";") + "\n" + hex.EncodeToString(sum[:]))
	return c.String()
}

// headerValue is a header as it is signed. net/http keeps two of them apart.
func headerValue(r *http.Request, name string) string {
	switch name {
	case "host":
		return r.Host
	case "content-length":
		return strconv.FormatInt(r.ContentLength, 10)
	}
	values := r.Header.Values(name)
	joined := make([]string, len(values))
	for i, v := range values {
		joined[i] = strings.Join(strings.FieldsFunc(v, func(c rune) bool { return c == ' ' }), " ")
	}
	return strings.Join(joined, ",")
}

// canonicalQuery is the query without its signature, escaped and in order.
func canonicalQuery(r *http.Request) string {
	var pairs []string
	for name, values := range r.URL.Query() {
		if name == "X-Amz-Signature" {
			continue
		}
		for _, value := range values {
			pairs = append(pairs, escape(name, false)+"="+escape(value, false))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// escape writes all but unreserved characters (RFC 3986), and slashes where
// they are kept, as %XX.
func escape(text string, keepSlash bool) string {
	const hexDigits = "0123456789ABCDEF"
	var out strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9',
			c == '-', c == '_', c == '.', c == '~', c == '/' && keepSlash:
			out.WriteByte(c)
		default:
			out.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		}
	}
	return out.String()
}
