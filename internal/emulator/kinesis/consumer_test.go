package kinesis

import (
	"crypto/tls"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"
)

func register(t testing.TB, c *client.Client, s *Server, stream, name string) *string {
	t.Helper()
	return must[*client.RegisterStreamConsumerOutput](t)(c.RegisterStreamConsumer(t.Context(), &client.RegisterStreamConsumerInput{
		StreamARN: aws.String(s.StreamARN(stream)), ConsumerName: &name, Tags: map[string]string{"team": "t"},
	})).Consumer.ConsumerARN
}

func TestSDKConsumers(t *testing.T) {
	c, s, now := start(t, Config{CreateTime: time.Second})
	ctx := t.Context()
	mustCreate(t, s, "s", 1)
	streamARN := aws.String(s.StreamARN("s"))
	first := register(t, c, s, "s", "first")
	if want := fmt.Sprint(*streamARN, "/consumer/first:", epoch.Unix()); *first != want {
		t.Errorf("ARN %s, want %s", *first, want)
	}
	_, err := c.RegisterStreamConsumer(ctx, &client.RegisterStreamConsumerInput{StreamARN: streamARN, ConsumerName: aws.String("first")})
	if codeOf(err) != "ResourceInUseException" {
		t.Errorf("a name twice gives %v", err)
	}
	describe := func() string {
		out, err := c.DescribeStreamConsumer(ctx, &client.DescribeStreamConsumerInput{ConsumerARN: first})
		if err != nil {
			return codeOf(err)
		}
		d := out.ConsumerDescription
		return fmt.Sprint(*d.ConsumerName, " ", d.ConsumerStatus, " ", *d.StreamARN == *streamARN, " ", d.ConsumerCreationTimestamp.Equal(epoch))
	}
	if got := describe(); got != "first CREATING true true" {
		t.Error(got)
	}
	for i := range 4 {
		register(t, c, s, "s", fmt.Sprint("more", i))
	}
	_, err = c.RegisterStreamConsumer(ctx, &client.RegisterStreamConsumerInput{StreamARN: streamARN, ConsumerName: aws.String("sixth")})
	if codeOf(err) != "LimitExceededException" {
		t.Errorf("a sixth consumer beside five CREATING ones gives %v", err)
	}
	now.add(time.Second)
	pages := client.NewListStreamConsumersPaginator(c, &client.ListStreamConsumersInput{StreamARN: streamARN, MaxResults: aws.Int32(3)})
	var names []string
	for pages.HasMorePages() {
		page := must[*client.ListStreamConsumersOutput](t)(pages.NextPage(ctx))
		for _, consumer := range page.Consumers {
			names = append(names, *consumer.ConsumerName+" "+string(consumer.ConsumerStatus))
		}
		names = append(names, "|")
	}
	if got := strings.Join(names, " "); got != "first ACTIVE more0 ACTIVE more1 ACTIVE | more2 ACTIVE more3 ACTIVE |" {
		t.Errorf("consumers %s", got)
	}
	tags := must[*client.ListTagsForResourceOutput](t)(c.ListTagsForResource(ctx, &client.ListTagsForResourceInput{ResourceARN: first}))
	if got := tagLine(tags.Tags); got != "team=t" || *summary(t, c, "s").ConsumerCount != 5 {
		t.Errorf("tags %s, %d consumers", got, *summary(t, c, "s").ConsumerCount)
	}
	must[*client.DeregisterStreamConsumerOutput](t)(c.DeregisterStreamConsumer(ctx, &client.DeregisterStreamConsumerInput{StreamARN: streamARN, ConsumerName: aws.String("first")}))
	if got := describe(); got != "first DELETING true true" {
		t.Error(got)
	}
	now.add(time.Second)
	if got := describe(); got != "ResourceNotFoundException" {
		t.Error(got)
	}
}

