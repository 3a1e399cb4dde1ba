// Endurance: one rate for 24 hours.
//
// k6 keeps every value of a trend: `weir run endurance` does without, and under
// weir k6 run --no-thresholds --summary-mode=disabled does.
//
//   KINESIS_STREAM_NAME=orders AWS_ENDPOINT_URL_KINESIS=http://127.0.0.1:4567 weir k6 run endurance.js
//
// RATE=100,1000 sets the rates, DURATION=10m the length of a step.
import { Test } from 'k6/x/kinesis';

const test = new Test({ name: 'endurance' });

export const options = test.options();

export default function () {
  test.next();
}
