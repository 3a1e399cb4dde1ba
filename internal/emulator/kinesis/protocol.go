package kinesis

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"weir/internal/emulator/wire"
)

// Operations read and render JSON. A client that speaks CBOR, as AWS's for Java
// do, has its bodies turned into JSON and back; but for puts, which come by the
// thousand.

// cborShape is what answers hold besides what JSON shows.
var cborShape = wire.CBORShape{
	Blob: func(member string) bool { return member == "Data" },
	Time: func(member string) bool { return strings.HasSuffix(member, "Timestamp") },
}

// decode is the JSON of a request's body.
func decode(r *http.Request, body []byte) ([]byte, error) {
	if wire.IsCBOR(r) {
		return wire.CBORToJSON(body)
	}
	return body, nil
}

// encode is JSON of ours in what the request speaks.
func encode(r *http.Request, text []byte) []byte {
	if !wire.IsCBOR(r) {
		return text
	}
	body, err := cborShape.JSONToCBOR(text)
	if err != nil {
		panic("kinesis: an answer has no CBOR: " + err.Error())
	}
	return body
}

// rendered is an answer that is JSON already.
type rendered []byte

// encoded is an answer in what the request speaks.
type encoded []byte

// streaming is an answer that goes on: the function writes all of it.
type streaming func(http.ResponseWriter, *http.Request)

// reply writes an operation's answer.
func reply(w http.ResponseWriter, r *http.Request, answer any) {
	switch answer := answer.(type) {
	case nil:
		wire.WriteBody(w, r, http.StatusOK, nil)
	case streaming:
		answer(w, r)
	case encoded:
		wire.WriteBody(w, r, http.StatusOK, answer)
	case rendered:
		wire.WriteBody(w, r, http.StatusOK, encode(r, answer))
	default:
		wire.WriteBody(w, r, http.StatusOK, encode(r, render(answer)))
	}
}

// WriteError answers with an error as the service does, in the request's
// protocol.
func WriteError(w http.ResponseWriter, r *http.Request, e *wire.Error) { fail(w, r, e) }

// Operations are the operations of the API that the service has, in no order.
func Operations() []string { return slices.Collect(maps.Keys(operations)) }

// fail writes an error.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	e := wire.AsError(err)
	wire.WriteBody(w, r, e.Status, encode(r, errorBody(e)))
}

func errorBody(e *wire.Error) []byte {
	return render(struct {
		Type    string `json:"__type"`
		Message string `json:"message,omitempty"`
	}{e.Code, e.Message})
}

func render(answer any) []byte {
	text, err := json.Marshal(answer)
	if err != nil {
		panic("kinesis: an answer has no JSON: " + err.Error())
	}
	return text
}
