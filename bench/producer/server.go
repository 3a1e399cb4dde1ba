package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/fxamacker/cbor/v2"
	"github.com/valyala/fasthttp"
)

// smallestPut is less than any body with a record in it, and more than one
// without.
const smallestPut = 64

// serve is the role of the light server: it reads requests whole, parses none,
// and answers each as Kinesis would in length. It prints its address; a GET
// tells the number of puts answered so far.
func serve(batch int, rejectedShare float64, certFile string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	scheme := "http"
	if certFile != "" {
		scheme = "https"
		config, err := certify(certFile)
		if err != nil {
			return err
		}
		listener = tls.NewListener(listener, config)
	}
	var puts atomic.Int64
	answer := answerTo(batch, rejectedShare)
	inCBOR, err := asCBOR(answer)
	if err != nil {
		return err
	}
	refusal, err := asCBOR([]byte(`{"__type":"ValidationException"}`))
	if err != nil {
		return err
	}
	server := &fasthttp.Server{
		MaxRequestBodySize: 16 << 20,
		ReadBufferSize:     64 << 10,
		Handler: func(ctx *fasthttp.RequestCtx) {
			if ctx.IsGet() {
				_, _ = fmt.Fprint(ctx, puts.Load())
				return
			}
			ctx.SetContentTypeBytes(ctx.Request.Header.ContentType())
			if len(ctx.Request.Body()) < smallestPut { // a client asks what is taken
				ctx.SetStatusCode(fasthttp.StatusBadRequest)
				ctx.Response.SetBodyRaw(refusal)
				return
			}
			puts.Add(1)
			if bytes.HasSuffix(ctx.Request.Header.ContentType(), []byte("cbor-1.1")) {
				ctx.Response.SetBodyRaw(inCBOR)
				return
			}
			ctx.Response.SetBodyRaw(answer)
		},
	}
	fmt.Println(scheme + "://" + listener.Addr().String())
	return server.Serve(listener)
}

// answerTo is an answer to that many records as Kinesis writes it: sequence
// numbers of 56 digits, and for a share of the records the refusal that comes
// most often. A batch of one is answered as PutRecord.
func answerTo(batch int, rejectedShare float64) []byte {
	if batch == 1 {
		return fmt.Appendf(nil, `{"SequenceNumber":"49%054d","ShardId":"shardId-000000000001"}`, 1)
	}
	var entries bytes.Buffer
	rejected := 0
	for i := range batch {
		if i > 0 {
			entries.WriteByte(',')
		}
		if int(float64(i+1)*rejectedShare) > rejected {
			rejected++
			entries.WriteString(`{"ErrorCode":"ProvisionedThroughputExceededException","ErrorMessage":"Rate exceeded for shard shardId-000000000001 in stream bench under account 123456789012."}`)
			continue
		}
		fmt.Fprintf(&entries, `{"SequenceNumber":"49%054d","ShardId":"shardId-%012d"}`, i, i%4)
	}
	return []byte(`{"FailedRecordCount":` + strconv.Itoa(rejected) + `,"Records":[` + entries.String() + `]}`)
}

// asCBOR is an answer, given as JSON, in CBOR, with the members of all its
// entries in the same order.
func asCBOR(answer []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber() // an integer stays one
	var value map[string]any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if n, ok := value["FailedRecordCount"].(json.Number); ok {
		failed, err := n.Int64()
		if err != nil {
			return nil, fmt.Errorf("read the answer: %w", err)
		}
		value["FailedRecordCount"] = failed
	}
	ordered, err := cbor.EncOptions{Sort: cbor.SortBytewiseLexical}.EncMode()
	if err != nil {
		return nil, fmt.Errorf("write the answer in CBOR: %w", err)
	}
	text, err := ordered.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("write the answer in CBOR: %w", err)
	}
	return text, nil
}

// certify makes a certificate for this machine's loopback address and writes
// it to a file for clients to trust.
func certify(file string) (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "weir benchmark"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return nil, fmt.Errorf("write the certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, nil
}
