package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/fxamacker/cbor/v2"

	"weir/internal/stack/account"
)

// A test pipeline's whole life on moto, a server of AWS's APIs that others
// wrote: tried dry, made, killed in the middle and gone on with, given another
// probe, removed; and what weir did not make is left alone.
func TestEnvOnMoto(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server")
	}
	m := startMoto(t)

	out := m.weir(t, 0, "env", "up", "--dry-run", "--arch", "x86_64")
	contains(t, out, `CreateStack {`, `"StackName":"weir-test"`, "costs 0.0")
	if calls := m.changing(); len(calls) > 0 {
		t.Errorf("a dry run made %v", calls)
	}

	m.killedWhileMaking(t)
	out = m.weir(t, 0, "env", "up", "--arch", "x86_64")
	contains(t, out, "CREATE_IN_PROGRESS", "export KINESIS_STREAM_NAME=weir-test", "export LAMBDA_FUNCTION_NAME=weir-test-probe")
	if calls := m.changing(); !slices.Equal(calls, []string{"CreateStack"}) {
		t.Errorf("killed and gone on with: %v, want one CreateStack", calls)
	}
	contains(t, m.weir(t, 0, "env", "status"), "weir-test: CREATE_COMPLETE", "(nodejs22.x), 0 dead letters", "about 0.0")
	contains(t, m.weir(t, 0, "env", "up", "--arch", "x86_64"), "nothing to change")

	// Any small program for Linux will do: nothing runs here.
	out = m.weir(t, 0, "env", "up", "--arch", "x86_64", "--probe", "go", "--probe-binary", "/bin/true", "--dry-run")
	contains(t, out, `UpdateFunctionConfiguration {"FunctionName":"weir-test-probe","Handler":"bootstrap","Runtime":"provided.al2023"}`, "UpdateFunctionCode {")
	contains(t, m.weir(t, 0, "env", "up", "--arch", "x86_64", "--probe", "go", "--probe-binary", "/bin/true"), "done: upload the probe in go")
	contains(t, m.weir(t, 0, "env", "status"), "(provided.al2023)")
	m.foreignFunctionIsLeftAlone(t)

	m.policyIsAccepted(t)
	m.foreignStackIsLeftAlone(t)

	m.removed(t)
	m.leftoverIsNamed(t)
}

// killedWhileMaking starts `env up` while stacks take their time, and kills it
// once the stack is being made.
func (m *moto) killedWhileMaking(t *testing.T) {
	t.Helper()
	m.slow.Store(4) // looks at a stack find it in progress
	cmd := m.command(t, "env", "up", "--arch", "x86_64")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); len(m.changing()) == 0 && time.Now().Before(deadline); {
		time.Sleep(10 * time.Millisecond)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.Exited() {
		t.Fatalf("weir ended by itself: %v", err)
	}
	m.slow.Store(3)
}

// policyIsAccepted has IAM's stand-in read the policy of `weir doctor --iam`.
func (m *moto) policyIsAccepted(t *testing.T) {
	t.Helper()
	policy := m.weir(t, 0, "doctor", "--iam=all", "--stream", "orders", "--function", "consumer")
	_, err := iam.NewFromConfig(m.config()).CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("weir"), PolicyDocument: &policy})
	if err != nil {
		t.Errorf("create the policy: %v", err)
	}
}

// foreignStackIsLeftAlone makes a stack without weir's tag.
func (m *moto) foreignStackIsLeftAlone(t *testing.T) {
	t.Helper()
	_, err := cloudformation.NewFromConfig(m.config()).CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("weir-theirs"), TemplateBody: aws.String("Resources: {Queue: {Type: AWS::SQS::Queue}}"),
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(m.changing())
	for _, command := range []string{"up", "down"} {
		contains(t, m.weir(t, 2, "env", command, "--name", "weir-theirs", "--yes"), "is not weir's", "changes only what it made")
	}
	contains(t, m.weir(t, 0, "env", "status", "--name", "weir-theirs"), "it is not weir's")
	if calls := m.changing()[before:]; len(calls) > 0 {
		t.Errorf("somebody's stack: %v", calls)
	}
}

