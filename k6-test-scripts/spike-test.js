// Spike: from 50 to 500 records per second and back, for longer each time.
//
//   KINESIS_STREAM_NAME=orders AWS_ENDPOINT_URL_KINESIS=http://127.0.0.1:4567 weir k6 run spike-test.js
//
// RATE=100,1000 sets the rates, DURATION=10m the length of a step.
import { Test } from 'k6/x/kinesis';

const test = new Test({ name: 'spike' });

export const options = test.options();

export default function () {
  test.next();
}
