// Package producer puts records into a Kinesis stream at wire speed. It builds
// and signs PutRecord and PutRecords requests itself and reports what became
// of every record. A refused record is an outcome; whether it is put again is
// the retry policy's to decide, and every try is counted.
//
// Three things can become of a record (see Fate). What matters most is the
// line between a call that never left this machine, whose records are certainly
// not in the stream, and one that was sent and got no usable answer, whose
// records may be.
package producer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/valyala/fasthttp"
)

// Config says where and how to put records.
type Config struct {
	Endpoint string // http or https URL without a path; empty: AWS's endpoint of Region
	Region   string // part of the signature, required
	Stream   string // name or ARN, required

	// Credentials signs the calls; required. It is asked once and then only as
	// credentials come near their end, in the background. The SDK's chain should
	// be loaded with ExactExpiry.
	Credentials aws.CredentialsProvider

	// Timeout of one call, connecting included; required.
	Timeout time.Duration
	// MaxConns is the number of connections, so of calls under way at once;
	// calls beyond are refused with CauseNoConnection. Required.
	MaxConns int
	// SinglePut sends a call of one record as PutRecord instead of PutRecords.
	SinglePut bool
	// Retry says which records are put again; empty: none.
	Retry Retry
	// RootCAs are the authorities that an https endpoint's certificate is checked
	// with; nil: the system's.
	RootCAs *x509.CertPool
	// Encoding of calls; empty: Auto.
	Encoding Encoding
	// OnChoice, if given, is told once what Auto came to, before the first call.
	OnChoice func(Choice)
}

// Record is what goes into the stream.
type Record struct {
	Data            []byte
	PartitionKey    string
	ExplicitHashKey string // empty: the partition key's hash decides
}

// Producer puts records into one stream. It is safe for concurrent use.
type Producer struct {
	config      Config
	host        string
	pool        *pool
	credentials *keeper
	policy      policy // nil: every record is put once

	asking  sync.Mutex
	dialect atomic.Pointer[dialect] // nil: the endpoint is still to be asked
}

// New makes a producer; it connects at the first call.
func New(c Config) (*Producer, error) {
	switch {
	case c.Region == "":
		return nil, errors.New("no region for the signature of calls")
	case c.Stream == "":
		return nil, errors.New("no stream to put records into")
	case c.Credentials == nil:
		return nil, errors.New("no credentials provider")
	case c.Timeout <= 0 || c.MaxConns <= 0:
		return nil, fmt.Errorf("timeout %v and %d connections: both must be above zero", c.Timeout, c.MaxConns)
	}
	if c.Endpoint == "" {
		c.Endpoint = "https://kinesis." + c.Region + "." + dnsSuffix(c.Region)
	}
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return nil, fmt.Errorf("endpoint %q: want http://host[:port] or https://host[:port]", c.Endpoint)
	}
	host := u.Host
	if port := u.Port(); port == defaultPorts[u.Scheme] {
		host = strings.TrimSuffix(host, ":"+port) // as clients do; the signature covers the name
	}
	policy, err := newPolicy(c.Retry, rand.Float64)
	if err != nil {
		return nil, err
	}
	encoding, err := ParseEncoding(string(c.Encoding))
	if err != nil {
		return nil, err
	}
	p := &Producer{
		config:      c,
		host:        host,
		pool:        &pool{dial: newDialer(u, c.RootCAs).dial, limit: c.MaxConns},
		credentials: &keeper{provider: c.Credentials},
		policy:      policy,
	}
	if encoding != Auto {
		p.dialect.Store(p.dialectOf(encoding))
	}
	return p, nil
}

// dnsSuffix is the domain of AWS's endpoints in a region.
func dnsSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Put puts records and fills result with the outcome of each, in order: in one
// call, and in further ones as far as the retry policy asks for them. It blocks
// until the last answer or timeout. When ctx ends no further call is made, but
// one under way gets its answer: to give up a call that was sent would make its
// records indeterminate for nothing.
//
// The result's memory is reused: what it held before is gone. Records must not
// change until Put returns.
func (p *Producer) Put(ctx context.Context, records []Record, result *Result) {
	result.begin(len(records), time.Now())
	result.run(ctx, records, p.policy, p.round)
}

// round makes one call.
func (p *Producer) round(records []Record, outcomes []Outcome, r *Result) {
	start := time.Now()
	bytes, err := p.request(records, outcomes, start, r)
	r.Calls = append(r.Calls, Call{After: start.Sub(r.Started), Duration: time.Since(start), Records: len(records), Bytes: bytes})
	r.Err = err
}

// request signs and sends one request, settles outcomes by its answer, and
// returns the length of its body.
func (p *Producer) request(records []Record, outcomes []Outcome, start time.Time, r *Result) (int, error) {
	creds, err := p.credentials.get(start, p.config.Timeout)
	if err != nil {
		err = &callError{err: err}
		settle(outcomes, Rejected, CauseNoCredentials, err)
		return 0, err
	}
	d := p.speak(&creds)
	single := p.config.SinglePut && len(records) == 1
	sign, write := &d.putRecords, d.format.putRecords
	if single {
		sign, write = &d.putRecord, d.format.putRecord
	}
	stamp := sign.at(&creds, start)
	room := stamp.room()
	r.request = write(slices.Grow(r.request[:0], room)[:room], d.stream, records)
	bytes := len(r.request) - room

	resp := fasthttp.AcquireResponse()
	defer fasthttp.ReleaseResponse(resp)
	if err := p.pool.exchange(stamp.seal(r.request), p.config.Timeout, resp); err != nil {
		return bytes, failed(outcomes, err)
	}
	answer := r.keep(resp)
	err = formatOf(answer, d.format).read(resp.StatusCode(), string(resp.Header.Peek("X-Amzn-Errortype")), answer, single, outcomes)
	if err != nil && len(outcomes) > 0 && outcomes[0].Cause == CauseExpiredToken {
		p.credentials.refused(creds)
	}
	return bytes, err
}

// Prepare settles the encoding, so that no call waits for that; once it is done
// it does nothing. It blocks at most for two of a call's timeouts. What fails
// here is left to the calls, whose outcome it will be.
func (p *Producer) Prepare() {
	if p.dialect.Load() == nil {
		p.Warm(0)
	}
}

// Warm gets credentials, settles the encoding and opens connections, 64 at most,
// so that no call waits for any. It blocks until that is done, at most for a
// call's timeout each. What fails here is left to the calls, whose outcome it
// will be.
func (p *Producer) Warm(connections int) {
	creds, err := p.credentials.get(time.Now(), p.config.Timeout)
	if err != nil {
		return
	}
	p.speak(&creds)
	p.pool.warm(min(connections, p.config.MaxConns, maxWarm), p.config.Timeout)
}

// maxWarm bounds the connections opened ahead.
const maxWarm = 64

// Close closes idle connections.
func (p *Producer) Close() { p.pool.close() }
