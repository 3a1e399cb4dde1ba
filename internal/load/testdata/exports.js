// The list of everything that the module exports, and of every method, for the
// test that compares it with index.d.ts.
import * as named from 'k6/x/kinesis';
import kinesis, { AWSConfig, Client, KinesisClient, Stream, Test } from 'k6/x/kinesis';
import { check } from 'k6';

export const options = { thresholds: { checks: ['rate==1'] } };

const config = AWSConfig.fromEnvironment();
const test = new Test({ rates: 1, step: '1s' });
const objects = { Client: new Client(), Stream: new Stream(), Test: test };

export default function () {
  check(Object.keys(named).filter((n) => n !== 'default').sort(), {
    'the default export has all': (names) => names.join() === Object.keys(kinesis).sort().join(),
  });
  const methods = (o) => Object.keys(o).filter((n) => typeof o[n] === 'function').sort();
  const found = { KinesisClient: Object.getOwnPropertyNames(KinesisClient.prototype).filter((n) => n !== 'constructor').sort() };
  for (const [name, object] of Object.entries(objects)) found[name] = methods(object);
  check(config, { 'an AWSConfig keeps what it was given': (c) => c.region === __ENV.AWS_REGION });
  console.log(`EXPORTS ${JSON.stringify({ exports: Object.keys(kinesis).sort(), methods: found })}`);
}
