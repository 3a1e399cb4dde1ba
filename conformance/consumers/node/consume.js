'use strict';

// Consumes the stream by lifion-kinesis, with its state in DynamoDB. Not by
// enhanced fan-out: there the library asks AWS's own address, whatever endpoint
// it is given.

const Kinesis = require('lifion-kinesis');

const all = Number(process.env.RECORDS);
const last = new Map();
let count = 0;
let wrong = 0;

// finish says what came and ends with success if that was right.
function finish() {
  console.log(`${count} of ${all} records of ${last.size} keys, ${wrong} out of place`);
  process.exit(count === all && wrong === 0 ? 0 : 1);
}

// add takes a record "KEY NUMBER": each key's numbers come from 1 on, each once.
function add(record) {
  const [key, text] = record.toString().split(' ');
  const want = (last.get(key) || 0) + 1;
  if (Number(text) !== want) {
    wrong += 1;
    console.error(`key ${key}: record ${text} in the place of ${want}`);
  }
  last.set(key, Math.max(want - 1, Number(text)));
  count += 1;
  if (count === all) setTimeout(finish, 1000);
}

const kinesis = new Kinesis({
  streamName: process.env.STREAM,
  consumerGroup: 'lifion',
  endpoint: process.env.AWS_ENDPOINT_URL,
  region: process.env.AWS_REGION,
  dynamoDb: { endpoint: process.env.DYNAMODB_ENDPOINT, region: process.env.AWS_REGION },
  initialPositionInStream: 'TRIM_HORIZON',
  leaseAcquisitionInterval: 1000,
  logger: { error: console.error, warn: console.error },
});
kinesis.on('data', ({ records }) => records.forEach(({ data }) => add(data)));
kinesis.startConsumer();
setTimeout(finish, 60000);