// afterWriting gives a response only when its request is written to its end.
// AWS's client closes the request's body as soon as it has a response; if the
// transport is still at the body's end then, it drops the connection, and with
// it the stream.
type afterWriting struct{ http.RoundTripper }

func (a afterWriting) RoundTrip(r *http.Request) (*http.Response, error) {
	written, once := make(chan struct{}), sync.Once{}
	trace := &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { once.Do(func() { close(written) }) }}
	response, err := a.RoundTripper.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), trace)))
	if err == nil {
		<-written
	}
	return response, err
}

// transportOf is what the client's requests go through.
func transportOf(c *client.Client) http.RoundTripper {
	if own, ok := c.Options().HTTPClient.(*http.Client); ok {
		return own.Transport
	}
	return http.DefaultTransport
}

// subscribe opens a subscription through a client of its own: one client's event
// streams share a decoder that isn't safe for two at once (smithy-go v1.28.8).
func subscribe(c *client.Client, t testing.TB, consumer *string, shard string, position types.StartingPosition) (*client.SubscribeToShardEventStream, error) {
	options := c.Options()
	options.Protocol = nil // which New replaces
	options.HTTPClient = &http.Client{Transport: afterWriting{transportOf(c)}}
	out, err := client.New(options).SubscribeToShard(t.Context(), &client.SubscribeToShardInput{ConsumerARN: consumer, ShardId: &shard, StartingPosition: &position})
	if err != nil {
		return nil, err
	}
	return out.GetStream(), nil
}

// eventLine reads the next event that has records or is the shard's last.
func eventLine(events *client.SubscribeToShardEventStream) (line, continuation string) {
	for e := range events.Events() {
		v := e.(*types.SubscribeToShardEventStreamMemberSubscribeToShardEvent).Value
		for _, r := range v.Records {
			line += string(r.Data) + " "
		}
		for _, child := range v.ChildShards {
			line += "child " + *child.ShardId + " of " + strings.Join(child.ParentShards, " ") + " "
		}
		if line != "" {
			return line, aws.ToString(v.ContinuationSequenceNumber)
		}
	}
	if err := events.Err(); err != nil {
		return codeOf(err), ""
	}
	return "closed", ""
}

// Records arrive as they are put, across a resumption and up to the shard's end,
// over HTTP/1.1 and HTTP/2.
func TestSDKSubscribe(t *testing.T) {
	for _, h2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("h2=%v", h2), func(t *testing.T) { subscribeAndFollow(t, h2) })
	}
}

func subscribeAndFollow(t *testing.T, h2 bool) {
	now := &clock{now: epoch}
	s := New(Config{Now: now.Now})
	c := serveTLS(t, s, h2)
	mustCreate(t, s, "s", 1)
	put := func(data string) {
		must[*client.PutRecordOutput](t)(c.PutRecord(t.Context(), &client.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte(data)}))
	}
	put("old")
	consumer := register(t, c, s, "s", "efo")
	events, err := subscribe(c, t, consumer, shardID(0), types.StartingPosition{Type: types.ShardIteratorTypeLatest})
	if err != nil {
		t.Fatal(err)
	}
	put("one")
	line, after := eventLine(events)
	if line != "one " {
		t.Errorf("after LATEST comes %q", line)
	}
	if _, err := subscribe(c, t, consumer, shardID(0), types.StartingPosition{Type: types.ShardIteratorTypeLatest}); codeOf(err) != "ResourceInUseException" {
		t.Errorf("a second subscription within 5 s gives %v", err)
	}
	put("two")
	if line, _ := eventLine(events); line != "two " {
		t.Errorf("the first subscription goes on with %q", line)
	}
	now.add(5 * time.Second)
	resumed, err := subscribe(c, t, consumer, shardID(0), types.StartingPosition{Type: types.ShardIteratorTypeAfterSequenceNumber, SequenceNumber: &after})
	if err != nil {
		t.Fatal(err)
	}
	if line, _ := eventLine(events); line != "ResourceInUseException" {
		t.Errorf("the subscription that was taken over ends with %q", line)
	}
	if line, _ := eventLine(resumed); line != "two " {
		t.Errorf("after the continuation comes %q", line)
	}
	must[*client.SplitShardOutput](t)(c.SplitShard(t.Context(), &client.SplitShardInput{StreamName: aws.String("s"), ShardToSplit: aws.String(shardID(0)), NewStartingHashKey: aws.String(half)}))
	want := "child shardId-000000000001 of shardId-000000000000 child shardId-000000000002 of shardId-000000000000 "
	if line, continuation := eventLine(resumed); line != want || continuation != "" {
		t.Errorf("at the end: %q, continuation %q", line, continuation)
	}
	if line, _ := eventLine(resumed); line != "closed" {
		t.Errorf("behind the end: %q", line)
	}
}

