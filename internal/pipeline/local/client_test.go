package local

import (
	"io"
	"net/http"
	"testing"
)

// clientFunc is an HTTP client.
type clientFunc func(*http.Request) (*http.Response, error)

func (f clientFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// writerTo is a body as the SDK makes it.
type writerTo struct{ io.ReadCloser }

func (writerTo) WriteTo(io.Writer) (int64, error) { return 0, io.EOF }

// The body that net/http sees can only be read: a WriteTo after the answer came
// would end the connection, and the SDK would put the records once more.
func TestBodyReader(t *testing.T) {
	for name, body := range map[string]io.ReadCloser{"a body": writerTo{}, "none": nil, "an empty one": http.NoBody} {
		var sent io.ReadCloser
		b := bodyReader{clientFunc(func(r *http.Request) (*http.Response, error) {
			sent = r.Body
			return nil, nil
		})}
		b.Do(&http.Request{Body: body})
		if _, ok := sent.(io.WriterTo); ok && sent != http.NoBody {
			t.Errorf("%s: it was sent with its WriteTo", name)
		}
		if (sent == nil) != (body == nil) || (sent == http.NoBody) != (body == http.NoBody) {
			t.Errorf("%s: it was sent as %T", name, sent)
		}
	}
}

// The pipeline's clients have it, whatever they are made for.
func TestAddressHasTheBodyReader(t *testing.T) {
	p, err := Start(t.Context(), Defaults())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if _, ok := p.Address().Config.HTTPClient.(bodyReader); !ok {
		t.Errorf("the HTTP client is a %T", p.Address().Config.HTTPClient)
	}
}
