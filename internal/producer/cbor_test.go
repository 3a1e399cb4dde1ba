package producer

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// The embedded endpoint takes both encodings and answers in kind, whole or with
// an error.
func TestEncodingsAgainstAnEndpoint(t *testing.T) {
	server := httptest.NewServer(stream(t))
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

// Records above a shard's limit are refused one by one, in either encoding: a
// shard takes 1 MiB a second, so one of two records of 700 KiB.
func TestRefusalsInEncodings(t *testing.T) {
	for encoding := range formats {
		server := httptest.NewServer(stream(t))
		p := newProducer(t, server.URL, func(c *Config) { c.Encoding = encoding })
		var r Result
		p.Put(t.Context(), []Record{{Data: make([]byte, 700<<10), PartitionKey: "k"}, {Data: make([]byte, 700<<10), PartitionKey: "k"}}, &r)
		if got := tally(&r); got != "A R:ProvisionedThroughputExceededException" || !strings.Contains(r.Records[1].Message, "for shard shardId-000000000000") {
			t.Errorf("%s: %s, %q (%v)", encoding, got, r.Records[1].Message, r.Err)
		}
		server.Close()
	}
}