// removed is the end of the pipeline. Now and then moto forgets the mapping of
// a deleted stack: weir then sees that it is left, and is content when it is
// gone.
func (m *moto) removed(t *testing.T) {
	t.Helper()
	out, code := m.try(t, "env", "down")
	contains(t, out, "done: delete stack weir-test", "it cost about 0.0")
	if _, uuid, left := strings.Cut(out, "aws lambda delete-event-source-mapping --uuid "); left && code == 1 {
		uuid, _, _ = strings.Cut(uuid, "\n")
		if _, err := lambda.NewFromConfig(m.config()).DeleteEventSourceMapping(t.Context(), &lambda.DeleteEventSourceMappingInput{UUID: &uuid}); err != nil {
			t.Fatal(err)
		}
	} else if code != 0 {
		t.Fatalf("exit code %d:\n%s", code, out)
	}
	contains(t, m.weir(t, 0, "env", "down"), "nothing to change", "nothing is left")
}

// leftoverIsNamed leaves a queue behind where there is no stack.
func (m *moto) leftoverIsNamed(t *testing.T) {
	t.Helper()
	queues := sqs.NewFromConfig(m.config())
	if _, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("weir-test-dead-letters")}); err != nil {
		t.Fatal(err)
	}
	contains(t, m.weir(t, 1, "env", "down"), "left: queue weir-test-dead-letters", "aws sqs delete-queue")
	if _, err := queues.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("weir-test-dead-letters")}); err != nil {
		t.Errorf("weir removed what no stack says is its: %v", err)
	}
}

// foreignFunctionIsLeftAlone asks for the code of a function that is of no stack
// of weir's.
func (m *moto) foreignFunctionIsLeftAlone(t *testing.T) {
	t.Helper()
	theirs := account.CodeInput("theirs", account.Code{Zip: []byte("zip")})
	for _, stack := range []string{"weir-test", "weir-none"} {
		if err := account.New(m.config()).SetCode(t.Context(), stack, theirs); err == nil || !strings.Contains(err.Error(), "weir changes only what it made") {
			t.Errorf("code of somebody's function, by the stack %s: %v", stack, err)
		}
	}
}

func contains(t *testing.T, out string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(out, text) {
			t.Errorf("no %q in:\n%s", text, out)
		}
	}
}

// moto is a running server with a proxy before it, which speaks the Go SDK's
// CloudWatch protocol (moto does not), slows stacks down and keeps what was
// asked.
type moto struct {
	proxy *httptest.Server
	slow  atomic.Int32 // looks at a stack that find it in progress

	mu    sync.Mutex
	calls []string // of CloudFormation and Lambda
}

func startMoto(t *testing.T) *moto {
	t.Helper()
	if _, err := exec.LookPath("moto_server"); err != nil && !slices.Contains(strings.Split(os.Getenv("WEIR_REQUIRE"), ","), "moto_server") {
		t.Skip("moto_server is not installed (pip install 'moto[server]')")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	_, port, _ := net.SplitHostPort(address)
	cmd := exec.CommandContext(t.Context(), "sh", "-c", "ulimit -v 4000000; exec moto_server -H 127.0.0.1 -p "+port)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("moto does not listen: %s", log.String())
		}
	}
	target := &url.URL{Scheme: "http", Host: address}
	reverse := httputil.NewSingleHostReverseProxy(target)
	m := &moto{}
	reverse.ModifyResponse = m.slowDown
	m.proxy = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, operation, ok := strings.Cut(r.URL.Path, "/service/GraniteServiceVersion20100801/operation/"); ok {
			translate(w, r, target, operation)
			return
		}
		operation := operationOf(r)
		// What AWS was asked it carries out, though the asker is killed.
		reverse.ServeHTTP(w, r.WithContext(context.WithoutCancel(r.Context())))
		m.note(operation)
	}))
	t.Cleanup(m.proxy.Close)
	return m
}