func serveTLS(t *testing.T, s *Server, h2 bool) *client.Client {
	t.Helper()
	web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.ProtoMajor == 2) != h2 {
			t.Errorf("a request over %s", r.Proto)
		}
		s.ServeHTTP(w, r)
	}))
	web.EnableHTTP2 = h2
	if !h2 {
		web.TLS = &tls.Config{NextProtos: []string{"http/1.1"}}
	}
	web.StartTLS()
	t.Cleanup(web.Close)
	return client.New(client.Options{
		BaseEndpoint: aws.String(web.URL), Region: "us-east-1", RetryMaxAttempts: 1, HTTPClient: web.Client(),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

// A subscription ends after 5 minutes without an error, and fails when its
// consumer is deregistered.
func TestSDKSubscriptionEnds(t *testing.T) {
	var j journal
	c, s, now := start(t, Config{Series: j.consumerSeries})
	mustCreate(t, s, "s", 1)
	consumer := register(t, c, s, "s", "efo")
	put := func() {
		must[*client.PutRecordOutput](t)(c.PutRecord(t.Context(), &client.PutRecordInput{StreamName: aws.String("s"), PartitionKey: aws.String("k"), Data: []byte("x")}))
	}
	put()
	horizon := types.StartingPosition{Type: types.ShardIteratorTypeTrimHorizon}
	_, err := c.SubscribeToShard(t.Context(), &client.SubscribeToShardInput{ConsumerARN: consumer, ShardId: aws.String(shardID(0)), StartingPosition: &horizon, DryRun: aws.Bool(true)})
	if codeOf(err) != "DryRunOperationException" {
		t.Errorf("a dry run gives %v", err)
	}
	events := must[*client.SubscribeToShardEventStream](t)(subscribe(c, t, consumer, shardID(0), horizon))
	if line, _ := eventLine(events); line != "x " {
		t.Errorf("first %q", line)
	}
	want := []string{
		"s efo SubscribeToShard.RateExceeded 0 Count",
		"s efo SubscribeToShard.Success 1 Count",
		"s efo SubscribeToShardEvent.Bytes 2 Bytes",
		"s efo SubscribeToShardEvent.MillisBehindLatest 0 Milliseconds",
		"s efo SubscribeToShardEvent.Records 1 Count",
		"s efo SubscribeToShardEvent.Success 1 Count",
	}
	now.add(5 * time.Minute)
	put() // wakes the subscription
	if line, _ := eventLine(events); line != "closed" {
		t.Errorf("after 5 minutes: %q", line)
	}
	if diff := cmp.Diff(want, j.take()); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
	events = must[*client.SubscribeToShardEventStream](t)(subscribe(c, t, consumer, shardID(0), types.StartingPosition{Type: types.ShardIteratorTypeLatest}))
	must[*client.DeregisterStreamConsumerOutput](t)(c.DeregisterStreamConsumer(t.Context(), &client.DeregisterStreamConsumerInput{ConsumerARN: consumer}))
	if line, _ := eventLine(events); line != "ResourceNotFoundException" {
		t.Errorf("deregistered: %q", line)
	}
}
