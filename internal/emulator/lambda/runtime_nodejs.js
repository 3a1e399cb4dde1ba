// A Node.js runtime for the embedded Lambda: it takes invocations from the
// Runtime API and gives them to the handler that _HANDLER names (file.export),
// as lambda/latest/dg/runtimes-api and nodejs-handler (2026-11-22) have it.
'use strict';

const http = require('http');
const path = require('path');

const base = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime';
const agent = new http.Agent({ keepAlive: true });

// request has no timeout: the next invocation may be hours away.
function request(method, route, body, headers) {
  return new Promise((resolve, reject) => {
    const call = http.request(base + route, { method, agent, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}

const post = (route, document, headers) =>
  request('POST', route, JSON.stringify(document === undefined ? null : document), headers);

function failure(error) {
  const known = error instanceof Error;
  return {
    errorType: known ? error.name : typeof error,
    errorMessage: known ? error.message : String(error),
    trace: known ? String(error.stack).split('\n') : [],
  };
}

async function load() {
  const [file, name] = process.env._HANDLER.split(/\.(?=[^.]*$)/);
  const at = path.resolve(process.env.LAMBDA_TASK_ROOT, file);
  let module;
  try {
    module = require(at);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    module = await import(at + '.mjs');
  }
  if (typeof module[name] !== 'function') throw new Error(process.env._HANDLER + ' is undefined or not exported');
  return module[name];
}

// invoke gives the event to a handler of any of the three kinds: async, plain,
// or with a callback.
function invoke(handler, event, context) {
  return new Promise((resolve, reject) => {
    const result = handler(event, context, (error, value) => (error ? reject(error) : resolve(value)));
    if (result && typeof result.then === 'function') result.then(resolve, reject);
    else if (handler.length < 3) resolve(result);
  });
}

function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

async function main() {
  let handler;
  try {
    handler = await load();
  } catch (error) {
    console.error(error);
    await post('/init/error', failure(error), { 'Lambda-Runtime-Function-Error-Type': 'Runtime.' + failure(error).errorType });
    process.exit(1);
  }
  for (;;) {
    const next = await request('GET', '/invocation/next');
    const context = contextOf(next.headers);
    const call = '/invocation/' + context.awsRequestId;
    let result, failed;
    try {
      result = await invoke(handler, JSON.parse(next.body), context);
    } catch (error) {
      failed = failure(error);
    }
    if (failed) await post(call + '/error', failed, { 'Lambda-Runtime-Function-Error-Type': failed.errorType });
    else await post(call + '/response', result);
  }
}

main();
