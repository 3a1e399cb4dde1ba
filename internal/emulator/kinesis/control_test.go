package kinesis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	client "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/go-cmp/cmp"
)

// must fails the test where a call of AWS's client failed.
func must[T any](t testing.TB) func(T, error) T {
	t.Helper()
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func summary(t testing.TB, c *client.Client, name string) *types.StreamDescriptionSummary {
	t.Helper()
	return must[*client.DescribeStreamSummaryOutput](t)(c.DescribeStreamSummary(t.Context(),
		&client.DescribeStreamSummaryInput{StreamName: &name})).StreamDescriptionSummary
}

func tagLine(tags []types.Tag) string {
	var out []string
	for _, tag := range tags {
		out = append(out, *tag.Key+"="+*tag.Value)
	}
	return strings.Join(out, " ")
}

// Both families of operations see the same tags.
func TestSDKTags(t *testing.T) {
	c, s, _ := start(t, Config{})
	ctx := t.Context()
	name, arn := aws.String("s"), aws.String(s.StreamARN("s"))
	must[*client.CreateStreamOutput](t)(c.CreateStream(ctx, &client.CreateStreamInput{StreamName: name, Tags: map[string]string{"born": "with"}}))
	must[*client.AddTagsToStreamOutput](t)(c.AddTagsToStream(ctx, &client.AddTagsToStreamInput{StreamName: name, Tags: map[string]string{"a": "1", "b": "2"}}))
	must[*client.TagResourceOutput](t)(c.TagResource(ctx, &client.TagResourceInput{ResourceARN: arn, Tags: map[string]string{"b": "3", "c": ""}}))
	out := must[*client.ListTagsForStreamOutput](t)(c.ListTagsForStream(ctx, &client.ListTagsForStreamInput{StreamARN: arn, Limit: aws.Int32(2), ExclusiveStartTagKey: aws.String("a")}))
	if got := tagLine(out.Tags); got != "b=3 born=with" || !*out.HasMoreTags {
		t.Errorf("a page of two after a: %s, more %v", got, *out.HasMoreTags)
	}
	must[*client.RemoveTagsFromStreamOutput](t)(c.RemoveTagsFromStream(ctx, &client.RemoveTagsFromStreamInput{StreamName: name, TagKeys: []string{"a", "none"}}))
	must[*client.UntagResourceOutput](t)(c.UntagResource(ctx, &client.UntagResourceInput{ResourceARN: arn, TagKeys: []string{"born"}}))
	all := must[*client.ListTagsForResourceOutput](t)(c.ListTagsForResource(ctx, &client.ListTagsForResourceInput{ResourceARN: arn}))
	if got := tagLine(all.Tags); got != "b=3 c=" {
		t.Errorf("in the end the tags are %s", got)
	}
	more := map[string]string{}
	for i := range 49 { // and the two there are make 51
		more[fmt.Sprint("more", i)] = ""
	}
	_, err := c.TagResource(ctx, &client.TagResourceInput{ResourceARN: arn, Tags: more})
	if codeOf(err) != "InvalidArgumentException" {
		t.Errorf("51 tags give %v", err)
	}
}

// A decrease drops what is too old, for good; an increase keeps what is there.
func TestSDKRetention(t *testing.T) {
	c, s, now := start(t, Config{CreateTime: time.Second})
	ctx := t.Context()
	mustCreate(t, s, "s", 1)
	name := aws.String("s")
	put := func() {
		must[*client.PutRecordOutput](t)(c.PutRecord(ctx, &client.PutRecordInput{StreamName: name, PartitionKey: aws.String("k"), Data: []byte("x")}))
	}
	kept := func() uint64 {
		at, err := s.Position("s", shardID(0), Start{})
		if err != nil {
			t.Fatal(err)
		}
		return 3 - at // three records are put, positions 0 to 2
	}
	increase := func(hours int32) string {
		_, err := c.IncreaseStreamRetentionPeriod(ctx, &client.IncreaseStreamRetentionPeriodInput{StreamName: name, RetentionPeriodHours: &hours})
		now.add(time.Second)
		return codeOf(err)
	}
	decrease := func(hours int32) string {
		_, err := c.DecreaseStreamRetentionPeriod(ctx, &client.DecreaseStreamRetentionPeriodInput{StreamName: name, RetentionPeriodHours: &hours})
		now.add(time.Second)
		return codeOf(err)
	}
	put() // hour 0
	if code := increase(48); code != "" {
		t.Fatal(code)
	}
	now.add(30 * time.Hour)
	put() // hour 30
	put()
	if got := kept(); got != 3 {
		t.Errorf("30 h old in a stream of 48 h: %d records of 3", got)
	}
	if code := decrease(24); code != "" {
		t.Fatal(code)
	}
	if code := increase(8760); code != "" {
		t.Fatal(code)
	}
	if got := kept(); got != 2 {
		t.Errorf("after 24 h and up again: %d records of 3, want the 2 new ones", got)
	}
	now.add(8760 * time.Hour)
	if got := kept(); got != 0 {
		t.Errorf("a year later %d records are left", got)
	}
	for what, code := range map[string]string{"8761": increase(8761), "23": decrease(23), "up to 24": increase(24)} {
		if code != "InvalidArgumentException" {
			t.Errorf("a change to %s hours gives %q", what, code)
		}
	}
}

func TestSDKStreamSettings(t *testing.T) {
	c, s, now := start(t, Config{CreateTime: time.Second})
	ctx := t.Context()
	mustCreate(t, s, "s", 2)
	name, arn := aws.String("s"), aws.String(s.StreamARN("s"))

	must[*client.UpdateMaxRecordSizeOutput](t)(c.UpdateMaxRecordSize(ctx, &client.UpdateMaxRecordSizeInput{StreamARN: arn, MaxRecordSizeInKiB: aws.Int32(4096)}))
	if got := summary(t, c, "s"); got.StreamStatus != types.StreamStatusUpdating || *got.MaxRecordSizeInKiB != 4096 {
		t.Errorf("a new size: %s, %d KiB", got.StreamStatus, *got.MaxRecordSizeInKiB)
	}
	start := &client.StartStreamEncryptionInput{StreamName: name, EncryptionType: types.EncryptionTypeKms, KeyId: aws.String("alias/aws/kinesis")}
	_, err := c.StartStreamEncryption(ctx, start)
	if code := codeOf(err); code != "ResourceInUseException" {
		t.Errorf("a change of an UPDATING stream gives %q", code)
	}
	big := &client.PutRecordInput{StreamName: name, PartitionKey: aws.String("k"), Data: make([]byte, 1<<20)}
	must[*client.PutRecordOutput](t)(c.PutRecord(ctx, big)) // 1 MiB and a key, while UPDATING

	now.add(time.Second)
	must[*client.StartStreamEncryptionOutput](t)(c.StartStreamEncryption(ctx, start))
	if got := summary(t, c, "s"); got.EncryptionType != types.EncryptionTypeKms || *got.KeyId != "alias/aws/kinesis" {
		t.Errorf("encrypted: %s with %s", got.EncryptionType, *got.KeyId)
	}
	now.add(time.Second)
	must[*client.StopStreamEncryptionOutput](t)(c.StopStreamEncryption(ctx, &client.StopStreamEncryptionInput{StreamName: name, EncryptionType: types.EncryptionTypeKms, KeyId: aws.String("alias/aws/kinesis")}))
	if got := summary(t, c, "s"); got.EncryptionType != types.EncryptionTypeNone || got.KeyId != nil {
		t.Errorf("no longer encrypted: %s, key %v", got.EncryptionType, got.KeyId)
	}

	var codes []string
	for _, mode := range []types.StreamMode{types.StreamModeOnDemand, types.StreamModeProvisioned, types.StreamModeOnDemand} {
		now.add(time.Second)
		_, err := c.UpdateStreamMode(ctx, &client.UpdateStreamModeInput{StreamARN: arn, StreamModeDetails: &types.StreamModeDetails{StreamMode: mode}})
		codes = append(codes, codeOf(err))
	}
	if diff := cmp.Diff([]string{"", "", "LimitExceededException"}, codes); diff != "" {
		t.Errorf("three changes of mode in a day (-want +got):\n%s", diff)
	}
}

func TestSDKResourcePolicy(t *testing.T) {
	c, s, _ := start(t, Config{})
	ctx := t.Context()
	mustCreate(t, s, "s", 1)
	arn := aws.String(s.StreamARN("s"))
	policy := func() string {
		return *must[*client.GetResourcePolicyOutput](t)(c.GetResourcePolicy(ctx, &client.GetResourcePolicyInput{ResourceARN: arn})).Policy
	}
	before := policy()
	must[*client.PutResourcePolicyOutput](t)(c.PutResourcePolicy(ctx, &client.PutResourcePolicyInput{ResourceARN: arn, Policy: aws.String(`{"Version":"2012-10-17"}`)}))
	during := policy()
	must[*client.DeleteResourcePolicyOutput](t)(c.DeleteResourcePolicy(ctx, &client.DeleteResourcePolicyInput{ResourceARN: arn}))
	if got := before + during + policy(); got != `{}{"Version":"2012-10-17"}{}` {
		t.Errorf("the policies were %s", got)
	}
}

func TestSDKAccount(t *testing.T) {
	c, s, _ := start(t, Config{})
	ctx := t.Context()
	mustCreate(t, s, "a", 3)
	mustCreate(t, s, "b", 4)
	if err := s.CreateStream("c", 0, StreamOptions{OnDemand: true}); err != nil {
		t.Fatal(err)
	}
	limits := must[*client.DescribeLimitsOutput](t)(c.DescribeLimits(ctx, &client.DescribeLimitsInput{}))
	if got := fmt.Sprint(*limits.OpenShardCount, *limits.ShardLimit, *limits.OnDemandStreamCount, *limits.OnDemandStreamCountLimit); got != "7 20000 1 50" {
		t.Errorf("limits %s", got)
	}
	settings := must[*client.DescribeAccountSettingsOutput](t)(c.DescribeAccountSettings(ctx, &client.DescribeAccountSettingsInput{}))
	if got := settings.MinimumThroughputBillingCommitment.Status; got != types.MinimumThroughputBillingCommitmentOutputStatusDisabled {
		t.Errorf("commitment %s", got)
	}
}

// Exactly the metrics that are switched on go out, for the shard they are of.
func TestSDKEnhancedMonitoring(t *testing.T) {
	var j journal
	c, s, _ := start(t, Config{Series: j.shardSeries})
	ctx := t.Context()
	mustCreate(t, s, "s", 2)
	name := aws.String("s")
	enabled := must[*client.EnableEnhancedMonitoringOutput](t)(c.EnableEnhancedMonitoring(ctx, &client.EnableEnhancedMonitoringInput{
		StreamName: name, ShardLevelMetrics: []types.MetricsName{types.MetricsNameAll},
	}))
	if len(enabled.CurrentShardLevelMetrics) != 0 || len(enabled.DesiredShardLevelMetrics) != 7 {
		t.Errorf("before %v, after %v", enabled.CurrentShardLevelMetrics, enabled.DesiredShardLevelMetrics)
	}
	work := func() {
		must[*client.PutRecordsOutput](t)(c.PutRecords(ctx, &client.PutRecordsInput{StreamName: name, Records: []types.PutRecordsRequestEntry{
			{PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("0"), Data: []byte("two")},
			{PartitionKey: aws.String("k"), ExplicitHashKey: aws.String("0"), Data: []byte("more")},
		}}))
		if _, err := s.Read("s", shardID(0), 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	work() // "two" and "more" with their keys are 4 + 5 bytes, "two" alone is read
	want := []string{
		"s shardId-000000000000 IncomingBytes 9 Bytes",
		"s shardId-000000000000 IncomingRecords 2 Count",
		"s shardId-000000000000 IteratorAgeMilliseconds 0 Milliseconds",
		"s shardId-000000000000 OutgoingBytes 4 Bytes",
		"s shardId-000000000000 OutgoingRecords 1 Count",
		"s shardId-000000000000 ReadProvisionedThroughputExceeded 0 Count",
		"s shardId-000000000000 WriteProvisionedThroughputExceeded 0 Count",
	}
	if diff := cmp.Diff(want, j.take()); diff != "" {
		t.Errorf("all seven (-want +got):\n%s", diff)
	}
	must[*client.DisableEnhancedMonitoringOutput](t)(c.DisableEnhancedMonitoring(ctx, &client.DisableEnhancedMonitoringInput{
		StreamName: name, ShardLevelMetrics: []types.MetricsName{
			types.MetricsNameIncomingBytes, types.MetricsNameOutgoingBytes, types.MetricsNameIteratorAgeMilliseconds,
			types.MetricsNameReadProvisionedThroughputExceeded, types.MetricsNameWriteProvisionedThroughputExceeded,
		},
	}))
	work()
	want = []string{"s shardId-000000000000 IncomingRecords 2 Count", "s shardId-000000000000 OutgoingRecords 1 Count"}
	if diff := cmp.Diff(want, j.take()); diff != "" {
		t.Errorf("two of the seven (-want +got):\n%s", diff)
	}
	for range 4 { // with the two before, one call over the five a second
		if _, err := s.Read("s", shardID(0), 0, 1); err != nil {
			t.Fatal(err)
		}
	}
	must[*client.EnableEnhancedMonitoringOutput](t)(c.EnableEnhancedMonitoring(ctx, &client.EnableEnhancedMonitoringInput{
		StreamName: name, ShardLevelMetrics: []types.MetricsName{types.MetricsNameReadProvisionedThroughputExceeded},
	}))
	j.take()
	if _, err := s.Read("s", shardID(0), 0, 1); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"s shardId-000000000000 ReadProvisionedThroughputExceeded 1 Count"}, j.take()); diff != "" {
		t.Errorf("a throttled read (-want +got):\n%s", diff)
	}
}
