package conformance

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/protocol/eventstream"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	"github.com/fxamacker/cbor/v2"
)

// members are those of a request or an answer as AWS's JSON shows them: blobs
// in base64, times in seconds since 1970.
type members = map[string]any

// refusal is an error answer.
type refusal struct{ Code, Message string }

// call makes one call of an operation and gives the answer or the refusal.
// Anything else that goes wrong ends the test.
type call func(t *testing.T, endpoint, operation string, in members) (members, *refusal)

// protocol is one of the ways in which a client can speak to Kinesis.
type protocol struct {
	name string
	call call
}

var protocols = []protocol{
	{"sdk", callSDK},
	{"cli", callCLI},
	{"json", callJSON},
	{"cbor", callCBOR},
}

// callSDK calls through AWS's SDK for Go.
func callSDK(t *testing.T, endpoint, operation string, in members) (members, *refusal) {
	t.Helper()
	c := client.New(client.Options{
		BaseEndpoint:     &endpoint,
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	})
	method := reflect.ValueOf(c).MethodByName(operation)
	input := reflect.New(method.Type().In(1).Elem())
	if err := json.Unmarshal(marshal(t, eachTime(in, sdkTime)), input.Interface()); err != nil {
		t.Fatal(err)
	}
	results := method.Call([]reflect.Value{reflect.ValueOf(t.Context()), input})
	if err, failed := reflect.TypeAssert[error](results[1]); failed {
		api, ok := errors.AsType[smithy.APIError](err)
		if !ok {
			t.Fatal(err)
		}
		return nil, &refusal{api.ErrorCode(), api.ErrorMessage()}
	}
	if subscribed, ok := reflect.TypeAssert[*client.SubscribeToShardOutput](results[0]); ok {
		return firstSDKEvent(t, subscribed), nil
	}
	out := unmarshal(t, marshal(t, results[0].Interface()))
	delete(out, "ResultMetadata")
	return out, nil
}

// firstSDKEvent is the first event of a subscription, by its name.
func firstSDKEvent(t *testing.T, subscribed *client.SubscribeToShardOutput) members {
	t.Helper()
	defer subscribed.GetStream().Close()
	event := unmarshal(t, marshal(t, <-subscribed.GetStream().Events()))
	return members{"SubscribeToShardEvent": event["Value"]}
}

// callCLI calls through AWS's command line interface, version 1 or 2.
func callCLI(t *testing.T, endpoint, operation string, in members) (members, *refusal) {
	t.Helper()
	requireCommand(t, operation)
	in = eachBlob(in, func(data []byte) any { return string(data) })
	cmd := exec.CommandContext(t.Context(), "aws", "kinesis", command(operation), "--no-paginate", "--output", "json",
		"--endpoint-url", endpoint, "--cli-input-json", string(marshal(t, eachTime(in, sdkTime))))
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret", "AWS_REGION=us-east-1",
		"AWS_DEFAULT_REGION=us-east-1", "AWS_PAGER=", "AWS_EC2_METADATA_DISABLED=true", "AWS_CONFIG_FILE=testdata/aws_config", "AWS_MAX_ATTEMPTS=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if found := cliError.FindStringSubmatch(stderr.String()); found != nil {
		return nil, &refusal{found[1], found[2]}
	}
	if err != nil {
		t.Fatalf("aws kinesis %s: %v\n%s", command(operation), err, stderr.String())
	}
	return unmarshal(t, text), nil
}

var cliError = regexp.MustCompile(`An error occurred \((\w+)\) when calling the \w+ operation: (.*)`)

// command is the CLI's name of an operation: PutRecord is put-record.
func command(operation string) string {
	return strings.ToLower(regexp.MustCompile(`\B[A-Z]`).ReplaceAllString(operation, "-$0"))
}

// callJSON sends awsJson 1.1, as AWS's SDKs other than Java's do.
func callJSON(t *testing.T, endpoint, operation string, in members) (members, *refusal) {
	t.Helper()
	return post(t, endpoint, operation, "application/x-amz-json-1.1", marshal(t, in), func(body []byte) members {
		return unmarshal(t, body)
	})
}

