package wire

import (
	"bytes"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// EventWriter answers a request with an event stream
// (application/vnd.amazon.eventstream). It is for one goroutine.
type EventWriter struct {
	w           http.ResponseWriter
	flush       func() error
	encoder     *eventstream.Encoder
	frame       bytes.Buffer
	contentType string
}

// StartEvents sends the header and the initial-response frame that clients wait
// for; payload is the operation's answer besides its events, in the encoding
// that the request spoke. An error is that of the connection, here and below.
func StartEvents(w http.ResponseWriter, r *http.Request, payload []byte) (*EventWriter, error) {
	w.Header().Set("Content-Type", "application/vnd.amazon.eventstream")
	w.Header().Set(RequestIDHeader, RequestID())
	w.WriteHeader(http.StatusOK)
	e := &EventWriter{
		w:           w,
		flush:       http.NewResponseController(w).Flush,
		encoder:     eventstream.NewEncoder(),
		contentType: contentType(r),
	}
	return e, e.Event("initial-response", payload)
}

// Event sends one event of the given type.
func (e *EventWriter) Event(name string, payload []byte) error {
	return e.send("event", ":event-type", name, payload)
}

// Exception sends an error as the stream's last frame; payload is its body.
func (e *EventWriter) Exception(code string, payload []byte) error {
	return e.send("exception", ":exception-type", code, payload)
}

func (e *EventWriter) send(kind, nameHeader, name string, payload []byte) error {
	e.frame.Reset()
	message := eventstream.Message{Payload: payload}
	message.Headers.Set(":message-type", eventstream.StringValue(kind))
	message.Headers.Set(nameHeader, eventstream.StringValue(name))
	message.Headers.Set(":content-type", eventstream.StringValue(e.contentType))
	if err := e.encoder.Encode(&e.frame, message); err != nil {
		return fmt.Errorf("encode event: %w", err)
	}
	if _, err := e.w.Write(e.frame.Bytes()); err != nil {
		return fmt.Errorf("write event: %w", err)
	}
	return e.flush()
}
