// Every kind of answer of the API's operations: made in setup, read in an
// iteration, removed in teardown.
import { check } from 'k6';
import { Client } from 'k6/x/kinesis';

export const options = { thresholds: { checks: ['rate==1'] } };

const kinesis = new Client({ credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' } });

export async function setup() {
  await kinesis.createStream({ StreamName: 'made', ShardCount: 2 });
  const { StreamDescriptionSummary: stream } = await kinesis.waitUntilStreamExists('made');
  check(stream, {
    'summary of the made stream': (s) => s.StreamStatus === 'ACTIVE' && s.OpenShardCount === 2,
    'a time is a Date': (s) => Math.abs(Date.now() - s.StreamCreationTimestamp.getTime()) < 60_000,
  });
  return stream.StreamARN;
}

export default async function (arn) {
  const data = [
    'text ä',
    new Uint8Array([0, 255, 3]).buffer,
    new Uint8Array([9, 1, 2, 9]).subarray(1, 3),
    new Uint16Array([0x0201, 0x0403]),
    new DataView(new Uint8Array([7, 8, 9]).buffer, 1),
    [1, 2, 3],
  ];
  const put = await kinesis.putRecords(arn, data.map((d) => ({ data: d, partitionKey: 'k' })));
  check(put, { 'all accepted': (p) => p.FailedRecordCount === 0 && p.Records.length === data.length && p.ErrorCode === undefined });

  const { ShardId } = put.Records[0];
  check(kinesis.listShardsSync({ streamName: 'made' }), { 'two shards': (l) => l.Shards.length === 2 && l.NextToken === undefined });
  const { ShardIterator } = await kinesis.getShardIterator({ StreamName: 'made', ShardId, ShardIteratorType: 'AT_TIMESTAMP', Timestamp: 1.5 });
  const got = kinesis.getRecordsSync({ ShardIterator, Limit: 10 });
  const bytes = got.Records.map((r) => Array.from(new Uint8Array(r.Data)).join());
  check(bytes, {
    'text is UTF-8': (b) => b[0] === '116,101,120,116,32,195,164',
    'a buffer is its bytes': (b) => b[1] === '0,255,3',
    'a view is its part of the buffer': (b) => b[2] === '1,2',
    'wider elements are their bytes': (b) => b[3] === '1,2,3,4',
    'a DataView is its part': (b) => b[4] === '8,9',
    'an array is byte values': (b) => b[5] === '1,2,3',
  });
  check(got, { 'an answer says where to go on': (g) => g.NextShardIterator.length > 0 && g.MillisBehindLatest === 0 });

  const tags = kinesis.addTagsToStreamSync({ StreamName: 'made', Tags: { team: 'x' } });
  check(tags, { 'an empty answer': (t) => Object.keys(t).length === 0 });
  check(kinesis.listTagsForStreamSync('made'), { 'a tag': (t) => t.Tags[0].Key === 'team' && t.Tags[0].Value === 'x' });

  const { Consumer } = await kinesis.registerStreamConsumer({ StreamARN: arn, ConsumerName: 'fan' });
  const { Events } = await kinesis.subscribeToShard({
    ConsumerARN: Consumer.ConsumerARN, ShardId, StartingPosition: { Type: 'TRIM_HORIZON' }, Duration: '500ms',
  });
  check(Events, {
    'a consumer is pushed what is there': (e) => e.flatMap((event) => event.Records).length === data.length,
    'and told where to go on': (e) => e.length > 0 && e[0].ContinuationSequenceNumber !== undefined,
  });

  const late = new Date(Date.now() + 1000);
  check(await caught(kinesis.getShardIterator({ StreamName: 'none', ShardId, ShardIteratorType: 'AT_TIMESTAMP', Timestamp: late })), {
    'an Error is thrown': (e) => e instanceof Error,
    'with what the service said': (e) =>
      e.name === 'KinesisServiceError' && e.code === 'ResourceNotFoundException' && e.operation === 'getShardIterator',
  });
  check(await caught(kinesis.describeStreamSummary({ StremName: 'made' })), {
    'an unknown parameter is named': (e) => e.message.includes('StremName'),
  });
  // @ts-expect-error the types say so too
  check(await caught((async () => kinesis.putRecord('made', { data: 5, partitionKey: 'k' }))()), {
    'a number is no data': (e) => e.message.includes('must be a string, an ArrayBuffer'),
  });
  check(await kinesis.putRecords('none', [{ data: 'x', partitionKey: 'k' }]), {
    'a put answers instead': (p) => p.FailedRecordCount === 1 && p.ErrorCode === 'ResourceNotFoundException',
  });
}

export function teardown() {
  kinesis.deleteStreamSync('made');
}

/** @returns {Promise<any>} what was thrown */
function caught(promise) {
  return promise.then(() => ({ message: 'nothing was thrown' }), (e) => e);
}
