// Reads batches as JSON, one a line, and writes the probe's line of each; a text
// that is a string is searched for a token instead.
'use strict';

const { findToken, line } = require('../weir-probe.js');

const seen = (text) => {
  const token = findToken(Buffer.from(text));
  return token ? JSON.stringify(token) : 'null';
};

for (const text of require('fs').readFileSync(0, 'utf8').trim().split('\n')) {
  const batch = JSON.parse(text);
  if (typeof batch === 'string') {
    console.log(seen(batch));
    continue;
  }
  const records = batch.records.map((r) => ({ ...r, data: Buffer.from(r.data, 'base64') }));
  console.log(line(batch, records, batch.end, batch.error));
}
