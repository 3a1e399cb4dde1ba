package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// calls are one call of each service, as AWS's clients make them.
func calls(cfg aws.Config) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"kinesis": func(ctx context.Context) error {
			_, err := kinesis.NewFromConfig(cfg).ListStreams(ctx, nil)
			return err
		},
		"lambda": func(ctx context.Context) error {
			_, err := lambda.NewFromConfig(cfg).ListFunctions(ctx, nil)
			return err
		},
		"cloudwatch": func(ctx context.Context) error {
			_, err := cloudwatch.NewFromConfig(cfg).ListMetrics(ctx, nil)
			return err
		},
		"logs": func(ctx context.Context) error {
			_, err := cloudwatchlogs.NewFromConfig(cfg).DescribeLogGroups(ctx, nil)
			return err
		},
		"sts": func(ctx context.Context) error {
			_, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, nil)
			return err
		},
	}
}

func TestVerifyLetsTheRightCredentialsThrough(t *testing.T) {
	cfg := begin(t, func(o *Options) { o.Verify = true }).Address().Config
	for service, call := range calls(cfg) {
		if err := call(t.Context()); err != nil {
			t.Errorf("%s: %v", service, err)
		}
	}
}

// Each service's errors are those that its client reads.
func TestVerifyRefusesOthers(t *testing.T) {
	cfg := begin(t, func(o *Options) { o.Verify = true }).Address().Config
	cfg.Credentials = credentials.NewStaticCredentialsProvider(AccessKey, "guess", "")
	cfg.RetryMaxAttempts = 1
	for service, call := range calls(cfg) {
		want := "InvalidSignatureException"
		if service == "sts" {
			want = "SignatureDoesNotMatch"
		}
		err := call(t.Context())
		refused, ok := errors.AsType[smithy.APIError](err)
		if !ok || refused.ErrorCode() != want {
			t.Errorf("%s: %v, want %s", service, err, want)
		}
	}
}

// raw sends bytes and returns the status line and all that is answered with it.
func raw(t *testing.T, p *Pipeline, text string) (status int, answer string) {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.Endpoint(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	// The server may answer and close before it has read everything.
	go fmt.Fprint(conn, text)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%.80q: %v", text, err)
	}
	defer response.Body.Close()
	body := make([]byte, 300)
	n, _ := response.Body.Read(body)
	return response.StatusCode, string(body[:n])
}

func TestBadRequestsAreAnswered(t *testing.T) {
	p := begin(t, nil)
	head := func(operation string, length int, more string) string {
		return fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: Kinesis_20131202.%s\r\nContent-Length: %d\r\n%s\r\n", operation, length, more)
	}
	tests := []struct {
		name, request string
		status        int
		answer        string
	}{
		{"no JSON", head("ListStreams", 1, "") + "{", 400, "SerializationException"},
		{"an oversized body", head("PutRecords", 17<<20, "") + strings.Repeat(" ", 17<<20), 413, "RequestEntityTooLargeException"},
		{"an unknown operation", head("Nothing", 2, "") + "{}", 400, "UnknownOperationException"},
		{"huge headers", head("ListStreams", 2, "X-Long: "+strings.Repeat("a", 80<<10)+"\r\n") + "{}", 431, ""},
		{"not HTTP", "hello, this is no request at all\r\n\r\n", 400, ""},
	}
	for _, test := range tests {
		if status, answer := raw(t, p, test.request); status != test.status || !strings.Contains(answer, test.answer) {
			t.Errorf("%s: %d %s, want %d %s", test.name, status, answer, test.status, test.answer)
		}
	}
}
