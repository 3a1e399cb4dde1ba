// One VU puts records that Go makes, as fast as answers come: batches one after
// the other, single records many at once.
import { Stream } from 'k6/x/kinesis';

const stream = new Stream({ name: 'bench', payload: __ENV.BENCH_BYTES, keys: 10000, encoding: __ENV.BENCH_ENCODING });
const batch = parseInt(__ENV.BENCH_BATCH);

export const options = { scenarios: { put: { executor: 'constant-vus', vus: 1, duration: '1h', gracefulStop: '0s' } } };

export default function () {
  if (batch === 1) {
    stream.put(2000, { batch });
    return;
  }
  for (let i = 0; i < 20; i++) {
    stream.put(batch);
  }
}
