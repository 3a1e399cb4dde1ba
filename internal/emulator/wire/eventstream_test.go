package wire

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
)

// The first frame, byte for byte as AWS's clients accept it.
func TestEventsStartWithTheInitialResponse(t *testing.T) {
	w := httptest.NewRecorder()
	if _, err := StartEvents(w, httptest.NewRequest(http.MethodPost, "/", nil), []byte("{}")); err != nil {
		t.Fatal(err)
	}
	const want = "0000007200000060ab820d9e0d3a6d6573736167652d747970650700056576656e740b3a6576656e742d74797065070010696e697469616c2d726573706f6e73650d3a636f6e74656e742d7479706507001a6170706c69636174696f6e2f782d616d7a2d6a736f6e2d312e317b7de16e66e4"
	if got := hex.EncodeToString(w.Body.Bytes()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := w.Header().Get("Content-Type"); got != "application/vnd.amazon.eventstream" {
		t.Errorf("content type %s", got)
	}
}

func TestEventsAndExceptions(t *testing.T) {
	w := httptest.NewRecorder()
	events, err := StartEvents(w, httptest.NewRequest(http.MethodPost, "/", nil), []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if err := events.Event("Tick", []byte(`{"n":1}`)); err != nil {
		t.Fatal(err)
	}
	if err := events.Exception("ResourceInUseException", []byte(`{"message":"taken"}`)); err != nil {
		t.Fatal(err)
	}
	var got []string
	decoder := eventstream.NewDecoder()
	for body := w.Body; body.Len() > 0; {
		m, err := decoder.Decode(body, nil)
		if err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		for _, h := range m.Headers[:2] {
			line.WriteString(h.Value.String() + " ")
		}
		got = append(got, line.String()+string(m.Payload))
	}
	want := "event initial-response {}|event Tick {\"n\":1}|exception ResourceInUseException {\"message\":\"taken\"}"
	if strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
