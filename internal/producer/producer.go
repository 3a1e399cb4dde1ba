// Package producer puts records into a Kinesis stream at wire speed. It builds
// and signs PutRecord and PutRecords requests itself and reports what became
// of every record. It does not retry: a refused record is an outcome, and what
// to do about it is the caller's to decide.
//
// Three things can become of a record (see Fate). What matters most is the
// line between a call that never left this machine, whose records are certainly
// not in the stream, and one that was sent and got no usable answer, whose
// records may be.
package producer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/valyala/fasthttp"
)

// Config says where and how to put records.
type Config struct {
	Endpoint string // http or https URL without a path; empty: AWS's endpoint of Region
	Region   string // part of the signature, required
	Stream   string // name or ARN, required

	// Credentials signs the calls; required. A provider that asks a service
	// should be wrapped in aws.NewCredentialsCache: it is asked at every call.
	Credentials aws.CredentialsProvider

	// Timeout of one call, connecting included; required.
	Timeout time.Duration
	// MaxConns is the number of connections, so of calls under way at once;
	// calls beyond are refused with CauseNoConnection. Required.
	MaxConns int
	// SinglePut sends a call of one record as PutRecord instead of PutRecords.
	SinglePut bool
}

// Record is what goes into the stream.
type Record struct {
	Data            []byte
	PartitionKey    string
	ExplicitHashKey string // empty: the partition key's hash decides
}

// Producer puts records into one stream. It is safe for concurrent use.
type Producer struct {
	config Config
	host   string
	client *fasthttp.HostClient
	signer signer
	// stream is the body's member that names the stream, ready to append.
	stream []byte
	bodies sync.Pool // of *[]byte
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
	p := &Producer{
		config: c,
		host:   host,
		client: newClient(u, c.MaxConns, c.Timeout),
		signer: signer{region: c.Region, host: host},
		stream: appendStream(nil, c.Stream),
	}
	p.bodies.New = func() any { return new([]byte) }
	return p, nil
}

// dnsSuffix is the domain of AWS's endpoints in a region.
func dnsSuffix(region string) string {
	if strings.HasPrefix(region, "cn-") {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// Put sends records in one call and fills result with the outcome of each, in
// order. It blocks until the answer or the timeout: ctx bounds only the wait
// for credentials, because giving up on a call that was sent would make its
// records indeterminate for nothing.
//
// The result's memory is reused: what it held before is gone. Records must not
// change during the call.
func (p *Producer) Put(ctx context.Context, records []Record, result *Result) {
	result.begin(len(records), time.Now())
	defer func() { result.Duration = time.Since(result.Started) }()
	creds, err := p.config.Credentials.Retrieve(ctx)
	if err != nil {
		result.settle(Rejected, CauseNoCredentials, fmt.Errorf("retrieve credentials: %w", err))
		return
	}

	body := p.bodies.Get().(*[]byte)
	defer p.bodies.Put(body)
	single := p.config.SinglePut && len(records) == 1
	target := targetPutRecords
	if single {
		target = targetPutRecord
		*body = appendPutRecord((*body)[:0], p.stream, &records[0])
	} else {
		*body = appendPutRecords((*body)[:0], p.stream, records)
	}
	result.RequestBytes = len(*body)
	p.call(creds, target, *body, result)
}

// call sends one signed request and settles the result by its answer.
func (p *Producer) call(creds aws.Credentials, target string, body []byte, result *Result) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(resp)

	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType(contentType)
	req.Header.SetUserAgent("weir")
	req.URI().SetScheme("http")
	if p.client.IsTLS {
		req.URI().SetScheme("https")
	}
	req.URI().SetHost(p.host)
	req.URI().SetPath("/")
	date, authorization := p.signer.sign(creds, target, sha256.Sum256(body), result.Started)
	req.Header.Set("X-Amz-Target", target)
	req.Header.Set("X-Amz-Date", date)
	if creds.SessionToken != "" {
		req.Header.Set("X-Amz-Security-Token", creds.SessionToken)
	}
	req.Header.Set("Authorization", authorization)
	req.SetBodyRaw(body)

	if err := p.client.DoTimeout(req, resp, p.config.Timeout); err != nil {
		fate, cause := failure(err)
		result.settle(fate, cause, err)
		return
	}
	result.answer = append(result.answer[:0], resp.Body()...)
	result.read(resp.StatusCode(), string(resp.Header.Peek("X-Amzn-Errortype")), target == targetPutRecord)
}

// Close closes idle connections.
func (p *Producer) Close() { p.client.CloseIdleConnections() }
