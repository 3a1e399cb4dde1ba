package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// ContentTypeCBOR11 is awsJson 1.1 in CBOR, as AWS's Java clients speak it:
// blobs are byte strings and timestamps are tag 1 with whole milliseconds.
const ContentTypeCBOR11 = "application/x-amz-cbor-1.1"

// IsCBOR reports whether a request speaks ContentTypeCBOR11.
func IsCBOR(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), ContentTypeCBOR11)
}

// latestUnixSeconds parts the two units that a tag 1 may have: a number above it
// is milliseconds. As seconds it is the year 5138, as milliseconds March 1973.
const latestUnixSeconds = 1e11

var cborDecoder = func() cbor.DecMode {
	mode, err := cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any]()}.DecMode()
	if err != nil {
		panic("wire: CBOR decoding options: " + err.Error())
	}
	return mode
}()

// CBORToJSON is an awsJson body for one in CBOR; an empty one stays empty. What
// isn't CBOR, or has no JSON, is a SerializationException.
func CBORToJSON(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	var v any
	if err := cborDecoder.Unmarshal(body, &v); err != nil {
		return nil, Serialization(err.Error())
	}
	text, err := json.Marshal(plain(v))
	if err != nil {
		return nil, Serialization(err.Error())
	}
	return text, nil
}

// plain replaces what JSON writes otherwise than awsJson. encoding/json writes
// byte strings in base64 already.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			v[name] = plain(member)
		}
	case []any:
		for i, element := range v {
			v[i] = plain(element)
		}
	case time.Time:
		if seconds := v.Unix(); seconds > latestUnixSeconds {
			v = time.UnixMilli(seconds)
		}
		return Timestamp{v.Round(time.Millisecond)}
	}
	return v
}

// CBORShape says which members of an answer are more than JSON shows.
type CBORShape struct {
	Blob, Time func(member string) bool
}

// JSONToCBOR is the CBOR of an awsJson answer; an empty one stays empty.
func (s CBORShape) JSONToCBOR(body []byte) ([]byte, error) {
	if len(body) == 0 {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	typed, err := s.typed("", v)
	if err != nil {
		return nil, err
	}
	return cbor.Marshal(typed)
}

func (s CBORShape) typed(member string, v any) (any, error) {
	var err error
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if v[name], err = s.typed(name, inner); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, element := range v {
			if v[i], err = s.typed(member, element); err != nil {
				return nil, err
			}
		}
	case string:
		if s.Blob(member) {
			return base64.StdEncoding.DecodeString(v)
		}
	case json.Number:
		return s.number(member, v)
	}
	return v, nil
}

func (s CBORShape) number(member string, n json.Number) (any, error) {
	if whole, err := n.Int64(); err == nil && !s.Time(member) {
		return whole, nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("read number: %w", err)
	}
	if s.Time(member) {
		return cbor.Tag{Number: 1, Content: int64(math.Round(f * 1000))}, nil
	}
	return f, nil
}
