// Which series make which picture. The names are those of series.ndjson.
import { isSet, number, unix } from './format.js';

const source = {
  generator: 'generator, 1 s points',
  probe: 'probe, by the second records were processed in',
  account: 'ledger: accepted minus processed so far',
};

// A curve: [name, series, colour, options].
const definitions = [
  { id: 'load', title: 'Offered and accepted', unit: 'records a second', source: source.generator, curves: [
    ['offered', 'offered', 'grey', { wide: true, hold: true }],
    ['accepted', 'accepted', 'blue', { fill: true, hold: true }],
    ['rejected', 'rejected', 'red', { hold: true, present: true }],
    ['not sent', 'not_sent', 'amber', { hold: true, present: true, dash: '4 2' }],
  ] },
  { id: 'latency', title: 'Latency from due to processed', unit: 'ms', log: true, source: source.probe, target: 'record_latency', curves: [
    ['maximum', 'e2e_max_ms', 'grey', {}],
    ['p99', 'e2e_p99_ms', 'red', {}],
    ['p95', 'e2e_p95_ms', 'blue', { dash: '6 2' }],
    ['p50', 'e2e_p50_ms', 'teal', { dash: '2 2' }],
  ] },
  { id: 'age', title: 'Iterator age', unit: 'ms, maximum', source: 'AWS/Kinesis GetRecords.IteratorAgeMilliseconds, AWS/Lambda IteratorAge', vended: true, target: 'iterator_age', shards: true, curves: [
    ['Lambda IteratorAge', 'lambda_iterator_age_max_ms', 'grey', { dash: '4 2' }],
    ['GetRecords age', 'kinesis_iterator_age_max_ms', 'blue', {}],
  ] },
  { id: 'backlog', title: 'Backlog', unit: 'records', source: source.account, curves: [
    ['accepted, not yet processed', 'backlog', 'purple', { fill: true }],
  ] },
  { id: 'invocations', title: 'Invocations', unit: 'a second', source: 'AWS/Lambda Invocations, Errors, Throttles, Sum', vended: true, perSecond: true, curves: [
    ['invocations', 'lambda_invocations', 'blue', { hold: true }],
    ['errors', 'lambda_errors', 'red', { hold: true, present: true }],
    ['throttles', 'lambda_throttles', 'amber', { hold: true, present: true, dash: '4 2' }],
  ] },
  { id: 'batch', title: 'Mean batch size', unit: 'records an invocation', source: 'probe, 1 s points', batchSize: true, curves: [
    ['mean batch', 'batch_mean', 'teal', {}],
  ] },
  { id: 'duration', title: 'Function duration', unit: 'ms', source: 'AWS/Lambda Duration', vended: true, target: 'lambda_duration', curves: [
    ['maximum', 'lambda_duration_max_ms', 'grey', {}],
    ['p95', 'lambda_duration_p95_ms', 'blue', { dash: '6 2' }],
    ['average', 'lambda_duration_avg_ms', 'teal', { dash: '2 2' }],
  ] },
  { id: 'throttles', title: 'Throttled', unit: 'a second', source: 'AWS/Kinesis Write- and ReadProvisionedThroughputExceeded, AWS/Lambda Throttles, Sum', vended: true, perSecond: true, onlyPresent: true, curves: [
    ['writes', 'kinesis_write_throughput_exceeded', 'red', { hold: true }],
    ['reads', 'kinesis_read_throughput_exceeded', 'amber', { hold: true, dash: '4 2' }],
    ['invocations', 'lambda_throttles', 'purple', { hold: true, dash: '2 2' }],
  ] },
  { id: 'put', title: 'Put calls', unit: 'ms', log: true, source: source.generator, curves: [
    ['p99', 'put_p99_ms', 'red', {}],
    ['p50', 'put_p50_ms', 'teal', { dash: '2 2' }],
  ] },
  { id: 'concurrency', title: 'Concurrent executions', unit: 'environments', source: 'AWS/Lambda ConcurrentExecutions, Maximum', vended: true, curves: [
    ['maximum', 'lambda_concurrent_executions_max', 'blue', { hold: true }],
  ] },
];

const shardColors = ['blue', 'red', 'teal', 'purple', 'amber', 'grey'];
const shardDashes = [null, '6 2', '2 2', '8 2 2 2', '4 4', '1 3'];

