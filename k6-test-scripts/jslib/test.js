// The catalogue's tests in plain JavaScript, for a k6 that can't load the module
// k6/x/kinesis, such as Grafana Cloud's.
//
//   TEST=spike KINESIS_STREAM_NAME=orders AWS_REGION=… AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… k6 run test.js
//
// TEST is a name of `weir plan list` (default baseline-500b); RATE=100,1000 sets
// the rates, DURATION=10m the length of a step, AWS_ENDPOINT_URL an endpoint.
// ../README.md says what these scripts can't do.
import encoding from 'k6/encoding';
import exec from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';
import { AWSConfig, KinesisClient } from 'https://jslib.k6.io/aws/0.14.0/kinesis.js';

const name = __ENV.TEST || 'baseline-500b';
const test = JSON.parse(open('./catalogue.json')).find((t) => t.name === name);
if (!test) throw new Error(`TEST=${name} is not in catalogue.json`);

const streamName = __ENV.KINESIS_STREAM_NAME;
if (!streamName) throw new Error('KINESIS_STREAM_NAME names no stream');
const kinesis = new KinesisClient(AWSConfig.fromEnvironment({ endpoint: __ENV.AWS_ENDPOINT_URL }));

const accepted = new Counter('kinesis_records_accepted');
const rejected = new Counter('kinesis_records_rejected'); // jslib-aws drops the cause of a single record
const bytes = new Counter('kinesis_bytes', false);
const duration = new Trend('kinesis_put_duration', true);

// A call carries what comes due in 10 ms, 500 records at most.
const batchOf = (rate) => Math.max(1, Math.min(500, Math.floor(rate / 100)));

function seconds(text) {
  const match = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text);
  if (!match) throw new Error(`DURATION=${text}: write for example 30s or 10m`);
  return Number(match[1]) * { s: 1, m: 60, h: 3600 }[match[2]];
}

function steps() {
  const own = __ENV.RATE
    ? __ENV.RATE.split(',').map((rate) => ({ rate: Number(rate), seconds: test.steps[0].seconds }))
    : test.steps;
  return own.map((s) => ({ rate: s.rate, seconds: __ENV.DURATION ? seconds(__ENV.DURATION) : s.seconds }));
}

// One scenario a step. `rate` iterations in `batch` seconds, each with `batch`
// records, are exactly `rate` records a second.
function scenarios() {
  const made = {};
  let start = 0;
  for (const [i, step] of steps().entries()) {
    const batch = batchOf(step.rate);
    made[`step_${i + 1}`] = {
      executor: 'constant-arrival-rate',
      rate: step.rate,
      timeUnit: `${batch}s`,
      duration: `${step.seconds}s`,
      startTime: `${start}s`,
      preAllocatedVUs: Math.min(200, Math.ceil((2 * step.rate) / batch)), // for calls of up to two seconds
      gracefulStop: '10s',
      env: { BATCH: String(batch) },
    };
    start += step.seconds;
  }
  return made;
}

export const options = { scenarios: scenarios() };

// record is a JSON object of that many bytes.
function record(size) {
  const head = `{"vu":${exec.vu.idInTest},"iteration":${exec.vu.iterationInInstance},"at":${Date.now()},"pad":"`;
  return `${head}${'x'.repeat(Math.max(0, size - head.length - 2))}"}`;
}

const between = (low, high) => low + Math.floor(Math.random() * (high - low + 1));

export default async function () {
  const records = [];
  let size = 0;
  for (let n = Number(__ENV.BATCH); n > 0; n--) {
    const text = record(between(test.payload.min, test.payload.max));
    size += text.length;
    records.push({ Data: encoding.b64encode(text), PartitionKey: `key-${between(1, test.keys)}` });
  }
  const start = Date.now();
  let failed = records.length;
  try {
    failed = (await kinesis.putRecords(records, { streamName })).failedRecordCount;
  } catch (error) {
    rejected.add(failed, { cause: error.code || error.name });
    return;
  } finally {
    duration.add(Date.now() - start);
    bytes.add(size);
    accepted.add(records.length - failed);
  }
  if (failed > 0) rejected.add(failed, { cause: 'unknown' });
}
