import { Stream } from 'k6/x/kinesis';

const orders = new Stream({
  name: __ENV.KINESIS_STREAM_NAME || 'orders',
  payload: '200..900',
  keys: 'zipf:1.1',
});

export const options = {
  scenarios: {
    shop: {
      executor: 'constant-arrival-rate',
      rate: Number(__ENV.RATE || 10), // calls a second, of five orders each
      timeUnit: '1s',
      duration: __ENV.DURATION || '8s',
      preAllocatedVUs: 10,
    },
  },
  thresholds: {
    kinesis_records_rejected: ['count==0'],
    kinesis_put_duration: ['p(99)<500'],
  },
};

export default function () {
  const put = orders.put(5);
  if (put.rejected > 0) {
    console.warn(JSON.stringify(put));
  }
}