func (m *moto) config() aws.Config {
	return aws.Config{Region: "eu-west-1", BaseEndpoint: &m.proxy.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
}

// command is weir, with moto for AWS.
func (m *moto) command(t *testing.T, args ...string) *exec.Cmd {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGQUIT) } // says where it hangs
	cmd.Args[0] = "weir"                                                     // the test binary plays weir by that name
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+m.proxy.URL, "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b", "AWS_EC2_METADATA_DISABLED=true")
	return cmd
}

// weir runs weir, which is to end with that code, and returns what it said.
func (m *moto) weir(t *testing.T, code int, args ...string) string {
	t.Helper()
	out, got := m.try(t, args...)
	if got != code {
		t.Fatalf("weir %v: exit code %d, want %d\n%s", args, got, code, out)
	}
	return out
}

// try runs weir and returns what it said, and its exit code.
func (m *moto) try(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	cmd := m.command(t, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); cmd.ProcessState == nil {
		t.Fatalf("start weir: %v", err)
	}
	return stderr.String() + stdout.String(), cmd.ProcessState.ExitCode()
}

// changing are the calls that change something, in their order.
func (m *moto) changing() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(m.calls), func(call string) bool {
		return strings.HasPrefix(call, "Describe") || strings.HasPrefix(call, "Get") || strings.HasPrefix(call, "List")
	})
}

// operationOf names a call of the query protocol, and an upload of code; empty:
// any other.
func operationOf(r *http.Request) string {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/code") {
		return "UpdateFunctionCode"
	}
	form, _ := url.ParseQuery(string(body))
	return form.Get("Action")
}

func (m *moto) note(operation string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if operation != "" && operation != "CreatePolicy" {
		m.calls = append(m.calls, operation)
	}
}

// slowDown makes the next looks at a stack find it in progress.
func (m *moto) slowDown(r *http.Response) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	if bytes.Contains(body, []byte("<StackStatus>CREATE_COMPLETE")) && m.slow.Add(-1) >= 0 {
		body = bytes.ReplaceAll(body, []byte("<StackStatus>CREATE_COMPLETE"), []byte("<StackStatus>CREATE_IN_PROGRESS"))
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", fmt.Sprint(len(body)))
	return nil
}

// translate asks moto in JSON what the SDK asks in CBOR.
func translate(w http.ResponseWriter, r *http.Request, target *url.URL, operation string) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var in map[string]any
	text := []byte("{}")
	if cbor.Unmarshal(raw, &in) == nil {
		text, _ = json.Marshal(plainTimes(in))
	}
	request, err := http.NewRequestWithContext(r.Context(), http.MethodPost, target.String(), bytes.NewReader(text))
	if err != nil {
		return
	}
	request.Header.Set("Authorization", r.Header.Get("Authorization"))
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	request.Header.Set("X-Amz-Target", "GraniteServiceVersion20100801."+operation)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	var out map[string]any
	_ = json.NewDecoder(answer.Body).Decode(&out)
	body, _ := cbor.Marshal(out)
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	w.Header().Set("Content-Type", "application/cbor")
	w.WriteHeader(answer.StatusCode)
	w.Write(body)
}

// plainTimes has seconds in place of times, as AWS's JSON has.
func plainTimes(tree any) any {
	switch v := tree.(type) {
	case map[any]any:
		plain := map[string]any{}
		for key, value := range v {
			plain[fmt.Sprint(key)] = plainTimes(value)
		}
		return plain
	case map[string]any:
		for key, value := range v {
			v[key] = plainTimes(value)
		}
	case []any:
		for i, value := range v {
			v[i] = plainTimes(value)
		}
	case time.Time:
		return float64(v.UnixMilli()) / 1000
	}
	return tree
}
