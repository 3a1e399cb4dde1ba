package conformance

const (
	streamARN   = "arn:aws:kinesis:us-east-1:123456789012:stream/orders"
	consumerARN = streamARN + "/consumer/reader:1795348800"
	channelARN  = "arn:aws:kinesis:us-east-1:123456789012:channel/c"
	keyARN      = "arn:aws:kms:us-east-1:123456789012:key/k"

	nopeARN       = "arn:aws:kinesis:us-east-1:123456789012:stream/nope"
	unknownStream = "ResourceNotFoundException: Stream nope under account 123456789012 not found."

	notModelled = "version 1.45.11 of the AWS CLI does not know it"
	noStreaming = "the AWS CLI leaves out operations that answer with event streams"
)

// operations are all of the API, in the order of their names.
var operations = []operation{
	{
		name:  "AddTagsToStream",
		in:    `{"StreamName":"orders","Tags":{"cost":"low"}}`,
		want:  `{}`,
		after: []step{{"ListTagsForStream", `{"StreamName":"orders"}`, `{"Tags":[{"Key":"cost","Value":"low"},{"Key":"team","Value":"red"}]}`}},
		wrong: `{"StreamName":"nope","Tags":{"cost":"low"}}`, refused: unknownStream,
	},
	{
		name: "CreateChannel", noCommand: notModelled,
		in: `{"ChannelName":"c","ServiceExecutionRoleARN":"arn:aws:iam::123456789012:role/r","StreamConfigurationList":[]}`,
	},
	{
		name:  "CreateStream",
		in:    `{"StreamName":"new","ShardCount":3,"MaxRecordSizeInKiB":2048,"Tags":{"a":"b"}}`,
		want:  `{}`,
		after: []step{{"DescribeStreamSummary", `{"StreamName":"new"}`, `{"StreamDescriptionSummary":{"StreamName":"new","OpenShardCount":3,"MaxRecordSizeInKiB":2048}}`}},
		wrong: `{"StreamName":"orders","ShardCount":1}`, refused: "ResourceInUseException: Stream orders under account 123456789012 already exists.",
	},
	{
		name:   "DecreaseStreamRetentionPeriod",
		before: []step{{"IncreaseStreamRetentionPeriod", `{"StreamName":"orders","RetentionPeriodHours":48}`, ""}},
		in:     `{"StreamName":"orders","RetentionPeriodHours":36}`,
		want:   `{}`,
		after:  []step{{"DescribeStreamSummary", `{"StreamName":"orders"}`, `{"StreamDescriptionSummary":{"RetentionPeriodHours":36}}`}},
		wrong:  `{"StreamName":"nope","RetentionPeriodHours":36}`, refused: unknownStream,
	},
	{
		name: "DeleteChannel", noCommand: notModelled,
		in: `{"ChannelARN":"` + channelARN + `"}`,
	},
	{
		name:   "DeleteResourcePolicy",
		before: []step{{"PutResourcePolicy", `{"ResourceARN":"` + streamARN + `","Policy":"{\"Version\":\"2012-10-17\"}"}`, ""}},
		in:     `{"ResourceARN":"` + streamARN + `"}`,
		want:   `{}`,
		after:  []step{{"GetResourcePolicy", `{"ResourceARN":"` + streamARN + `"}`, `{"Policy":"{}"}`}},
		wrong:  `{"ResourceARN":"` + nopeARN + `"}`, refused: unknownStream,
	},
	{
		name:  "DeleteStream",
		in:    `{"StreamName":"orders","EnforceConsumerDeletion":true}`,
		want:  `{}`,
		after: []step{{"ListStreams", `{}`, `{"StreamNames":[]}`}},
		wrong: `{"StreamName":"nope"}`, refused: unknownStream,
	},
	{
		name:  "DeregisterStreamConsumer",
		in:    `{"ConsumerARN":"` + consumerARN + `"}`,
		want:  `{}`,
		after: []step{{"ListStreamConsumers", `{"StreamARN":"` + streamARN + `"}`, `{"Consumers":[]}`}},
		wrong: `{"StreamARN":"` + streamARN + `","ConsumerName":"nobody"}`, refused: "ResourceNotFoundException: Consumer nobody, account 123456789012 not found.",
	},
	{
		name: "DescribeAccountSettings",
		in:   `{}`,
		want: `{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}`,
	},
	{
		name: "DescribeChannel", noCommand: notModelled,
		in: `{"ChannelARN":"` + channelARN + `"}`,
	},
	{
		name: "DescribeLimits", cliLacks: "ChannelCount",
		in:   `{}`,
		want: `{"ShardLimit":20000,"OpenShardCount":2,"OnDemandStreamCount":0,"OnDemandStreamCountLimit":50,"ChannelCount":0}`,
	},
	{
		name:  "DescribeStream",
		in:    `{"StreamName":"orders","Limit":1}`,
		want:  `{"StreamDescription":{"EncryptionType":"NONE","EnhancedMonitoring":[{"ShardLevelMetrics":[]}],"RetentionPeriodHours":24,"StreamARN":"` + streamARN + `","StreamCreationTimestamp":1795348800.125,"StreamModeDetails":{"StreamMode":"PROVISIONED"},"StreamName":"orders","StreamStatus":"ACTIVE","HasMoreShards":true,"Shards":[{"ShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"170141183460469231731687303715884105727"},"SequenceNumberRange":{"StartingSequenceNumber":"*"}}]}}`,
		wrong: `{"StreamName":"nope"}`, refused: unknownStream,
	},
	{
		name:  "DescribeStreamConsumer",
		in:    `{"StreamARN":"` + streamARN + `","ConsumerName":"reader"}`,
		want:  `{"ConsumerDescription":{"ConsumerARN":"` + consumerARN + `","ConsumerCreationTimestamp":1795348800.125,"ConsumerName":"reader","ConsumerStatus":"ACTIVE","StreamARN":"` + streamARN + `"}}`,
		wrong: `{"StreamARN":"` + streamARN + `","ConsumerName":"nobody"}`, refused: "ResourceNotFoundException: Consumer nobody, account 123456789012 not found.",
	},
	{
		name:  "DescribeStreamSummary",
		in:    `{"StreamARN":"` + streamARN + `"}`,
		want:  `{"StreamDescriptionSummary":{"EncryptionType":"NONE","EnhancedMonitoring":[{"ShardLevelMetrics":[]}],"RetentionPeriodHours":24,"StreamARN":"` + streamARN + `","StreamCreationTimestamp":1795348800.125,"StreamModeDetails":{"StreamMode":"PROVISIONED"},"StreamName":"orders","StreamStatus":"ACTIVE","ConsumerCount":1,"MaxRecordSizeInKiB":1024,"OpenShardCount":2}}`,
		wrong: `{"StreamName":"nope"}`, refused: unknownStream,
	},
	{
		name:   "DisableEnhancedMonitoring",
		before: []step{{"EnableEnhancedMonitoring", `{"StreamName":"orders","ShardLevelMetrics":["IncomingBytes","OutgoingBytes"]}`, ""}},
		in:     `{"StreamName":"orders","ShardLevelMetrics":["IncomingBytes"]}`,
		want:   `{"StreamName":"orders","StreamARN":"` + streamARN + `","CurrentShardLevelMetrics":["IncomingBytes","OutgoingBytes"],"DesiredShardLevelMetrics":["OutgoingBytes"]}`,
		wrong:  `{"StreamName":"nope","ShardLevelMetrics":["ALL"]}`, refused: unknownStream,
	},
	{
		name:  "EnableEnhancedMonitoring",
		in:    `{"StreamName":"orders","ShardLevelMetrics":["IncomingBytes"]}`,
		want:  `{"StreamName":"orders","StreamARN":"` + streamARN + `","CurrentShardLevelMetrics":[],"DesiredShardLevelMetrics":["IncomingBytes"]}`,
		after: []step{{"DescribeStreamSummary", `{"StreamName":"orders"}`, `{"StreamDescriptionSummary":{"EnhancedMonitoring":[{"ShardLevelMetrics":["IncomingBytes"]}]}}`}},
		wrong: `{"StreamName":"nope","ShardLevelMetrics":["ALL"]}`, refused: unknownStream,
	},
	{
		name:   "GetRecords",
		before: []step{{"GetShardIterator", `{"StreamName":"orders","ShardId":"shardId-000000000000","ShardIteratorType":"TRIM_HORIZON"}`, ""}},
		in:     `{"ShardIterator":"$ShardIterator","Limit":10}`,
		want:   `{"Records":[{"ApproximateArrivalTimestamp":1795348800.125,"Data":"aGVsbG8=","PartitionKey":"a","SequenceNumber":"*"}],"NextShardIterator":"*","MillisBehindLatest":0}`,
		wrong:  `{"ShardIterator":"$ShardIterator","Limit":10001}`, refused: "ValidationException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
	},
	{
		name:   "GetResourcePolicy",
		before: []step{{"PutResourcePolicy", `{"ResourceARN":"` + streamARN + `","Policy":"{\"Version\":\"2012-10-17\"}"}`, ""}},
		in:     `{"ResourceARN":"` + streamARN + `"}`,
		want:   `{"Policy":"{\"Version\":\"2012-10-17\"}"}`,
		wrong:  `{"ResourceARN":"` + nopeARN + `"}`, refused: unknownStream,
	},
	{
		// A time keeps its milliseconds in every protocol: it is 125, and a
		// place at 126 is in the future.
		name:  "GetShardIterator",
		in:    `{"StreamName":"orders","ShardId":"shardId-000000000000","ShardIteratorType":"AT_TIMESTAMP","Timestamp":1795348800.125}`,
		want:  `{"ShardIterator":"*"}`,
		after: []step{{"GetRecords", `{"ShardIterator":"$ShardIterator"}`, `{"Records":[{"PartitionKey":"a"}]}`}},
		wrong: `{"StreamName":"orders","ShardId":"shardId-000000000000","ShardIteratorType":"AT_TIMESTAMP","Timestamp":1795348800.126}`, refused: "InvalidArgumentException: The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: 1795348800126, currentTimestampInMillis: 1795348800125",
	},
	{
		name:  "IncreaseStreamRetentionPeriod",
		in:    `{"StreamName":"orders","RetentionPeriodHours":48}`,
		want:  `{}`,
		after: []step{{"DescribeStreamSummary", `{"StreamName":"orders"}`, `{"StreamDescriptionSummary":{"RetentionPeriodHours":48}}`}},
		wrong: `{"StreamName":"nope","RetentionPeriodHours":48}`, refused: unknownStream,
	},
	{
		name: "ListChannels", noCommand: notModelled,
		in: `{}`,
	},
	{
		name:  "ListShards",
		in:    `{"StreamName":"orders","MaxResults":1}`,
		want:  `{"NextToken":"*","Shards":[{"ShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"170141183460469231731687303715884105727"},"SequenceNumberRange":{"StartingSequenceNumber":"*"}}]}`,
		wrong: `{"StreamName":"nope"}`, refused: unknownStream,
	},
	{
		name:  "ListStreamConsumers",
		in:    `{"StreamARN":"` + streamARN + `"}`,
		want:  `{"Consumers":[{"ConsumerARN":"` + consumerARN + `","ConsumerCreationTimestamp":1795348800.125,"ConsumerName":"reader","ConsumerStatus":"ACTIVE"}]}`,
		wrong: `{"StreamARN":"` + nopeARN + `"}`, refused: unknownStream,
	},
	{
		name:  "ListStreams",
		in:    `{"Limit":1}`,
		want:  `{"HasMoreStreams":false,"StreamNames":["orders"],"StreamSummaries":[{"StreamARN":"` + streamARN + `","StreamCreationTimestamp":1795348800.125,"StreamModeDetails":{"StreamMode":"PROVISIONED"},"StreamName":"orders","StreamStatus":"ACTIVE"}]}`,
		wrong: `{"Limit":10001}`, refused: "ValidationException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
	},
	{
		name:  "ListTagsForResource",
		in:    `{"ResourceARN":"` + streamARN + `"}`,
		want:  `{"Tags":[{"Key":"team","Value":"red"}]}`,
		wrong: `{"ResourceARN":"` + nopeARN + `"}`, refused: unknownStream,
	},
	{
		name:  "ListTagsForStream",
		in:    `{"StreamName":"orders"}`,
		want:  `{"HasMoreTags":false,"Tags":[{"Key":"team","Value":"red"}]}`,
		wrong: `{"StreamName":"nope"}`, refused: unknownStream,
	},
	{
		name:  "MergeShards",
		in:    `{"StreamName":"orders","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`,
		want:  `{}`,
		after: []step{{"ListShards", `{"StreamName":"orders","ShardFilter":{"Type":"AT_LATEST"}}`, `{"Shards":[{"ShardId":"shardId-000000000002","ParentShardId":"shardId-000000000000","AdjacentParentShardId":"shardId-000000000001"}]}`}},
		wrong: `{"StreamName":"nope","ShardToMerge":"shardId-000000000000","AdjacentShardToMerge":"shardId-000000000001"}`, refused: unknownStream,
	},
	{
		name:  "PutRecord",
		in:    `{"StreamName":"orders","PartitionKey":"a","Data":"aGVsbG8=","ExplicitHashKey":"340282366920938463463374607431768211455"}`,
		want:  `{"ShardId":"shardId-000000000001","SequenceNumber":"*"}`,
		wrong: `{"StreamName":"nope","PartitionKey":"a","Data":"aGVsbG8="}`, refused: unknownStream,
	},
	{
		name:  "PutRecords",
		in:    `{"StreamName":"orders","Records":[{"PartitionKey":"a","Data":"aGVsbG8="},{"PartitionKey":"a","Data":"aGVsbG8=","ExplicitHashKey":"340282366920938463463374607431768211455"}]}`,
		want:  `{"FailedRecordCount":0,"Records":[{"ShardId":"shardId-000000000000","SequenceNumber":"*"},{"ShardId":"shardId-000000000001","SequenceNumber":"*"}]}`,
		wrong: `{"StreamName":"nope","Records":[{"PartitionKey":"a","Data":"aGVsbG8="}]}`, refused: unknownStream,
	},
	{
		name:  "PutResourcePolicy",
		in:    `{"ResourceARN":"` + streamARN + `","Policy":"{\"Version\":\"2012-10-17\"}"}`,
		want:  `{}`,
		after: []step{{"GetResourcePolicy", `{"ResourceARN":"` + streamARN + `"}`, `{"Policy":"{\"Version\":\"2012-10-17\"}"}`}},
		wrong: `{"ResourceARN":"` + nopeARN + `","Policy":"{}"}`, refused: unknownStream,
	},
	{
		name:  "RegisterStreamConsumer",
		in:    `{"StreamARN":"` + streamARN + `","ConsumerName":"second"}`,
		want:  `{"Consumer":{"ConsumerARN":"` + streamARN + `/consumer/second:1795348800","ConsumerCreationTimestamp":1795348800.125,"ConsumerName":"second","ConsumerStatus":"CREATING"}}`,
		wrong: `{"StreamARN":"` + streamARN + `","ConsumerName":"reader"}`, refused: "ResourceInUseException: Consumer reader under stream orders already exists for account 123456789012.",
	},
	{
		name:  "RemoveTagsFromStream",
		in:    `{"StreamName":"orders","TagKeys":["team"]}`,
		want:  `{}`,
		after: []step{{"ListTagsForStream", `{"StreamName":"orders"}`, `{"Tags":[]}`}},
		wrong: `{"StreamName":"nope","TagKeys":["team"]}`, refused: unknownStream,
	},
	{
		name:  "SplitShard",
		in:    `{"StreamName":"orders","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"}`,
		want:  `{}`,
		after: []step{{"ListShards", `{"StreamName":"orders","ShardFilter":{"Type":"AFTER_SHARD_ID","ShardId":"shardId-000000000001"}}`, `{"Shards":[{"ParentShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"0","EndingHashKey":"999"}},{"ParentShardId":"shardId-000000000000","HashKeyRange":{"StartingHashKey":"1000"}}]}`}},
		wrong: `{"StreamName":"nope","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"1000"}`, refused: unknownStream,
	},
	{
		name:  "StartStreamEncryption",
		in:    `{"StreamName":"orders","EncryptionType":"KMS","KeyId":"` + keyARN + `"}`,
		want:  `{}`,
		after: []step{{"DescribeStreamSummary", `{"StreamName":"orders"}`, `{"StreamDescriptionSummary":{"EncryptionType":"KMS","KeyId":"` + keyARN + `"}}`}},
		wrong: `{"StreamName":"nope","EncryptionType":"KMS","KeyId":"` + keyARN + `"}`, refused: unknownStream,
	},
	{
		name:   "StopStreamEncryption",
		before: []step{{"StartStreamEncryption", `{"StreamName":"orders","EncryptionType":"KMS","KeyId":"` + keyARN + `"}`, ""}},
		in:     `{"StreamName":"orders","EncryptionType":"KMS","KeyId":"` + keyARN + `"}`,
		want:   `{}`,
		after:  []step{{"DescribeStreamSummary", `{"StreamName":"orders"}`, `{"StreamDescriptionSummary":{"EncryptionType":"NONE"}}`}},
		wrong:  `{"StreamName":"nope","EncryptionType":"KMS","KeyId":"` + keyARN + `"}`, refused: unknownStream,
	},
	{
		name: "SubscribeToShard", noCommand: noStreaming,
		in:    `{"ConsumerARN":"` + consumerARN + `","ShardId":"shardId-000000000000","StartingPosition":{"Type":"AT_TIMESTAMP","Timestamp":1795348800.125}}`,
		want:  `{"SubscribeToShardEvent":{"ContinuationSequenceNumber":"*","MillisBehindLatest":0,"Records":[{"ApproximateArrivalTimestamp":1795348800.125,"Data":"aGVsbG8=","PartitionKey":"a","SequenceNumber":"*"}]}}`,
		wrong: `{"ConsumerARN":"` + nopeARN + `/consumer/reader:1","ShardId":"shardId-000000000000","StartingPosition":{"Type":"LATEST"}}`, refused: "ResourceNotFoundException: Shard shardId-000000000000 in stream nope under account 123456789012 does not exist",
	},
	{
		name:  "TagResource",
		in:    `{"ResourceARN":"` + consumerARN + `","Tags":{"cost":"low"}}`,
		want:  `{}`,
		after: []step{{"ListTagsForResource", `{"ResourceARN":"` + consumerARN + `"}`, `{"Tags":[{"Key":"cost","Value":"low"}]}`}},
		wrong: `{"ResourceARN":"` + nopeARN + `","Tags":{"cost":"low"}}`, refused: unknownStream,
	},
	{
		name:  "UntagResource",
		in:    `{"ResourceARN":"` + streamARN + `","TagKeys":["team"]}`,
		want:  `{}`,
		after: []step{{"ListTagsForResource", `{"ResourceARN":"` + streamARN + `"}`, `{"Tags":[]}`}},
		wrong: `{"ResourceARN":"` + nopeARN + `","TagKeys":["team"]}`, refused: unknownStream,
	},
	{
		name: "UpdateAccountSettings",
		in:   `{"MinimumThroughputBillingCommitment":{"Status":"DISABLED"}}`,
	},
	{
		name: "UpdateChannel", noCommand: notModelled,
		in: `{"ChannelARN":"` + channelARN + `"}`,
	},
	{
		name:  "UpdateMaxRecordSize",
		in:    `{"StreamARN":"` + streamARN + `","MaxRecordSizeInKiB":10240}`,
		want:  `{}`,
		after: []step{{"DescribeStreamSummary", `{"StreamName":"orders"}`, `{"StreamDescriptionSummary":{"MaxRecordSizeInKiB":10240}}`}},
		wrong: `{"StreamARN":"` + nopeARN + `","MaxRecordSizeInKiB":10240}`, refused: unknownStream,
	},
	{
		name:  "UpdateShardCount",
		in:    `{"StreamName":"orders","TargetShardCount":4,"ScalingType":"UNIFORM_SCALING"}`,
		want:  `{"StreamName":"orders","StreamARN":"` + streamARN + `","CurrentShardCount":2,"TargetShardCount":4}`,
		after: []step{{"DescribeStreamSummary", `{"StreamName":"orders"}`, `{"StreamDescriptionSummary":{"OpenShardCount":4}}`}},
		wrong: `{"StreamName":"nope","TargetShardCount":4,"ScalingType":"UNIFORM_SCALING"}`, refused: unknownStream,
	},
	{
		name:  "UpdateStreamMode",
		in:    `{"StreamARN":"` + streamARN + `","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`,
		want:  `{}`,
		after: []step{{"DescribeStreamSummary", `{"StreamName":"orders"}`, `{"StreamDescriptionSummary":{"StreamModeDetails":{"StreamMode":"ON_DEMAND"}}}`}},
		wrong: `{"StreamARN":"` + nopeARN + `","StreamModeDetails":{"StreamMode":"ON_DEMAND"}}`, refused: unknownStream,
	},
	{
		name: "UpdateStreamRecordDistributionStrategy", noCommand: notModelled,
		in: `{"StreamARN":"` + streamARN + `","RecordDistributionStrategy":"AUTO"}`,
	},
	{
		name: "UpdateStreamWarmThroughput",
		in:   `{"StreamARN":"` + streamARN + `","WarmThroughputMiBps":100}`,
	},
}
