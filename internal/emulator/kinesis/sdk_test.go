package kinesis

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// clock is a settable time for a server.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start serves cfg on loopback at a clock that stands still, and gives AWS's
// client for it, without retries.
func start(t testing.TB, cfg Config) (*client.Client, *Server, *clock) {
	t.Helper()
	now := &clock{now: epoch}
	cfg.Now = now.Now
	s := New(cfg)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	c := client.New(client.Options{
		BaseEndpoint:     aws.String(web.URL),
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		RetryMaxAttempts: 1,
	})
	return c, s, now
}

// codeOf is the error code that AWS's client sees, "" for none.
func codeOf(err error) string {
	if e, ok := errors.AsType[smithy.APIError](err); ok {
		return e.ErrorCode()
	}
	if err != nil {
		return "not an API error: " + err.Error()
	}
	return ""
}

func mustCreate(t testing.TB, s *Server, name string, shards int) {
	t.Helper()
	if err := s.CreateStream(name, shards, StreamOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestSDKStreamLifecycle(t *testing.T) {
	c, s, now := start(t, Config{CreateTime: 10 * time.Second})
	ctx := t.Context()
	name := aws.String("orders")
	if _, err := c.CreateStream(ctx, &client.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(2), MaxRecordSizeInKiB: aws.Int32(2048)}); err != nil {
		t.Fatal(err)
	}
	status := func() types.StreamStatus {
		out, err := c.DescribeStreamSummary(ctx, &client.DescribeStreamSummaryInput{StreamName: name})
		if err != nil {
			return types.StreamStatus(codeOf(err))
		}
		return out.StreamDescriptionSummary.StreamStatus
	}
	if got := status(); got != types.StreamStatusCreating {
		t.Errorf("a new stream is %s", got)
	}
	_, err := c.PutRecord(ctx, &client.PutRecordInput{StreamName: name, PartitionKey: aws.String("k"), Data: []byte("x")})
	if codeOf(err) != "ResourceNotFoundException" {
		t.Errorf("a put into a CREATING stream gives %v", err)
	}
	_, err = c.CreateStream(ctx, &client.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)})
	if in, ok := errors.AsType[*types.ResourceInUseException](err); !ok || in.ErrorMessage() != "Stream orders under account 123456789012 already exists." {
		t.Errorf("a second CreateStream gives %v", err)
	}
	now.add(10 * time.Second)
	out, err := c.DescribeStreamSummary(ctx, &client.DescribeStreamSummaryInput{StreamARN: aws.String(s.StreamARN("orders"))})
	if err != nil {
		t.Fatal(err)
	}
	d := out.StreamDescriptionSummary
	got := fmt.Sprintln(*d.StreamName, *d.StreamARN, d.StreamStatus, d.StreamModeDetails.StreamMode, *d.OpenShardCount, *d.RetentionPeriodHours, *d.MaxRecordSizeInKiB, d.StreamCreationTimestamp.UTC())
	want := fmt.Sprintln("orders", "arn:aws:kinesis:us-east-1:123456789012:stream/orders", "ACTIVE", "PROVISIONED", 2, 24, 2048, epoch)
	if got != want {
		t.Errorf("summary\n%swant\n%s", got, want)
	}
	if _, err := c.DeleteStream(ctx, &client.DeleteStreamInput{StreamName: name}); err != nil {
		t.Fatal(err)
	}
	if got := status(); got != types.StreamStatusDeleting {
		t.Errorf("a deleted stream is %s", got)
	}
	now.add(10 * time.Second)
	if got := status(); got != "ResourceNotFoundException" {
		t.Errorf("a stream deleted 10 s ago is %s", got)
	}
}

