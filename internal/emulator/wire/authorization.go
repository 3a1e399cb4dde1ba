package wire

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// signature is what a request says of its own.
type signature struct {
	accessKey, date, region, service, terminal string

	time      string   // as sent
	headers   []string // signed ones, in the order named
	value     string   // in hex
	presigned bool
	expires   time.Duration // of a presigned one
}

// longestPresigned is how long a presigned request may be good for
// (AmazonS3/latest/API/sigv4-query-string-auth, 2026-11-22).
const longestPresigned = 7 * 24 * time.Hour

func incompleteSignature(message string) *Error {
	return &Error{Code: "IncompleteSignatureException", Message: message}
}

// signatureOf finds the signature in the header or the query.
func signatureOf(r *http.Request) (*signature, *Error) {
	header, query := r.Header.Get("Authorization"), r.URL.Query()
	inQuery := query.Has("X-Amz-Algorithm") || query.Has("X-Amz-Signature") || query.Has("X-Amz-Credential")
	switch {
	case header != "" && inQuery:
		return nil, invalidSignature("Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case inQuery:
		return fromQuery(query)
	case strings.HasPrefix(header, algorithm):
		return fromHeader(r, header)
	case header != "":
		return nil, incompleteSignature("Authorization header requires '" + algorithm + "' as its algorithm. Authorization=" + header)
	}
	return nil, &Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"}
}

// fromHeader reads "AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…".
func fromHeader(r *http.Request, header string) (*signature, *Error) {
	given := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(header, algorithm), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		given[name] = value
	}
	var missing strings.Builder
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if given[name] == "" {
			missing.WriteString("Authorization header requires '" + name + "' parameter. ")
		}
	}
	at := r.Header.Get("X-Amz-Date")
	if at == "" {
		at = r.Header.Get("Date")
	}
	if at == "" {
		missing.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if missing.Len() > 0 {
		return nil, incompleteSignature(missing.String() + "Authorization=" + header)
	}
	if t, err := http.ParseTime(at); err == nil { // a Date header in HTTP's own form
		at = t.UTC().Format(isoBasic)
	}
	sig := &signature{time: at, headers: strings.Split(given["SignedHeaders"], ";"), value: given["Signature"]}
	return sig, sig.scope(given["Credential"])
}

// fromQuery reads the parameters of a presigned request.
func fromQuery(query url.Values) (*signature, *Error) {
	var missing strings.Builder
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"} {
		if query.Get(name) == "" {
			missing.WriteString("AWS query-string parameters must include '" + name + "'. ")
		}
	}
	if missing.Len() > 0 {
		return nil, incompleteSignature(missing.String() + "Re-examine the query-string parameters.")
	}
	sig := &signature{
		time: query.Get("X-Amz-Date"), headers: strings.Split(query.Get("X-Amz-SignedHeaders"), ";"),
		value: query.Get("X-Amz-Signature"), presigned: true, expires: clockSkew,
	}
	if text := query.Get("X-Amz-Expires"); text != "" {
		seconds, err := strconv.Atoi(text)
		if err != nil || seconds < 0 || seconds > int(longestPresigned/time.Second) {
			return nil, incompleteSignature("X-Amz-Expires must be a number of seconds, at most a week. Got '" + text + "'.")
		}
		sig.expires = time.Duration(seconds) * time.Second
	}
	return sig, sig.scope(query.Get("X-Amz-Credential"))
}

// scope takes a credential apart: KEY/20261122/us-east-1/kinesis/aws4_request.
func (sig *signature) scope(credential string) *Error {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return incompleteSignature("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '" + credential + "'")
	}
	sig.accessKey, sig.date, sig.region, sig.service, sig.terminal = parts[0], parts[1], parts[2], parts[3], parts[4]
	return nil
}
