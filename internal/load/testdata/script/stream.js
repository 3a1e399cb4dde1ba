// Records that Go makes, in one call and in many at once.
import { check } from 'k6';
import { Stream } from 'k6/x/kinesis';

export const options = {
  thresholds: {
    checks: ['rate==1'],
    kinesis_records_accepted: ['count==2211'],
    kinesis_bytes: ['count==663300'], // 2211 records of 300 bytes
    kinesis_put_duration: ['p(95)<60000'],
    kinesis_lateness: ['max<60000'],
  },
};

const stream = new Stream({ name: 'orders', payload: 300 });

export default async function () {
  check(stream.put(), { one: (r) => r.accepted === 1 }); // 1 call
  check(stream.put(10), { ten: (r) => r.accepted === 10 && r.rejected === 0 && r.indeterminate === 0 }); // 1 call
  check(stream.put(1000), { 'more than a call holds': (r) => r.accepted === 1000 }); // 2 calls
  const many = await Promise.all([
    stream.putAsync(200, { batch: 1 }), // 200 calls
    stream.putAsync(1000, { batch: 72 }), // 1000 / 72 = 13.9: 14 calls
  ]);
  check(many, { 'many at once': ([a, b]) => a.accepted === 200 && b.accepted === 1000 });
  for (const wrong of [0, -1, 2_000_000]) {
    let message = '';
    try {
      stream.put(wrong);
    } catch (e) {
      message = e.message;
    }
    check(message, { 'refused': (m) => m.includes('at least 1 and at most') });
  }
}