// callCBOR sends awsJson 1.1 in CBOR, as AWS's SDKs for Java do: blobs are byte
// strings, times are tag 1 with whole milliseconds.
func callCBOR(t *testing.T, endpoint, operation string, in members) (members, *refusal) {
	t.Helper()
	in = eachBlob(in, func(data []byte) any { return data })
	body, err := cbor.Marshal(eachTime(in, func(seconds float64) any {
		return cbor.Tag{Number: 1, Content: int64(seconds * 1000)}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return post(t, endpoint, operation, "application/x-amz-cbor-1.1", body, func(body []byte) members {
		return fromCBOR(t, body)
	})
}

// raw has connections of its own: a test server that closes breaks those of
// http.DefaultTransport, on which a test beside it may be calling another.
var raw = &http.Client{Transport: &http.Transport{}}

// post makes the call of a raw protocol and reads the answer, or of an event
// stream the first event, by its name.
func post(t *testing.T, endpoint, operation, contentType string, body []byte, decode func([]byte) members) (members, *refusal) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, endpoint, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", contentType)
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+operation)
	response, err := raw.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	switch got := response.Header.Get("Content-Type"); got {
	case "application/vnd.amazon.eventstream":
		return firstEvent(t, response.Body, contentType, decode), nil
	case contentType:
	default:
		t.Fatalf("the answer is in %q", got)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := decode(text)
	if response.StatusCode != http.StatusOK {
		return nil, &refusal{fmt.Sprint(answer["__type"]), fmt.Sprint(answer["message"])}
	}
	return answer, nil
}

// firstEvent is the event that follows the initial response.
func firstEvent(t *testing.T, stream io.Reader, contentType string, decode func([]byte) members) members {
	t.Helper()
	decoder := eventstream.NewDecoder()
	for {
		message, err := decoder.Decode(stream, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := message.Headers.Get(":content-type").String(); got != contentType {
			t.Fatalf("an event is in %q", got)
		}
		if name := message.Headers.Get(":event-type").String(); name != "initial-response" {
			return members{name: decode(message.Payload)}
		}
	}
}

func marshal(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// unmarshal reads JSON; nothing is an answer without members.
func unmarshal(t *testing.T, text []byte) members {
	t.Helper()
	out := members{}
	if len(bytes.TrimSpace(text)) == 0 {
		return out
	}
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return out
}

// fromCBOR reads CBOR and holds it to AWS's types: a blob must be a byte
// string, a time a tag 1.
func fromCBOR(t *testing.T, body []byte) members {
	t.Helper()
	if len(body) == 0 {
		return members{}
	}
	mode, err := cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any]()}.DecMode()
	if err != nil {
		t.Fatal(err)
	}
	var out members
	if err := mode.Unmarshal(body, &out); err != nil {
		t.Fatal(err)
	}
	return each(out, func(name string, v any) any {
		switch v := v.(type) {
		case time.Time: // the milliseconds, taken for seconds
			return float64(v.Unix()) / 1000
		case []byte:
			return base64.StdEncoding.EncodeToString(v)
		case uint64:
			return float64(v)
		}
		if isBlob(name) || isTime(name) {
			t.Errorf("%s is a %T in CBOR", name, v)
		}
		return v
	}).(members)
}

// eachTime replaces the times of a request.
func eachTime(in members, by func(seconds float64) any) members {
	return each(in, func(name string, v any) any {
		if seconds, ok := v.(float64); ok && isTime(name) {
			return by(seconds)
		}
		return v
	}).(members)
}

func sdkTime(seconds float64) any { return time.UnixMilli(int64(seconds * 1000)).UTC() }

// eachBlob replaces the blobs of a request.
func eachBlob(in members, by func(data []byte) any) members {
	return each(in, func(name string, v any) any {
		if text, ok := v.(string); ok && isBlob(name) {
			data, err := base64.StdEncoding.DecodeString(text)
			if err != nil {
				panic(err)
			}
			return by(data)
		}
		return v
	}).(members)
}

func isTime(member string) bool { return strings.HasSuffix(member, "Timestamp") }
func isBlob(member string) bool { return member == "Data" }

// each is v with what by makes of every value that is no list and no object.
func each(v any, by func(member string, v any) any) any {
	return eachOf("", v, by)
}

func eachOf(name string, v any, by func(member string, v any) any) any {
	switch v := v.(type) {
	case members:
		out := members{}
		for name, member := range v {
			out[name] = eachOf(name, member, by)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = eachOf(name, element, by)
		}
		return out
	}
	return by(name, v)
}
