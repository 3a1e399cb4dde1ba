// A Lambda runtime: takes invocations from the Runtime API, gives them to the
// handler, and answers. Lambda's own Node.js runtime does this in the cloud.
import { handler } from './index.mjs';

const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

const post = (path, body) => fetch(`${api}/${path}`, { method: 'POST', body: JSON.stringify(body ?? null) });

for (;;) {
  const next = await fetch(`${api}/next`);
  const id = next.headers.get('lambda-runtime-aws-request-id');
  const deadline = Number(next.headers.get('lambda-runtime-deadline-ms'));
  try {
    const context = { awsRequestId: id, getRemainingTimeInMillis: () => deadline - Date.now() };
    await post(`${id}/response`, await handler(await next.json(), context));
  } catch (error) {
    await post(`${id}/error`, { errorType: error.name, errorMessage: error.message, stackTrace: error.stack.split('\n') });
  }
}
