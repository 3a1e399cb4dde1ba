package local

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"weir/internal/emulator/fault"
)

// withFaults is a pipeline whose clients don't try again, with faults from now on.
func withFaults(t *testing.T, texts ...string) (*Pipeline, aws.Config) {
	t.Helper()
	p := begin(t, nil)
	for _, text := range texts {
		if _, err := p.Order(text); err != nil {
			t.Fatal(err)
		}
	}
	config := p.Address().Config
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	return p, config
}

func put(t *testing.T, p *Pipeline, config aws.Config, n int) (*kinesis.PutRecordsOutput, error) {
	t.Helper()
	var entries []types.PutRecordsRequestEntry
	for range n {
		entries = append(entries, types.PutRecordsRequestEntry{Data: []byte("x"), PartitionKey: aws.String("k")})
	}
	return kinesis.NewFromConfig(config).PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: &p.options.Stream, Records: entries})
}

func struck(p *Pipeline) (counts []int) {
	for _, f := range p.Faults() {
		counts = append(counts, f.Struck)
	}
	return counts
}

// Each fault of calls as AWS's client sees it, with the code that the service
// itself would answer.
func TestClientsSeeFaultsOfCalls(t *testing.T) {
	putCall := func(t *testing.T, p *Pipeline, c aws.Config) error {
		_, err := put(t, p, c, 1)
		return err
	}
	for text, test := range map[string]struct {
		call func(*testing.T, *Pipeline, aws.Config) error
		code string // of the API error; empty: the connection ended
		in   string // the error's text
	}{
		"error@0s":                 {putCall, "InternalFailure", "StatusCode: 500"},
		"throttle:PutRecords@0s":   {putCall, "ProvisionedThroughputExceededException", ""},
		"throttle:kinesis=0.99@0s": {putCall, "ProvisionedThroughputExceededException", ""},
		"fail-nth:PutRecords=1@0s": {putCall, "InternalFailure", ""},
		"reset@0s":                 {putCall, "", "connection reset by peer"},
		"drop-answer@0s":           {putCall, "", "EOF"},
		"throttle:DescribeLimits@0s": {func(t *testing.T, _ *Pipeline, c aws.Config) error {
			_, err := kinesis.NewFromConfig(c).DescribeLimits(t.Context(), &kinesis.DescribeLimitsInput{})
			return err
		}, "LimitExceededException", ""},
		"throttle:Invoke@0s": {func(t *testing.T, p *Pipeline, c aws.Config) error {
			_, err := lambda.NewFromConfig(c).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: &p.options.Function})
			return err
		}, "TooManyRequestsException", "StatusCode: 429"},
		"error:lambda@0s": {func(t *testing.T, _ *Pipeline, c aws.Config) error {
			_, err := lambda.NewFromConfig(c).ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
			return err
		}, "ServiceException", ""},
		"error:ListMetrics@0s": {func(t *testing.T, _ *Pipeline, c aws.Config) error {
			_, err := cloudwatch.NewFromConfig(c).ListMetrics(t.Context(), &cloudwatch.ListMetricsInput{})
			return err
		}, "InternalServiceError", ""}, // the name that clients know it by
		"throttle:logs@0s": {func(t *testing.T, _ *Pipeline, c aws.Config) error {
			_, err := cloudwatchlogs.NewFromConfig(c).DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{})
			return err
		}, "ThrottlingException", ""},
	} {
		t.Run(text, func(t *testing.T) {
			p, config := withFaults(t, text)
			err := test.call(t, p, config)
			api, answered := errors.AsType[smithy.APIError](err)
			switch {
			case err == nil:
				t.Fatal("the call succeeded")
			case test.code == "" && answered, test.code != "" && (!answered || api.ErrorCode() != test.code):
				t.Errorf("error %v, want %q", err, test.code)
			case !strings.Contains(err.Error(), test.in):
				t.Errorf("error %v, want %q in it", err, test.in)
			}
			if got := struck(p); got[0] != 1 {
				t.Errorf("struck %v, want once", got)
			}
		})
	}
}

