package local

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
)

// giveUp starts a pipeline whose function always fails, puts one record and
// waits for what got gives.
func giveUp(t *testing.T, to OnFailure, got func() string) string {
	t.Helper()
	p := begin(t, func(o *Options) { o.Work.ErrorRate, o.RetryAttempts, o.OnFailure = 1, 0, to })
	_, err := p.Address().Clients().Kinesis.PutRecord(t.Context(), &kinesis.PutRecordInput{
		StreamName: aws.String("weir"), PartitionKey: aws.String("k"), Data: []byte("poison"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if text := got(); text != "" {
			return text
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was delivered")
		}
	}
}

// document checks the parts of an on-failure document that tell the record.
func document(t *testing.T, text, payload string) {
	t.Helper()
	var d struct {
		RequestContext   struct{ Condition string }
		KinesisBatchInfo struct {
			BatchSize int
			StreamArn string
		}
		Payload string
	}
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	info := d.KinesisBatchInfo
	if d.RequestContext.Condition != "RetryAttemptsExhausted" || info.BatchSize != 1 || !strings.HasSuffix(info.StreamArn, ":stream/weir") {
		t.Errorf("document %s", text)
	}
	if !strings.Contains(d.Payload, payload) || payload == "" && d.Payload != "" {
		t.Errorf("payload %q, want %q in it", d.Payload, payload)
	}
}

// file is the path, from dir, and the content of the only file below dir.
func file(t *testing.T, dir string) (name, content string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	objects, err := filepath.Glob(filepath.Join(dir, "*/aws/lambda/*/*/*/*/*/*"))
	if err != nil {
		t.Fatal(err)
	}
	found := append(files, objects...)
	if len(found) == 0 {
		return "", ""
	}
	text, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	if name, err = filepath.Rel(dir, found[0]); err != nil {
		t.Fatal(err)
	}
	return name, string(text)
}

// An object has the key that Lambda gives it, and the event as its payload.
func TestObjectInTheFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	text := giveUp(t, OnFailure{Dir: dir}, func() string { _, content := file(t, dir); return content })
	document(t, text, `"data":"cG9pc29u"`) // base64 of poison
	name, _ := file(t, dir)
	key := regexp.MustCompile(`^weir-on-failure/aws/lambda/[0-9a-f-]{36}/shardId-\d{12}/\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$`)
	if !key.MatchString(filepath.ToSlash(name)) {
		t.Errorf("object %s", name)
	}
}

func TestMessageInTheFolder(t *testing.T) {
	dir := t.TempDir()
	text := giveUp(t, OnFailure{Dir: dir, ARN: "arn:aws:sqs:us-east-1:123456789012:dead"}, func() string { _, content := file(t, dir); return content })
	var message struct{ MessageId, MD5OfBody, Body string }
	if err := json.Unmarshal([]byte(text), &message); err != nil {
		t.Fatal(err)
	}
	document(t, message.Body, "")
	sum := md5.Sum([]byte(message.Body))
	if name, _ := file(t, dir); message.MD5OfBody != hex.EncodeToString(sum[:]) || filepath.ToSlash(name) != "dead/"+message.MessageId+".json" {
		t.Errorf("%s: %s", name, text)
	}
}

// The endpoint gets SendMessage as an SQS client sends it.
func TestMessageToTheEndpoint(t *testing.T) {
	type sent struct{ target, signed, body string }
	messages := make(chan sent, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		messages <- sent{r.Header.Get("X-Amz-Target"), r.Header.Get("Authorization"), string(body)}
	}))
	t.Cleanup(server.Close)
	var got sent
	giveUp(t, OnFailure{Endpoint: server.URL}, func() string {
		select {
		case got = <-messages:
		default:
		}
		return got.body
	})
	if got.target != "AmazonSQS.SendMessage" || !strings.Contains(got.signed, "/us-east-1/sqs/aws4_request") {
		t.Errorf("%+v", got)
	}
	var request struct{ QueueUrl, MessageBody string }
	if err := json.Unmarshal([]byte(got.body), &request); err != nil {
		t.Fatal(err)
	}
	if want := server.URL + "/123456789012/weir-on-failure"; request.QueueUrl != want {
		t.Errorf("queue %s, want %s", request.QueueUrl, want)
	}
	document(t, request.MessageBody, "")
}

// What can't be delivered is an error, and nothing is written outside the folder.
func TestUndeliverable(t *testing.T) {
	refusing := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(refusing.Close)
	dir := t.TempDir()
	for want, test := range map[string]struct {
		to  OnFailure
		arn string
	}{
		"there is no folder":     {OnFailure{}, "arn:aws:s3:::bucket/key"},
		"404 Not Found":          {OnFailure{Endpoint: refusing.URL}, "arn:aws:sqs:us-east-1:123456789012:q"},
		"escapes from parent":    {OnFailure{Dir: filepath.Join(dir, "a")}, "arn:aws:s3:::../b"},
		"is not the ARN of":      {OnFailure{Dir: dir}, "arn:aws:lambda:us-east-1:123456789012:function:f"},
		"there is no folder for": {OnFailure{Endpoint: refusing.URL}, "arn:aws:sns:us-east-1:123456789012:t"},
	} {
		d, err := test.to.open("us-east-1")
		if err != nil {
			t.Fatal(err)
		}
		if err := d.deliver(test.arn, []byte("{}")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("deliver to %s: %v, want %q", test.arn, err, want)
		}
		if err := d.close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "b")); err == nil {
		t.Error("a document left the folder")
	}
}

func TestOnFailureValidate(t *testing.T) {
	for _, ok := range []OnFailure{
		{},
		{Dir: "d"},
		{Endpoint: "http://127.0.0.1:9324"},
		{Dir: "d", ARN: "arn:aws:sns:us-east-1:123456789012:topic"},
		{Endpoint: "http://127.0.0.1:9324", ARN: "arn:aws:sqs:us-east-1:123456789012:queue"},
	} {
		if err := ok.Validate(); err != nil {
			t.Errorf("%+v: %v", ok, err)
		}
	}
	for want, bad := range map[string]OnFailure{
		"is not a URL":           {Endpoint: "localhost:9324"},
		"give --on-failure-dir":  {ARN: "arn:aws:s3:::bucket", Endpoint: "http://127.0.0.1:9324"},
		"--on-failure: \"b\" is": {ARN: "b", Dir: "d"},
	} {
		if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", bad, err, want)
		}
	}
}
