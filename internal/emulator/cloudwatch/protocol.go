package cloudwatch

import (
	"net/http"
	"strings"

	"weir/internal/emulator/wire"
)

// protocol is one of the three ways to say the same CloudWatch request and
// answer. Operations know none of them.
type protocol interface {
	// decode fills an operation's input, a pointer to a struct.
	decode(body []byte, into any) error
	// answer writes an operation's output; nil where it has none.
	answer(w http.ResponseWriter, r *http.Request, operation string, output any)
	// fail writes an error.
	fail(w http.ResponseWriter, r *http.Request, e *wire.Error)
}

const (
	targetPrefix = "GraniteServiceVersion20100801"
	cborPrefix   = "/service/" + targetPrefix + "/operation/"
	formType     = "application/x-www-form-urlencoded"
)

// protocolOf is the protocol of a request and the operation that its head
// names; query names it in the body.
func protocolOf(r *http.Request) (p protocol, operation string) {
	if operation, ok := strings.CutPrefix(r.URL.Path, cborPrefix); ok {
		return cborProtocol{}, operation
	}
	if service, operation := wire.Target(r); service == targetPrefix {
		return jsonProtocol{}, operation
	}
	return queryProtocol{}, ""
}

// nameQueryError tells clients that once spoke query the name they know the
// error by.
func nameQueryError(w http.ResponseWriter, e *wire.Error) {
	w.Header().Set("X-Amzn-Query-Error", queryCode(e)+";"+blame(e))
}
