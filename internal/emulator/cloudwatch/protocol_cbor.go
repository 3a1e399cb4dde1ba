package cloudwatch

import (
	"fmt"
	"net/http"

	"github.com/fxamacker/cbor/v2"

	"weir/internal/emulator/wire"
)

// cborProtocol is Smithy's rpc-v2-cbor, of today's Go clients.
type cborProtocol struct{}

func (cborProtocol) decode(body []byte, into any) error {
	if len(body) == 0 {
		return nil
	}
	if err := cbor.Unmarshal(body, into); err != nil {
		return wire.Serialization(err.Error())
	}
	return nil
}

func (p cborProtocol) answer(w http.ResponseWriter, r *http.Request, _ string, output any) {
	if output == nil {
		p.write(w, http.StatusOK, nil)
		return
	}
	body, err := cbor.Marshal(output)
	if err != nil {
		p.fail(w, r, wire.AsError(fmt.Errorf("encode answer: %w", err)))
		return
	}
	p.write(w, http.StatusOK, body)
}

func (p cborProtocol) fail(w http.ResponseWriter, _ *http.Request, e *wire.Error) {
	nameQueryError(w, e)
	// A map of two texts always encodes.
	body, _ := cbor.Marshal(map[string]string{"__type": "com.amazonaws.cloudwatch#" + e.Code, "message": e.Message})
	p.write(w, e.Status, body)
}

func (cborProtocol) write(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	w.Header().Set(wire.RequestIDHeader, wire.RequestID())
	if body != nil {
		w.Header().Set("Content-Type", "application/cbor")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