// pictures are a run's charts. range is the last seconds to show, 0 for all.
export function pictures(model, range) {
  return definitions.map((def) => pictureOf(def, model, range));
}

function pictureOf(def, model, range) {
  const { run } = model.state;
  const resolution = def.vended ? Math.max(run.pipeline.resolution_s, 1) : 1;
  const scale = def.perSecond ? 1 / resolution : 1;
  const curves = def.curves
    .filter(([, series, , o]) => !o.present || model.series.any(series))
    .map(([name, series, color, o]) => ({ name, color, ...o, samples: shifted(model, series, scale) }));
  if (def.onlyPresent && !def.curves.some(([, series]) => model.series.any(series))) curves.length = 0;
  if (def.shards) curves.push(...shardCurves(model));
  const to = Math.max(lastSecond(model), 1);
  return {
    ...def, curves, to, from: range ? Math.max(0, to - range) : Math.min(0, firstSecond(model)), step: model.series.step,
    source: def.vended ? `${def.source}, ${resolution} s points` : def.source,
    ...limitOf(def, model), borders: borders(model), loadEnd: loadEnd(model),
  };
}

const shifted = (model, series, scale) => model.series.samples(series, scale).map(([t, v]) => [t - model.origin, v]);

// shardAge begins the names of the series of single shards' ages; a shard's
// name follows.
export const shardAge = 'shard_iterator_age_max_ms_';

// shardCurves are the series of single shards, where the record has them.
function shardCurves(model) {
  return Object.keys(model.series.v).filter((name) => name.startsWith(shardAge)).sort().map((name, i) => ({
    name: shortShard(name.slice(shardAge.length)), color: shardColors[i % 6], dash: shardDashes[i % 6],
    samples: shifted(model, name, 1),
  }));
}

// shortShard leaves the zeros of a shard's name out: shardId-000000000003 is shard 3.
export const shortShard = (name) => name.replace(/^shardId-0*(\d+)$/, 'shard $1');

function limitOf(def, model) {
  const target = def.target && model.target(def.target);
  if (target && target.limit !== null) return { limit: target.limit, limitName: `target ${number(target.limit)} ${target.unit}` };
  const size = model.state.run.pipeline.batch_size;
  if (def.batchSize && size) return { limit: size, limitName: `BatchSize ${size}` };
  return { limit: null };
}

const firstSecond = (model) => (model.series.t.length ? model.series.t[0] - model.origin : 0);
const lastSecond = (model) => (model.series.end() === null ? 0 : model.series.end() - model.origin);

function borders(model) {
  return model.state.run.steps.filter((step) => isSet(step.start)).map((step) => ({
    at: unix(step.start) - model.origin, name: step.shape || `${number(step.rate)}/s`,
  }));
}

// loadEnd is when the load ended or will, null where nobody knows.
function loadEnd(model) {
  const { run } = model.state;
  const last = run.steps[run.steps.length - 1];
  const end = isSet(run.load_end) ? run.load_end : last && last.end;
  return isSet(end) ? unix(end) - model.origin : null;
}

// overlaid are the charts of two runs over each other: one series each.
const overlaidSeries = [
  ['Accepted', 'records a second', 'accepted', false],
  ['Latency p99, from due to processed', 'ms', 'e2e_p99_ms', true],
  ['Latency p50, from due to processed', 'ms', 'e2e_p50_ms', true],
  ['Iterator age (GetRecords)', 'ms, maximum', 'kinesis_iterator_age_max_ms', false],
  ['Backlog', 'records', 'backlog', false],
  ['Mean batch size', 'records an invocation', 'batch_mean', false],
  ['Function duration', 'ms, maximum', 'lambda_duration_max_ms', false],
  ['Put calls p99', 'ms', 'put_p99_ms', true],
];

export function overlaid(base, fresh) {
  return overlaidSeries.map(([title, unit, series, log]) => ({
    title, unit, log, source: series, borders: borders(base), loadEnd: null, limit: null,
    from: 0, to: Math.max(lastSecond(base), lastSecond(fresh), 1), step: Math.max(base.series.step, fresh.series.step),
    curves: [
      { name: 'A', color: 'blue', samples: shifted(base, series, 1) },
      { name: 'B', color: 'red', dash: '6 3', samples: shifted(fresh, series, 1) },
    ],
  }));
}
