import { Client } from 'k6/x/kinesis';

const kinesis = new Client();

export const options = { iterations: 3 };

export default function () {
  kinesis.putRecordsSync(__ENV.KINESIS_STREAM_NAME, [{ data: JSON.stringify({ id: __ITER }), partitionKey: `key-${__VU}` }]);
}