// An answer that was dropped left its record in the stream; a reset left none.
func TestWorkOfUnansweredCalls(t *testing.T) {
	for text, want := range map[string]int{"drop-answer@0s": 3, "reset@0s": 0} {
		p, config := withFaults(t, text)
		if _, err := put(t, p, config, 3); err == nil {
			t.Errorf("%s: the call was answered", text)
		}
		stored := 0
		for shard := range 4 {
			got, err := p.kinesis.Read(p.options.Stream, shardName(shard), 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			stored += int(got.Next)
		}
		if stored != want {
			t.Errorf("%s: %d records stored, want %d", text, stored, want)
		}
	}
}

func shardName(i int) string { return "shardId-00000000000" + string(rune('0'+i)) }

// A third of 500 records is refused, the same ones with the same seed, and each
// is one that the fault struck.
func TestThrottleRefusesRecords(t *testing.T) {
	var failed []int32
	for range 2 {
		p, config := withFaults(t, "throttle=0.3@0s")
		out, err := put(t, p, config, 500)
		if err != nil {
			t.Fatal(err)
		}
		failed = append(failed, *out.FailedRecordCount)
		if got := struck(p); got[0] != int(*out.FailedRecordCount) {
			t.Errorf("struck %v, %d failed", got, *out.FailedRecordCount)
		}
	}
	// 500 draws of 0.3: 150, and three standard deviations of 10.2
	if failed[0] != failed[1] || failed[0] < 119 || failed[0] > 181 {
		t.Errorf("%v records failed", failed)
	}
}

// A shard that is paused for writes refuses all its records, and only its.
func TestPauseShard(t *testing.T) {
	p, config := withFaults(t, "pause-shard:0=writes@0s", "pause-shard:1=reads@0s")
	client := kinesis.NewFromConfig(config)
	at := func(shard int) error {
		// The hash keys of four shards are quarters of 2^128.
		hash := []string{"0", "85070591730234615865843651857942052864"}[shard]
		_, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: &p.options.Stream, Data: []byte("x"), PartitionKey: aws.String("k"), ExplicitHashKey: &hash})
		return err
	}
	if _, refused := errors.AsType[*types.ProvisionedThroughputExceededException](at(0)); !refused {
		t.Error("the paused shard took a record")
	}
	if err := at(1); err != nil {
		t.Error(err)
	}
	iterator, err := client.GetShardIterator(t.Context(), &kinesis.GetShardIteratorInput{StreamName: &p.options.Stream, ShardId: aws.String(shardName(1)), ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: iterator.ShardIterator})
	if err != nil || len(got.Records) != 0 {
		t.Errorf("a held read gave %d records, %v", len(got.Records), err)
	}
	p.EndAll()
	got, err = client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: got.NextShardIterator})
	if err != nil || len(got.Records) != 1 {
		t.Errorf("after the pause a read gave %d records, %v", len(got.Records), err)
	}
}

// Faults of a moment happen at their time, and say what came of them.
func TestReshardFaults(t *testing.T) {
	p, _ := withFaults(t, "split-shard:0@0s")
	await := func(n int) []fault.Status {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
			list := p.Faults()
			if f := list[n]; f.Struck > 0 || f.Failed != "" {
				return list
			}
			if time.Now().After(deadline) {
				t.Fatalf("fault %d never happened: %+v", n, list)
			}
		}
	}
	await(0)
	for i, text := range []string{"merge-shards:1@0s", "update-shard-count=2@0s", "split-shard:0@0s"} {
		if _, err := p.Order(text); err != nil {
			t.Fatal(err)
		}
		await(i + 1)
	}
	list := p.Faults()
	if list[1].Struck != 1 || list[2].Struck != 1 || list[3].Struck != 0 || !strings.Contains(list[3].Failed, "not eligible") {
		t.Errorf("%+v", list)
	}
	out, err := p.Address().Clients().Kinesis.DescribeStreamSummary(t.Context(), &kinesis.DescribeStreamSummaryInput{StreamName: &p.options.Stream})
	if err != nil || *out.StreamDescriptionSummary.OpenShardCount != 2 {
		t.Errorf("%v, %+v", err, out)
	}
}

// The admin endpoint as curl uses it.
func TestAdminEndpoint(t *testing.T) {
	p := begin(t, nil)
	call := func(method, path, contentType, body string) (int, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, p.Endpoint()+fault.AdminPath+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, strings.TrimSpace(string(text))
	}
	const asJSON = "application/json"
	for _, step := range []struct {
		method, path, contentType, body string
		status                          int
		want                            string // part of the answer
	}{
		{"POST", "", asJSON, `{"fault":"throttle=0.3@1h+20s"}`, 201, `{"id":1}`},
		{"POST", "", asJSON, `{"fault":"delay:PutRecords=normal:50ms±10ms@0s"}`, 201, `{"id":2}`},
		{"POST", "", asJSON, `{"fault":"burn@1s"}`, 400, `is not a fault`},
		{"POST", "", asJSON, `{"fault":"error:PutRecrods@1s"}`, 400, `has no operation PutRecrods`},
		{"POST", "", asJSON, `{"falut":"error@1s"}`, 400, `unknown field`},
		{"POST", "", asJSON, `{"fault":"error@1s"} {}`, 400, `one order at a time`},
		{"POST", "", "text/plain", `{"fault":"error@1s"}`, 415, `application/json`},
		{"GET", "", "", "", 200, `"fault":"delay:PutRecords=normal:50ms±10ms@0s","state":"active"`},
		{"DELETE", "/1", "", "", 204, ""},
		{"DELETE", "/1", "", "", 404, "there is no fault 1"},
		{"DELETE", "", "", "", 204, ""},
		{"GET", "", "", "", 200, "[]"},
	} {
		status, text := call(step.method, step.path, step.contentType, step.body)
		var said struct{ Error string }
		if json.Unmarshal([]byte(text), &said) == nil && said.Error != "" {
			text = said.Error
		}
		if status != step.status || !strings.Contains(text, step.want) {
			t.Errorf("%s %s %s: %d %s, want %d %s", step.method, step.path, step.body, status, text, step.status, step.want)
		}
	}
}
