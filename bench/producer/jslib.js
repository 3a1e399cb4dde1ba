// One VU puts distinct records with k6's own AWS library.
import encoding from 'k6/encoding';
import { AWSConfig, KinesisClient } from './aws-kinesis.js';

const kinesis = new KinesisClient(new AWSConfig({
  region: __ENV.AWS_REGION, accessKeyId: __ENV.AWS_ACCESS_KEY_ID, secretAccessKey: __ENV.AWS_SECRET_ACCESS_KEY,
  endpoint: __ENV.AWS_ENDPOINT_URL,
}));
const batch = parseInt(__ENV.BENCH_BATCH);
const filler = 'x'.repeat(parseInt(__ENV.BENCH_BYTES));
let sequence = 0;

export const options = { scenarios: { put: { executor: 'constant-vus', vus: 1, duration: '1h', gracefulStop: '0s' } } };

export default async function () {
  const records = [];
  for (let i = 0; i < batch; i++) {
    sequence++;
    const text = `{"seq":${sequence},"data":"`;
    records.push({
      Data: encoding.b64encode(text + filler.slice(text.length + 2) + '"}'), PartitionKey: `k-${sequence % 10000}`,
    });
  }
  await kinesis.putRecords(records, { streamName: 'bench' });
}
