package cloudwatch

import (
	"net/http"

	"weir/internal/emulator/wire"
)

// jsonProtocol is awsJson 1.0, of today's Python clients and the AWS CLI.
type jsonProtocol struct{}

func (jsonProtocol) decode(body []byte, into any) error { return wire.DecodeJSON(body, into) }

func (jsonProtocol) answer(w http.ResponseWriter, r *http.Request, _ string, output any) {
	wire.WriteJSON(w, r, http.StatusOK, output)
}

func (jsonProtocol) fail(w http.ResponseWriter, r *http.Request, e *wire.Error) {
	nameQueryError(w, e)
	wire.WriteError(w, r, e)
}
