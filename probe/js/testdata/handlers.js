// Wraps handlers that end in each way, calls them with the event on standard
// input, and says on standard error what came back.
'use strict';

const { probe } = require('../weir-probe.js');

const event = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const sequence = (i) => event.Records[i].kinesis.sequenceNumber;
const failures = (...ids) => ({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

const handlers = {
  succeeds: async () => 'done',
  'reports the third and the second': async () => failures(sequence(2), sequence(1)),
  'reports the first': async () => failures(sequence(0)),
  'reports one that is not there': async () => failures('0'),
  'reports none': async () => failures(),
  throws: async () => { throw new Error('no database'); },
};

(async () => {
  for (const [name, handler] of Object.entries(handlers)) {
    const context = { awsRequestId: name, functionName: 'orders-consumer' };
    let outcome;
    try {
      outcome = JSON.stringify(await probe(handler)(event, context));
    } catch (error) {
      outcome = 'threw ' + error.message;
    }
    console.error(name + ': ' + outcome);
  }
  await probe(async () => {})({ Records: [] }, {}); // writes nothing
})();
