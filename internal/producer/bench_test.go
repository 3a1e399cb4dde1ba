package producer

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"
)

// answerTo is a real-size answer to n accepted records.
func answerTo(n int) []byte {
	var b strings.Builder
	b.WriteString(`{"FailedRecordCount":0,"Records":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"SequenceNumber":"49%054d","ShardId":"shardId-000000000%03d"}`, i, i%4)
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

// BenchmarkPut measures the whole call over loopback; client and server share
// the machine's cores.
func BenchmarkPut(b *testing.B) {
	for _, size := range []struct {
		records, bytes int
		encoding       Encoding
	}{
		{1, 500, JSON},
		{1, 500, CBOR},
		{500, 500, JSON},
		{500, 500, CBOR},
		{500, 100, JSON},
		{500, 100, CBOR},
	} {
		b.Run(fmt.Sprintf("%dx%dB/%s", size.records, size.bytes, size.encoding), func(b *testing.B) {
			answer := inFormat(b, size.encoding, answerTo(size.records))
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			server := &fasthttp.Server{
				MaxRequestBodySize: 16 << 20,
				Handler:            func(ctx *fasthttp.RequestCtx) { ctx.SetBody(answer) },
			}
			go func() { _ = server.Serve(listener) }()
			defer func() { _ = server.Shutdown() }()

			p, err := New(Config{
				Endpoint: "http://" + listener.Addr().String(), Region: "eu-west-1", Stream: "orders",
				Credentials: keys, Timeout: 5 * time.Second, MaxConns: 1, Encoding: size.encoding,
			})
			if err != nil {
				b.Fatal(err)
			}
			defer p.Close()
			records := make([]Record, size.records)
			for i := range records {
				records[i] = Record{Data: make([]byte, size.bytes), PartitionKey: fmt.Sprintf("k-%05d", i)}
			}
			var r Result
			b.ReportAllocs()
			for b.Loop() {
				p.Put(b.Context(), records, &r)
				if r.Err != nil {
					b.Fatal(r.Err)
				}
			}
			perRecord := float64(b.Elapsed().Microseconds()) / float64(b.N*size.records)
			b.ReportMetric(perRecord, "µs/record")
			b.ReportMetric(1e6/perRecord, "records/s")
		})
	}
}

func BenchmarkBody(b *testing.B) {
	for encoding, f := range formats {
		b.Run(string(encoding), func(b *testing.B) { benchmarkBody(b, f) })
	}
}

func benchmarkBody(b *testing.B, f *format) {
	records := make([]Record, 500)
	for i := range records {
		records[i] = Record{Data: make([]byte, 500), PartitionKey: fmt.Sprintf("k-%05d", i)}
	}
	stream := f.stream(nil, "orders")
	var dst []byte
	for b.Loop() {
		dst = f.putRecords(dst[:0], stream, records)
	}
	b.SetBytes(int64(len(dst)))
}

func BenchmarkScan(b *testing.B) {
	for encoding, f := range formats {
		b.Run(string(encoding), func(b *testing.B) {
			answer := inFormat(b, encoding, answerTo(500))
			outcomes := make([]Outcome, 500)
			b.SetBytes(int64(len(answer)))
			for b.Loop() {
				f.scanRecords(answer, outcomes)
			}
		})
	}
}
