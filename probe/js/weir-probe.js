// weir's probe for Node.js: tells weir what became of every record that a Lambda
// function was given. It wraps the handler and writes one line per invocation to
// the function's log, byte for byte what the Go probe (package line) writes.
//
//   const { probe } = require('./weir-probe');
//   exports.handler = probe(async (event, context) => { … });
//
// A handler that reports batch item failures returns them as always. With the
// environment variable WEIR_PROBE_LANES=1 (parallelization factor above 1) lines
// carry the span of each key lane. As a file of its own it is a function that
// does nothing but account: its handler is `handler`.
//
// Copyright the authors of weir; Apache-2.0, see ../LICENSE.
'use strict';

const MARKER = 'weir_ledger_v1';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const TOKEN_LENGTH = 36;
const MAX_VALUES = 100; // of one metric in one document (embedded metric format)

// CRC-32C, of which a token carries the low 24 bits.
const CRC = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});

function checksum(text) {
  let crc = 0xffffffff;
  for (let i = 0; i < text.length; i++) crc = CRC[(crc ^ text.charCodeAt(i)) & 255] ^ (crc >>> 8);
  return ~crc & 0xffffff;
}

// parseToken reads the token at the start of text; null where there is none.
// Numbers stay below 2^53, and times are microseconds since the Unix epoch.
function parseToken(text) {
  if (text.length < TOKEN_LENGTH || !text.startsWith('wr1')) return null;
  let at = 3;
  const fields = [5, 2, 7, 3, 8, 4, 4].map((width) => {
    let value = 0;
    for (const end = at + width; at < end; at++) {
      const digit = ALPHABET.indexOf(text[at]);
      value = digit < 0 ? NaN : value * 64 + digit;
    }
    return value;
  });
  if (fields[6] !== checksum(text.slice(0, TOKEN_LENGTH - 4)) || fields.some(Number.isNaN)) return null;
  const due = fields[4] * 10;
  return {
    run: Math.floor(fields[0] / 64), step: fields[0] % 64, producer: fields[1], seq: fields[2],
    lane: fields[3], due, sent: due + fields[5] * 100,
  };
}

// findToken is the first valid token in data, and null where there is none.
function findToken(data) {
  const text = data.latin1Slice(0, data.length);
  for (let at = text.indexOf('wr1'); at >= 0; at = text.indexOf('wr1', at + 1)) {
    const token = parseToken(text.slice(at, at + TOKEN_LENGTH));
    if (token) return token;
  }
  return null;
}

// gamma packs pairs of positive numbers as Elias gamma codes, in base64 without
// padding.
function gamma(pairs) {
  let bits = '';
  for (const value of pairs.flat()) {
    const digits = value.toString(2);
    bits += '0'.repeat(digits.length - 1) + digits;
  }
  const bytes = bits.match(/.{1,8}/g) || [];
  return base64(Buffer.from(bytes.map((byte) => parseInt(byte.padEnd(8, '0'), 2))));
}

const base64 = (buffer) => buffer.toString('base64').replace(/=+$/, '');

// setOf is the text of a set of sequences: ranges as distance from the one
// before and length. It also counts those that come again.
function setOf(seqs) {
  seqs.sort((a, b) => a - b);
  const ranges = [];
  let end = -1, duplicates = 0;
  for (const seq of seqs) {
    if (ranges.length && seq < end) duplicates++;
    else if (ranges.length && seq === end) { ranges[ranges.length - 1][1]++; end++; }
    else { ranges.push([seq - end, 1]); end = seq + 1; }
  }
  return { text: gamma(ranges), duplicates };
}

// bucketOf keeps the first eight binary digits of a number of microseconds.
function bucketOf(micros) {
  const value = Math.max(0, Math.floor(micros));
  const octave = Math.max(value.toString(2).length - 8, 0);
  return octave * 128 + Math.floor(value / 2 ** octave);
}

function middle(bucket) {
  const octave = Math.max(Math.floor(bucket / 128) - 1, 0);
  return (bucket - octave * 128) * 2 ** octave + Math.floor(2 ** octave / 2);
}

