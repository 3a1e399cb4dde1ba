package producer

import (
	"encoding/json"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// Encoding names how calls are written.
type Encoding string

// Encodings of calls. Kinesis takes both: awsJson1.1 is what its API reference
// describes, CBOR what AWS's SDKs for Java put with. CBOR carries data as it
// is, so that a quarter less is hashed for the signature and sent.
const (
	// Auto is CBOR where the endpoint takes it, and else JSON. The endpoint is
	// asked once, ahead of the first call, by one that can store nothing.
	Auto Encoding = "auto"
	JSON Encoding = "json"
	CBOR Encoding = "cbor"
)

// ParseEncoding reads an encoding's name; empty is Auto.
func ParseEncoding(text string) (Encoding, error) {
	switch e := Encoding(text); e {
	case "":
		return Auto, nil
	case Auto, JSON, CBOR:
		return e, nil
	}
	return "", fmt.Errorf("%q is not an encoding: auto, json or cbor", text)
}

// format is how calls are written and answers read. The scanners read a plainly
// formed answer without allocating and report false for every other, which is
// then decoded.
type format struct {
	contentType  string
	stream       func(dst []byte, name string) []byte // the member that names the stream
	putRecords   func(dst, stream []byte, records []Record) []byte
	putRecord    func(dst, stream []byte, records []Record) []byte
	scanRecords  func(answer []byte, outcomes []Outcome) (n, failed int, ok bool)
	scanRecord   func(answer []byte, o *Outcome) bool
	decodeAnswer func(answer []byte, into any) error
}

var formats = map[Encoding]*format{
	JSON: {
		contentType: "application/x-amz-json-1.1",
		stream:      appendStream, putRecords: appendPutRecords, putRecord: appendPutRecord,
		scanRecords: scanPutRecords, scanRecord: scanPutRecord, decodeAnswer: json.Unmarshal,
	},
	CBOR: {
		contentType: "application/x-amz-cbor-1.1",
		stream:      appendStreamCBOR, putRecords: appendPutRecordsCBOR, putRecord: appendPutRecordCBOR,
		scanRecords: scanPutRecordsCBOR, scanRecord: scanPutRecordCBOR, decodeAnswer: cbor.Unmarshal,
	},
}

// formatOf is how an answer is written. Kinesis has been seen to answer a call
// in CBOR with JSON (github.com/aws/aws-sdk-java-v2/issues/1595, read
// 2026-11-23), and what stands before it may as well. A map in CBOR starts with
// another byte.
func formatOf(answer []byte, asked *format) *format {
	if len(answer) > 0 && answer[0] == '{' {
		return formats[JSON]
	}
	return asked
}
