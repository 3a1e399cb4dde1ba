package local

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"strings"
	"time"

	"weir/internal/emulator/wire"
)

// largestSigned is the largest body that is read to check its signature: a
// function's zip of 50 MiB in base64 is the largest request of all.
const largestSigned = 70 << 20

// verified is a handler that lets only requests through that are signed with
// the embedded account's credentials.
func verified(next http.Handler, signer wire.Signer, now func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := wire.ReadRaw(w, r, largestSigned, nil)
		if err != nil {
			refuse(w, r, wire.AsError(err))
			return
		}
		if e := signer.Verify(now(), r, body, serviceOf(r)); e != nil {
			refuse(w, r, e)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// serviceOf is the service that a request must be signed for; "" where only its
// signature says which it means.
func serviceOf(r *http.Request) string {
	switch target, _ := wire.Target(r); {
	case strings.HasPrefix(target, "Kinesis_"):
		return "kinesis"
	case strings.HasPrefix(target, "Logs_"):
		return "logs"
	case isLambdaPath(r.URL.Path):
		return "lambda"
	}
	return ""
}

// refuse answers an error in the shape of the protocol that the request speaks.
func refuse(w http.ResponseWriter, r *http.Request, e *wire.Error) {
	status := wire.AsError(e).Status
	type shape struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}
	switch {
	case r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		writeCBOR(w, status, shape{e.Code, e.Message})
	case wire.IsCBOR(r):
		w.Header().Set("Content-Type", wire.ContentTypeCBOR11)
		writeCBOR(w, status, shape{e.Code, e.Message})
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		refuseQuery(w, e)
	case isLambdaPath(r.URL.Path):
		// A REST service's gateway answers these with 403.
		w.Header().Set("X-Amzn-ErrorType", e.Code)
		wire.WriteError(w, r, &wire.Error{Code: e.Code, Message: e.Message, Status: http.StatusForbidden})
	default:
		wire.WriteError(w, r, e)
	}
}

// errorShape says that an error holds text only.
var errorShape = wire.CBORShape{
	Blob: func(string) bool { return false },
	Time: func(string) bool { return false },
}

func writeCBOR(w http.ResponseWriter, status int, answer any) {
	text, err := json.Marshal(answer)
	if err != nil {
		panic("local: an error has no JSON: " + err.Error())
	}
	body, err := errorShape.JSONToCBOR(text)
	if err != nil {
		panic("local: an error has no CBOR: " + err.Error())
	}
	w.Header().Set(wire.RequestIDHeader, wire.RequestID())
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck // the client's connection
}

// queryCodes are the names that AWS's query services give the errors
// (STS and CloudWatch, API reference, common errors, 2026-11-22).
var queryCodes = map[string]string{
	"MissingAuthenticationTokenException": "MissingAuthenticationToken",
	"IncompleteSignatureException":        "IncompleteSignature",
	"UnrecognizedClientException":         "InvalidClientTokenId",
	"InvalidSignatureException":           "SignatureDoesNotMatch",
}

func refuseQuery(w http.ResponseWriter, e *wire.Error) {
	answer := struct {
		XMLName   xml.Name `xml:"ErrorResponse"`
		Type      string   `xml:"Error>Type"`
		Code      string   `xml:"Error>Code"`
		Message   string   `xml:"Error>Message"`
		RequestID string   `xml:"RequestId"`
	}{Type: "Sender", Code: queryCodes[e.Code], Message: e.Message, RequestID: wire.RequestID()}
	if answer.Code == "" {
		answer.Code = e.Code
	}
	body, err := xml.Marshal(answer)
	if err != nil {
		panic("local: an error has no XML: " + err.Error())
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(http.StatusForbidden)
	w.Write(body) //nolint:errcheck // the client's connection
}
