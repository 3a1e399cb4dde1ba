// jslib-aws's call shapes: but for the import, this is a script for jslib-aws.
import { AWSConfig, KinesisClient } from 'k6/x/kinesis';
import { check } from 'k6';
import encoding from 'k6/encoding';

export const options = { thresholds: { checks: ['rate==1'] } };

const stream = 'moved';
const kinesis = new KinesisClient(AWSConfig.fromEnvironment({ endpoint: __ENV.AWS_ENDPOINT_URL }));

export async function setup() {
  await kinesis.createStream(stream, { shardCount: 2, streamModeDetails: { streamMode: 'PROVISIONED' } });
}

export default async function () {
  const listed = await kinesis.listStreams({ limit: 10 });
  check(listed, {
    'the stream is listed': (l) => l.streamNames.includes(stream) && l.hasMoreStreams === false,
    'with its summary': (l) => l.streamSummaries.some((s) => s.streamName === stream && s.streamCreationTimestamp > 1e9),
  });

  const put = await kinesis.putRecords(
    [1, 2, 3].map((n) => ({ Data: encoding.b64encode(JSON.stringify({ n })), PartitionKey: `key-${n}` })),
    { streamName: stream },
  );
  check(put, { 'all accepted': (p) => p.failedRecordCount === 0 && p.records.every((r) => r.shardId && r.sequenceNumber) });

  const read = [];
  for (const shard of (await kinesis.listShards(stream, { maxResults: 10 })).shards) {
    const { shardIterator } = await kinesis.getShardIterator(stream, shard.id, 'TRIM_HORIZON');
    const { records, nextShardIterator } = await kinesis.getRecords(shardIterator, { limit: 100 });
    check(nextShardIterator, { 'reading can go on': (i) => i.length > 0 });
    read.push(...records.map((r) => JSON.parse(encoding.b64decode(r.data, 'std', 's')).n));
  }
  check(read.sort().join(), { 'what was put is read': (r) => r === '1,2,3' });

  for (const call of [() => kinesis.listShards('none'), () => kinesis.putRecords([{ Data: 'eA==', PartitionKey: 'k' }], { streamName: 'none' })]) {
    const error = await call().catch((e) => e);
    check(error, { 'an error as its library throws it': (e) => e.name === 'KinesisServiceError' && e.code === 'ResourceNotFoundException' });
  }
}

export async function teardown() {
  await kinesis.deleteStream(stream);
}
