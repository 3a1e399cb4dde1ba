// Variable: an hour of rates that come and go: a day's shape, bursts, on and off.
//
//   KINESIS_STREAM_NAME=orders AWS_ENDPOINT_URL_KINESIS=http://127.0.0.1:4567 weir k6 run variable.js
//
// RATE=100,1000 sets the rates, DURATION=10m the length of a step.
import { Test } from 'k6/x/kinesis';

const test = new Test({ name: 'variable' });

export const options = test.options();

export default function () {
  test.next();
}