func TestSDKListings(t *testing.T) {
	c, s, _ := start(t, Config{})
	ctx := t.Context()
	mustCreate(t, s, "b", 5)
	mustCreate(t, s, "a", 1)
	if err := s.CreateStream("c", 0, StreamOptions{OnDemand: true}); err != nil {
		t.Fatal(err)
	}

	streams := client.NewListStreamsPaginator(c, &client.ListStreamsInput{Limit: aws.Int32(2)})
	var pages []string
	for streams.HasMorePages() {
		page, err := streams.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		modes := ""
		for _, sum := range page.StreamSummaries {
			modes += " " + string(sum.StreamModeDetails.StreamMode)
		}
		pages = append(pages, fmt.Sprint(page.StreamNames, *page.HasMoreStreams, modes))
	}
	if diff := cmp.Diff([]string{"[a b] true PROVISIONED PROVISIONED", "[c] false ON_DEMAND"}, pages); diff != "" {
		t.Errorf("pages of streams (-want +got):\n%s", diff)
	}

	var ids []string
	in := &client.ListShardsInput{StreamName: aws.String("b"), MaxResults: aws.Int32(2)}
	for in != nil {
		page, err := c.ListShards(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		for _, sh := range page.Shards {
			ids = append(ids, *sh.ShardId)
		}
		ids = append(ids, "")
		in = nil
		if page.NextToken != nil {
			in = &client.ListShardsInput{NextToken: page.NextToken, MaxResults: aws.Int32(2)}
		}
	}
	want := []string{"shardId-000000000000", "shardId-000000000001", "", "shardId-000000000002", "shardId-000000000003", "", "shardId-000000000004", ""}
	if diff := cmp.Diff(want, ids); diff != "" {
		t.Errorf("pages of shards (-want +got):\n%s", diff)
	}

	described, err := c.DescribeStream(ctx, &client.DescribeStreamInput{StreamName: aws.String("b"), Limit: aws.Int32(2), ExclusiveStartShardId: aws.String("shardId-000000000001")})
	if err != nil {
		t.Fatal(err)
	}
	d := described.StreamDescription
	// ⌊2^128/5⌋ × 2 and × 3 - 1
	if got := d.Shards[0].HashKeyRange; len(d.Shards) != 2 || !*d.HasMoreShards ||
		*got.StartingHashKey != "136112946768375385385349842972707284582" || *got.EndingHashKey != "204169420152563078078024764459060926872" {
		t.Errorf("shards 2 and 3 of 5: %d, more %v, first %s to %s", len(d.Shards), *d.HasMoreShards, *got.StartingHashKey, *got.EndingHashKey)
	}
	after, err := c.ListShards(ctx, &client.ListShardsInput{StreamName: aws.String("b"), ShardFilter: &types.ShardFilter{Type: types.ShardFilterTypeAfterShardId, ShardId: aws.String("shardId-000000000003")}})
	if err != nil || len(after.Shards) != 1 {
		t.Errorf("shards after the fourth: %v, %v", after, err)
	}
}

func TestSDKPutAndGet(t *testing.T) {
	c, s, now := start(t, Config{})
	ctx := t.Context()
	mustCreate(t, s, "s", 2)
	arn := aws.String(s.StreamARN("s"))
	low, high := aws.String("0"), aws.String("340282366920938463463374607431768211455")
	one, err := c.PutRecord(ctx, &client.PutRecordInput{StreamARN: arn, PartitionKey: aws.String("ключ \"1\""), ExplicitHashKey: high, Data: []byte("a")})
	if err != nil {
		t.Fatal(err)
	}
	now.add(time.Second)
	many, err := c.PutRecords(ctx, &client.PutRecordsInput{StreamARN: arn, Records: []types.PutRecordsRequestEntry{
		{PartitionKey: aws.String("k"), ExplicitHashKey: high, Data: []byte("b")},
		{PartitionKey: aws.String("k"), ExplicitHashKey: low, Data: []byte("c")},
		{PartitionKey: aws.String("k"), ExplicitHashKey: high, Data: []byte{}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	now.add(time.Second)
	first, second := "shardId-000000000000", "shardId-000000000001"
	if *one.ShardId != second || *many.FailedRecordCount != 0 || *many.Records[0].ShardId != second || *many.Records[1].ShardId != first {
		t.Errorf("records went to %s and %+v", *one.ShardId, many.Records)
	}

	read := func(in client.GetShardIteratorInput) string {
		in.StreamName, in.ShardId = aws.String("s"), &second
		it, err := c.GetShardIterator(ctx, &in)
		if err != nil {
			return codeOf(err)
		}
		got, err := c.GetRecords(ctx, &client.GetRecordsInput{ShardIterator: it.ShardIterator, Limit: aws.Int32(2)})
		if err != nil {
			return codeOf(err)
		}
		now.add(time.Second) // leave the read limit out of this
		text := ""
		for _, r := range got.Records {
			text += fmt.Sprintf("%s=%s@%d ", *r.PartitionKey, r.Data, r.ApproximateArrivalTimestamp.Sub(epoch).Milliseconds())
		}
		return text + fmt.Sprint(*got.MillisBehindLatest)
	}
	tests := []struct {
		name string
		in   client.GetShardIteratorInput
		want string
	}{
		// The third record, which limit 2 leaves, came 1 s before the first read.
		{"TRIM_HORIZON", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeTrimHorizon}, `ключ "1"=a@0 k=b@1000 1000`},
		{"LATEST", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest}, "0"},
		{"AT", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: many.Records[0].SequenceNumber}, "k=b@1000 k=@1000 0"},
		{"AFTER", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAfterSequenceNumber, StartingSequenceNumber: many.Records[0].SequenceNumber}, "k=@1000 0"},
		{"AT_TIMESTAMP", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: aws.Time(at(1))}, "k=b@1000 k=@1000 0"},
		{"the other shard's number", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: many.Records[1].SequenceNumber}, "InvalidArgumentException"},
		{"a number of nobody's", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, StartingSequenceNumber: aws.String("17")}, "InvalidArgumentException"},
		{"a number with LATEST", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeLatest, StartingSequenceNumber: one.SequenceNumber}, "InvalidArgumentException"},
		{"no timestamp", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp}, "InvalidArgumentException"},
		{"a future timestamp", client.GetShardIteratorInput{ShardIteratorType: types.ShardIteratorTypeAtTimestamp, Timestamp: aws.Time(at(3_600_000))}, "InvalidArgumentException"},
	}
	for _, test := range tests {
		if got := read(test.in); got != test.want {
			t.Errorf("%s: read %q, want %q", test.name, got, test.want)
		}
	}
}

