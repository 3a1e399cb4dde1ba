'use strict';

// A Lambda function for AWS's own runtime client for Node.js. It appends the
// records that it is given to the file GOT.

const { appendFileSync } = require('node:fs');

exports.handler = async (event) => {
  const lines = event.Records.map((r) => `${Buffer.from(r.kinesis.data, 'base64')}\n`);
  appendFileSync(process.env.GOT, lines.join(''));
};
