package local

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// bodyReader is the SDK's HTTP client for a pipeline that may answer before the
// client has noticed that its request is written. The SDK closes the body as
// soon as there is an answer; the body's WriteTo (smithy-go v1.28.8,
// transport/http/internal/io/safe.go) then gives net/http an io.EOF, which takes
// it for a failed write and closes the connection with the answer still in it.
// The SDK repeats the call: put records are put twice. Without WriteTo net/http
// reads the body, whose Read ends as it should.
type bodyReader struct{ client aws.HTTPClient }

func newBodyReader() bodyReader { return bodyReader{awshttp.NewBuildableClient()} }

func (b bodyReader) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct{ io.ReadCloser }{r.Body}
	}
	return b.client.Do(r)
}