func TestSDKIterators(t *testing.T) {
	c, s, now := start(t, Config{})
	ctx := t.Context()
	mustCreate(t, s, "s", 1)
	in := &client.GetShardIteratorInput{StreamName: aws.String("s"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeLatest}
	it, err := c.GetShardIterator(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.GetShardIterator(ctx, in)
	if err != nil || *again.ShardIterator == *it.ShardIterator {
		t.Errorf("two calls give the same iterator, or %v", err)
	}
	get := func(iterator string) (*client.GetRecordsOutput, error) {
		return c.GetRecords(ctx, &client.GetRecordsInput{ShardIterator: &iterator})
	}
	// LATEST stands where it was taken, however often it is used.
	if _, err := c.PutRecord(ctx, &client.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("x")}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := get(*it.ShardIterator); err != nil || len(got.Records) != 1 {
			t.Errorf("LATEST taken before a put reads %v, %v", got, err)
		}
	}
	got, err := get(*it.ShardIterator)
	if err != nil {
		t.Fatal(err)
	}
	if next, err := get(*got.NextShardIterator); err != nil || len(next.Records) != 0 {
		t.Errorf("the next iterator reads %v, %v", next, err)
	}
	for _, hostile := range []string{"x", "AAAAAAAAAAA=", strings.Repeat("A", 300), (*it.ShardIterator)[:60]} {
		if _, err := get(hostile); codeOf(err) != "InvalidArgumentException" {
			t.Errorf("iterator %q gives %v", hostile, err)
		}
	}
	now.add(5*time.Minute + time.Millisecond)
	if _, err := get(*it.ShardIterator); codeOf(err) != "ExpiredIteratorException" {
		t.Errorf("an iterator of 5 minutes and 1 ms gives %v", err)
	}
}

func TestSDKPartialFailure(t *testing.T) {
	c, s, _ := start(t, Config{})
	ctx := t.Context()
	mustCreate(t, s, "s", 2)
	hash := []*string{aws.String("0"), aws.String("340282366920938463463374607431768211455")}

	// 500 records of 4 096 bytes with their keys, every fifth into the second
	// shard: 400 and 100. A shard's second takes 1 MiB / 4 096 = 256 of them.
	entries := make([]types.PutRecordsRequestEntry, 500)
	for i := range entries {
		key := hash[0]
		if i%5 == 4 {
			key = hash[1]
		}
		entries[i] = types.PutRecordsRequestEntry{PartitionKey: aws.String("k"), ExplicitHashKey: key, Data: make([]byte, 4095)}
	}
	out, err := c.PutRecords(ctx, &client.PutRecordsInput{StreamName: aws.String("s"), Records: entries})
	if err != nil {
		t.Fatal(err)
	}
	if *out.FailedRecordCount != 400-256 {
		t.Errorf("%d records failed, want %d", *out.FailedRecordCount, 400-256)
	}
	taken := 0
	for i, r := range out.Records {
		fails := false
		if i%5 != 4 {
			taken++
			fails = taken > 256
		}
		if fails != (r.ErrorCode != nil) || fails != (r.SequenceNumber == nil) || fails != (r.ShardId == nil) {
			t.Fatalf("record %d: %+v, fails must be %v", i, r, fails)
		}
		const message = "Rate exceeded for shard shardId-000000000000 in stream s under account 123456789012."
		if fails && (*r.ErrorCode != "ProvisionedThroughputExceededException" || *r.ErrorMessage != message) {
			t.Fatalf("record %d: %s: %s", i, *r.ErrorCode, *r.ErrorMessage)
		}
	}

	_, err = c.PutRecord(ctx, &client.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), ExplicitHashKey: hash[0], Data: []byte("x")})
	if e, ok := errors.AsType[*types.ProvisionedThroughputExceededException](err); !ok {
		t.Errorf("a PutRecord into the full shard gives %v", err)
	} else if !strings.HasPrefix(e.ErrorMessage(), "Rate exceeded for shard shardId-000000000000 in stream s") {
		t.Errorf("its message is %q", e.ErrorMessage())
	}
}

func TestSDKReadThrottling(t *testing.T) {
	c, s, _ := start(t, Config{})
	ctx := t.Context()
	mustCreate(t, s, "s", 1)
	it, err := c.GetShardIterator(ctx, &client.GetShardIteratorInput{StreamName: aws.String("s"), ShardId: aws.String("shardId-000000000000"), ShardIteratorType: types.ShardIteratorTypeLatest})
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for range 6 {
		_, err := c.GetRecords(ctx, &client.GetRecordsInput{ShardIterator: it.ShardIterator})
		codes = append(codes, codeOf(err))
	}
	if diff := cmp.Diff([]string{"", "", "", "", "", "ProvisionedThroughputExceededException"}, codes); diff != "" {
		t.Errorf("six calls in a second (-want +got):\n%s", diff)
	}
}
