// A Lambda function that reads orders from a Kinesis stream. One record that
// can't be read fails the batch as a whole.
export async function handler(event) {
  for (const record of event.Records) {
    JSON.parse(Buffer.from(record.kinesis.data, 'base64').toString());
  }
}
