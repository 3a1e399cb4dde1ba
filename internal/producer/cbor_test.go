package producer

import (
	"net/http/httptest"
	"testing"

	"weir/internal/emulator/kinesis"
)

// The embedded endpoint, which reads JSON with its own scanner and CBOR with a
// library, takes both encodings and answers in kind, whole or with an error.
func TestEncodingsAgainstAnEndpoint(t *testing.T) {
	endpoint := kinesis.New(kinesis.Config{Region: "eu-west-1", AccountID: "123456789012", ShardLimitFactor: 1})
	if err := endpoint.CreateStream("orders", 1, kinesis.StreamOptions{}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(endpoint)
	defer server.Close()
	for encoding := range formats {
		for _, single := range []bool{false, true} {
			for stream, want := range map[string]string{"orders": "A", "absent": "R:ResourceNotFoundException"} {
				p := newProducer(t, server.URL, func(c *Config) { c.Encoding, c.SinglePut, c.Stream = encoding, single, stream })
				var r Result
				p.Put(t.Context(), three()[:1], &r)
				if got := tally(&r); got != want {
					t.Errorf("%s, single %v, stream %s: %s (%v), want %s", encoding, single, stream, got, r.Err, want)
				}
			}
		}
	}
}
