package producer

import (
	"errors"
	"fmt"
	"mime"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/valyala/fasthttp"
)

// dialect is how one producer writes its calls: in an encoding, to a stream of
// a host. It is safe for concurrent use.
type dialect struct {
	*format
	// stream is the body's member that names the stream, ready to append.
	stream                []byte
	putRecord, putRecords signer
}

func (p *Producer) dialectOf(e Encoding) *dialect {
	f := formats[e]
	return &dialect{
		format:     f,
		stream:     f.stream(nil, p.config.Stream),
		putRecord:  signer{region: p.config.Region, host: p.host, contentType: f.contentType, target: targetPutRecord},
		putRecords: signer{region: p.config.Region, host: p.host, contentType: f.contentType, target: targetPutRecords},
	}
}

// Choice is the encoding that Auto came to.
type Choice struct {
	Encoding Encoding
	Reason   string
}

// speak is the dialect of calls. Where the encoding is Auto, the first to come
// asks the endpoint, and those who come meanwhile wait.
func (p *Producer) speak(creds *aws.Credentials) *dialect {
	if d := p.dialect.Load(); d != nil {
		return d
	}
	p.asking.Lock()
	defer p.asking.Unlock()
	if d := p.dialect.Load(); d != nil {
		return d
	}
	choice := Choice{Encoding: CBOR}
	status, contentType, body, err := p.ask(creds)
	if err == nil {
		choice.Reason, err = takesCBOR(status, contentType, body)
	}
	if err != nil {
		choice = Choice{JSON, err.Error()}
	}
	d := p.dialectOf(choice.Encoding)
	p.dialect.Store(d)
	if p.config.OnChoice != nil {
		p.config.OnChoice(choice)
	}
	return d
}

// question is {"Records": []} in CBOR: no stream could store anything of it,
// and none is named.
const question = "\xa1\x67Records\x80"

// maxAsking bounds how long an answer to the question is waited for.
const maxAsking = 3 * time.Second

// ask makes a PutRecords call that can store nothing.
func (p *Producer) ask(creds *aws.Credentials) (status int, contentType string, body []byte, err error) {
	stamp := p.dialectOf(CBOR).putRecords.at(creds, time.Now())
	answer := fasthttp.AcquireResponse()
	defer fasthttp.ReleaseResponse(answer)
	request := stamp.seal(append(make([]byte, stamp.room()), question...))
	if err := p.pool.exchange(request, min(p.config.Timeout, maxAsking), answer); err != nil {
		return 0, "", nil, fmt.Errorf("the endpoint was asked in CBOR: %w", err)
	}
	return answer.StatusCode(), string(answer.Header.ContentType()), append([]byte{}, answer.Body()...), nil
}

// takesCBOR judges the answer to the question by its form: an endpoint that
// reads CBOR refuses the call in CBOR, whatever the reason, or says in CBOR that
// it put no records. The error says why it is not to be put to in CBOR.
func takesCBOR(status int, contentType string, body []byte) (reason string, err error) {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil || media != formats[CBOR].contentType {
		return "", fmt.Errorf("the endpoint answered a call in CBOR with %d %s", status, contentType)
	}
	var answer struct {
		Type    string `json:"__type"`
		Message string `json:"message"` // matches "Message" as well
		Records []entry
	}
	err = formats[CBOR].decodeAnswer(body, &answer)
	code := errorCode(answer.Type)
	switch {
	case err == nil && status == 200 && answer.Records != nil:
		return "the endpoint reads it (it answered a call without records in kind)", nil
	case err != nil || code == "" || status/100 != 4:
		return "", fmt.Errorf("the endpoint answered a call in CBOR with %d and no refusal", status)
	case code == "SerializationException" || code == "UnknownOperationException":
		return "", fmt.Errorf("the endpoint did not understand a call in CBOR: %s", code)
	case strings.Contains(answer.Message, "null at 'streamName'"):
		// Since 2022 a stream may be named by its ARN instead. Kinesalite, which is
		// older, takes records in CBOR and gives them out again as nobody can read
		// them (github.com/mhart/kinesalite/pull/111, read 2026-11-23).
		return "", errors.New("the endpoint knows no StreamARN: it is too old to be put to in CBOR")
	}
	return "the endpoint reads it (it refused a call without records in kind: " + code + ")", nil
}