// histogramOf counts durations by bucket, ascending.
function histogramOf(durations) {
  const counts = new Map();
  for (const d of durations) {
    const bucket = bucketOf(d);
    counts.set(bucket, (counts.get(bucket) || 0) + 1);
  }
  return [...counts].sort((a, b) => a[0] - b[0]);
}

function histogramText(durations) {
  let before = -1;
  return gamma(histogramOf(durations).map(([bucket, n]) => {
    const distance = bucket - before;
    before = bucket;
    return [distance, n];
  }));
}

// latencies are all records', or MAX_VALUES order statistics of them, with no
// more digits than a bucket knows.
function latencies(durations) {
  const n = durations.length, size = Math.min(n, MAX_VALUES), values = [];
  const rank = (i) => (n <= MAX_VALUES ? i : Math.floor((i * (n - 1)) / (MAX_VALUES - 1)));
  let seen = 0;
  for (const [bucket, count] of histogramOf(durations)) {
    seen += count;
    const ms = middle(bucket) / 1000;
    const digits = ms < 1 ? 1000 : ms < 10 ? 100 : ms < 100 ? 10 : 1;
    while (values.length < size && rank(values.length) < seen) values.push(Math.round(ms * digits) / digits);
  }
  return values;
}

// compareSequence orders stream sequence numbers, decimals too long for a number.
const compareSequence = (a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

// inversions counts records below the one before in their lane, by the stream's
// and by the producer's sequence.
function inversions(records) {
  const before = new Map();
  const count = { stream: 0, producer: 0 };
  for (const r of records) {
    const last = before.get(r.key);
    if (last && compareSequence(r.sequence, last.sequence) < 0) count.stream++;
    if (last && r.token.seq < last.token.seq) count.producer++;
    before.set(r.key, r);
  }
  return count;
}

// laneTable is the span of each lane, by columns, without what all the sequence
// numbers begin with.
function laneTable(records) {
  const spans = new Map();
  for (const r of records) {
    const span = spans.get(r.key) || { token: r.token, first: r.sequence };
    span.last = r.sequence;
    spans.set(r.key, span);
  }
  if (!spans.size) return undefined;
  const lanes = [...spans.values()].sort((a, b) =>
    a.token.run - b.token.run || a.token.producer - b.token.producer || a.token.lane - b.token.lane);
  let prefix = lanes[0].first;
  for (const number of lanes.flatMap((l) => [l.first, l.last])) {
    while (prefix && (prefix.length >= number.length || !number.startsWith(prefix))) prefix = prefix.slice(0, -1);
  }
  return {
    prefix,
    run: lanes.map((l) => l.token.run), producer: lanes.map((l) => l.token.producer), lane: lanes.map((l) => l.token.lane),
    first: lanes.map((l) => l.first.slice(prefix.length)),
    last: lanes.map((l) => (l.last === l.first ? '' : l.last.slice(prefix.length))),
  };
}

// streamID names a record by its place: FNV-1a of shard, ":" and sequence
// number, as eight bytes.
function streamID(record) {
  let id = 14695981039346656037n;
  for (const byte of Buffer.from(record.shard + ':' + record.sequence)) {
    id = BigInt.asUintN(64, (id ^ BigInt(byte)) * 1099511628211n);
  }
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(id);
  return bytes;
}

// groupsOf are the records with a token by run, step and producer.
function groupsOf(records, end) {
  const groups = new Map();
  for (const r of records) {
    const { run, step, producer } = r.token, key = (run * 64 + step) * 4096 + producer;
    if (!groups.has(key)) groups.set(key, { run, step, producer, records: [] });
    groups.get(key).records.push(r);
  }
  return [...groups.keys()].sort((a, b) => a - b).map((key) => {
    const { run, step, producer, records: own } = groups.get(key);
    const { text, duplicates } = setOf(own.map((r) => r.token.seq));
    return {
      run, step, producer, seqs: text, duplicates: duplicates || undefined,
      due: histogramText(own.map((r) => end - r.token.due)),
      sent: histogramText(own.map((r) => end - r.token.sent)),
      arrive: histogramText(own.map((r) => end - r.arrival)),
    };
  });
}

// cut is the text of an error, 200 bytes at most.
const cut = (error) => Buffer.from(error).subarray(0, 200).toString().replace(/\ufffd+$/, '');

// account is the account of an invocation: of records { shard, sequence, arrival,
// data } in the order of their delivery. Times are microseconds.
function account(invocation, records, end, error) {
  const known = [], foreign = [];
  for (const record of records) {
    const token = findToken(record.data);
    if (!token) { foreign.push(record); continue; }
    known.push({ ...record, token, key: token.run + '/' + token.producer + '/' + token.lane });
  }
  let order = inversions(known);
  if (order.stream > 0) { // disorder before the stream shows in the stream's order only
    const sorted = [...known].sort((a, b) => compareSequence(a.sequence, b.sequence));
    order = { stream: order.stream, producer: inversions(sorted).producer };
  }
  const groups = groupsOf(known, end);
  return {
    v: MARKER, request: invocation.request, shard: records[0].shard,
    start: invocation.start, end, ok: !error, error: error ? cut(error) : undefined,
    records: records.length, bytes: records.reduce((sum, r) => sum + r.data.length, 0),
    first: records[0].sequence, last: records[records.length - 1].sequence,
    groups: groups.length ? groups : undefined,
    foreign: base64(Buffer.concat(foreign.map(streamID))) || undefined,
    foreign_age: histogramText(foreign.map((r) => end - r.arrival)) || undefined,
    lanes: invocation.lanes ? laneTable(known) : undefined,
    inversions: order.stream || undefined, inversions_before: order.producer || undefined,
  };
}

// line is the log line: a document of the embedded metric format around the
// account. The order of its members is the Go probe's.
function line(invocation, records, end, error) {
  const metrics = [{ Name: 'RecordsReceived', Unit: 'Count' }, { Name: 'RecordsProcessed', Unit: 'Count' }];
  const latency = error ? [] : latencies(records.map((r) => end - r.arrival));
  if (latency.length) metrics.push({ Name: 'RecordProcessingLatency', Unit: 'Milliseconds', StorageResolution: 1 });
  return JSON.stringify({
    _aws: {
      Timestamp: Math.floor(end / 1000),
      CloudWatchMetrics: [{ Namespace: 'KinesisLoadTest', Dimensions: [['StreamName', 'FunctionName']], Metrics: metrics }],
    },
    StreamName: invocation.stream, FunctionName: invocation.function,
    RecordProcessingLatency: latency.length ? latency : undefined,
    RecordsReceived: records.length, RecordsProcessed: error ? 0 : records.length,
    weir: account(invocation, records, end, error),
  });
}

// processed is how many records, from the first, the mapping takes as processed
// after failures were reported: those before the lowest, none where one is not
// of the batch.
function processed(records, failures) {
  const positions = (failures || []).map((f) => records.findIndex((r) => r.sequence === (f && f.itemIdentifier)));
  return Math.max(0, Math.min(records.length, ...positions));
}

const now = () => Math.floor((performance.timeOrigin + performance.now()) * 1000);

function recordsOf(event) {
  return (event.Records || []).map((r) => ({
    shard: r.eventID.split(':')[0], sequence: r.kinesis.sequenceNumber,
    arrival: Math.round(r.kinesis.approximateArrivalTimestamp * 1e6), data: Buffer.from(r.kinesis.data, 'base64'),
  }));
}

// probe wraps a handler. What it returns, or throws, stays the same.
function probe(handler) {
  return async (event, context) => {
    const records = recordsOf(event);
    const invocation = {
      request: context.awsRequestId, function: context.functionName, start: now(),
      stream: records.length ? event.Records[0].eventSourceARN.split(':stream/')[1] : '', lanes: process.env.WEIR_PROBE_LANES === '1',
    };
    const write = (part, error) => part.length && process.stdout.write(line(invocation, part, now(), error) + '\n');
    try {
      const response = await handler(event, context);
      const done = processed(records, response && response.batchItemFailures);
      write(records.slice(0, done));
      write(records.slice(done), 'the handler reported a batch item failure');
      return response;
    } catch (error) {
      write(records, String((error && error.message) || error));
      throw error;
    }
  };
}

module.exports = { probe, line, findToken, parseToken, handler: probe(async () => {}) };
