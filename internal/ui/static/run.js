// One run: live while it goes on, and as its record has it afterwards.
import { h, put, table, verdict } from './dom.js';
import { count, isSet, moment, number, span, unix, withUnit } from './format.js';
import { Chart, Cursor } from './chart.js';
import { Model } from './model.js';
import { pictures, shardAge, shortShard } from './pictures.js';

const targetNames = {
  iterator_age: 'Iterator age', lambda_duration: 'Lambda duration', lambda_errors: 'Lambda errors', throttles: 'Throttles',
  throughput_match: 'Throughput match', record_latency: 'Record latency', ledger: 'Ledger',
};
const standing = { fail: 'fail so far', open: 'no failure so far' };
const recent = 300; // seconds that "the last 5 minutes" are

export class RunPage {
  constructor(id) {
    this.id = id;
    this.range = 0;
    this.cursor = new Cursor();
    this.element = h('div', { class: 'run' }, h('p', { class: 'soft' }, 'Reading the run …'));
    this.model = new Model(id, () => this.draw());
    this.model.open().catch((why) => put(this.element, h('p', { class: 'sheet' }, `${id}: ${why.message}`)));
    this.clock = setInterval(() => { if (this.parts && this.model.state.live) this.drawPosition(); }, 1000);
  }

  title() { return this.id; }

  close() {
    this.model.close();
    clearInterval(this.clock);
    if (this.charts) this.charts.forEach((c) => c.close());
  }

  // build makes the parts that draw fills, once.
  build() {
    const part = (name) => h('section', { class: name });
    this.parts = {
      head: h('header', { class: 'sheet' }), tiles: part('tiles'), targets: part('cards'), charts: part('charts'),
      steps: part('sheet'), shards: part('sheet'), ledger: part('sheet'), more: part('more'),
    };
    this.position = h('p', { class: 'position', role: 'status' });
    this.bar = h('progress', { max: 1, value: 0, 'aria-label': 'share of the load that has passed' });
    this.window = h('button', { type: 'button', onclick: () => this.toggleWindow(), title: 'The whole run or its last 5 minutes (w)' });
    this.charts = pictures(this.model, 0).map(() => new Chart(this.cursor));
    this.parts.charts.append(...this.charts.map((c) => c.element));
    const { parts } = this;
    put(this.element,
      parts.head, parts.tiles, h('h2', {}, 'Targets'), parts.targets,
      h('div', { class: 'row' }, h('h2', {}, 'Over time'), this.window), parts.charts,
      h('h2', {}, 'Steps'), parts.steps, h('h2', {}, 'Ledger'), parts.ledger,
      h('h2', {}, 'Shards'), parts.shards, parts.more);
  }

  draw() {
    if (!this.parts) this.build();
    this.drawHead();
    this.drawPosition();
    this.drawTiles();
    this.drawTargets();
    this.drawCharts();
    this.drawSteps();
    this.drawShards();
    this.drawLedger();
    this.drawMore();
  }

  drawHead() {
    const { run, verdict: v, live, cut_short: cut, capacity } = this.model.state;
    const where = run.pipeline.kind === 'embedded'
      ? `embedded pipeline, profile ${run.pipeline.profile}: local timing is a model` : `AWS, region ${run.pipeline.region}`;
    const outcome = outcomeOf(this.model.state);
    this.parts.head.className = `sheet is-${outcome}`;
    put(this.parts.head,
      h('div', { class: 'top' }, live ? h('span', { class: 'live' }, 'live') : null, verdict(outcome, live ? standing[outcome] : outcome), h('h1', {}, run.test)),
      this.position, this.bar,
      live || !capacity ? null : h('p', { class: 'capacity' }, capacity),
      live ? null : h('p', {}, cut ? 'The run was cut short: weir was killed before it could close the account.' : v.reason),
      h('p', { class: 'soft' }, `stream ${run.pipeline.stream}, ${run.pipeline.shards} shards`,
        run.pipeline.function ? ` → batches of up to ${run.pipeline.batch_size} → ${run.pipeline.function}` : '', ` · ${run.payload}`),
      h('p', { class: run.pipeline.kind === 'embedded' ? 'model' : 'soft' }, where, run.rehearsal ? ' · a rehearsal: nothing here is a result' : ''),
      h('p', { class: 'links' },
        h('a', { href: `runs/${encodeURIComponent(run.id)}/report.html` }, 'report'), ' · ',
        h('a', { href: `#/overlay/${encodeURIComponent(run.id)}/` }, 'lay another run over it'), ' · ', h('code', {}, run.dir)));
  }

  drawPosition() {
    this.position.textContent = position(this.model);
    this.bar.value = elapsed(this.model);
    this.bar.hidden = !this.model.state.live;
  }

  drawTiles() {
    put(this.parts.tiles, tiles(this.model).map(([id, name, value, unit]) => h('div', { class: 'sheet tile' },
      h('small', {}, name), h('b', { 'data-figure': id }, value), h('small', {}, unit))));
  }

  drawTargets() {
    const { verdict: v, live } = this.model.state;
    const late = live ? ['throughput_match', 'ledger'] : []; // known when everything has been read
    put(this.parts.targets, ...(v.targets || []).map((t) => {
      const open = late.includes(t.id);
      return h('article', { class: 'sheet card', 'data-target': t.id },
        h('div', { class: 'top' }, h('h3', {}, targetNames[t.id] || t.id), open ? verdict('open', 'at the end') : verdict(t.verdict)),
        h('p', { class: 'value' }, measured(t), ' ', h('small', {}, limit(t))),
        h('p', {}, h('small', {}, open ? 'told when the run has ended and everything was read' : t.reason)));
    }));
  }

  drawCharts() {
    this.window.textContent = this.range ? 'show the whole run' : 'show the last 5 minutes';
    pictures(this.model, this.range).forEach((p, i) => this.charts[i].draw(p));
  }

  drawSteps() {
    const { run, verdict: v, phases } = this.model.state;
    const judged = new Map((v.steps || []).map((s) => [s.index, s]));
    const columns = [{ name: 'records/s', words: true }, ...['offered', 'accepted', 'not sent', 'put p99', 'e2e p50', 'e2e p99', 'age max'].map((name) => ({ name })),
      { name: 'sustained', words: true }, { name: 'verdict', words: true }];
    put(this.parts.steps, table(columns, run.steps.map((step, i) => {
      const s = judged.get(step.index) || {};
      const phase = phases[i];
      const done = phase === 'over';
      return [
        step.shape || (step.rate ? number(step.rate) : 'script'), count(s.offered), count(s.accepted), count(s.not_sent), withUnit(s.put_p99_ms, 'ms'),
        withUnit(s.e2e_ms && s.e2e_ms.p50, 'ms'), withUnit(s.e2e_ms && s.e2e_ms.p99, 'ms'), withUnit(s.iterator_age_max_ms, 'ms'),
        done ? sustained(s) : '', done ? (step.judged ? verdict(s.verdict || 'unknown') : 'not judged') : phase,
      ];
    })));
  }

  drawShards() {
    const { shards } = this.model.state;
    const all = shards.reduce((n, s) => n + s.accepted + (s.throttled || 0), 0);
    const age = (name) => this.model.series.last(shardAge + name);
    const aged = shards.some((s) => age(s.name) !== null);
    const columns = [{ name: 'shard', words: true }, { name: 'accepted' }, { name: 'refused' }, { name: 'of all puts' }];
    if (aged) columns.push({ name: 'iterator age' });
    put(this.parts.shards,
      shards.length === 0 ? h('p', { class: 'soft' }, 'No record was put to a shard yet.') : table(columns, shards.map((s) => {
        const share = (s.accepted + (s.throttled || 0)) / all;
        const row = [shortShard(s.name), count(s.accepted), count(s.throttled || 0), [h('meter', { value: share, max: 1, 'aria-hidden': 'true' }), ` ${number(100 * share)}\u00a0%`]];
        if (aged) row.push(withUnit(age(s.name), 'ms'));
        return row;
      })),
      aged ? null : h('p', {}, h('small', {}, 'The record holds the stream\u2019s iterator age, not each shard\u2019s: enhanced monitoring of the stream, which AWS charges for, makes it so.')));
  }

  drawLedger() {
    const { ledger: a, closed } = this.model.state;
    const rejected = Object.values(a.rejected || {}).reduce((n, v) => n + v, 0);
    const sides = [
      ['offered', a.offered, [['accepted', a.accepted], ['rejected', rejected], ['indeterminate', a.indeterminate], ['not sent', a.not_sent]]],
      ['of the accepted', a.accepted, [['processed', a.processed], ['filtered', a.filtered], ['dead-lettered', a.dead_lettered], ['expired', a.expired],
        ['in flight', a.in_flight], ['lost', a.lost], ['unexplained', a.unexplained]]],
    ];
    put(this.parts.ledger,
      h('p', {}, closed ? 'Closed: every source was read.' : 'Open: written every few seconds, closed when the pipeline has drained.'),
      h('div', { class: 'sides' }, sides.map(([name, total, rows]) => table([{ name, words: true }, { name: 'records' }],
        [...rows, [`sum ${name}`, total]].map(([word, n]) => [word, h('span', { 'data-figure': `ledger.${word}` }, count(n))])))));
  }

  drawMore() {
    const { run, cost, verdict: v } = this.model.state;
    const list = (title, facts) => (facts && facts.length ? [h('h2', {}, title), h('dl', { class: 'sheet' }, facts.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]))] : []);
    const says = [...(v.warnings || []), ...(run.notes || []), ...(this.model.failure ? [this.model.failure] : [])];
    put(this.parts.more,
      ...(says.length ? [h('h2', {}, 'Warnings and notes'), h('ul', { class: 'sheet' }, says.map((text) => h('li', {}, text)))] : []),
      ...list(run.pipeline.kind === 'embedded' ? 'What this would cost on AWS' : 'Cost', (cost || []).map((c) => [c.name, c.value])),
      ...list('The run', [['Record', run.dir], ['Started', moment(run.started) + ' UTC'], ['Command', run.command.join(' ')],
        ['Generator', `${run.host.os}/${run.host.arch}, ${run.host.cpus} CPUs`], ['weir', run.version]]));
  }

  toggleWindow() {
    this.range = this.range ? 0 : recent;
    this.drawCharts();
  }

  keys() {
    return {
      w: () => this.toggleWindow(),
      r: () => { location.href = `runs/${encodeURIComponent(this.id)}/report.html`; },
      o: () => { location.hash = `#/overlay/${encodeURIComponent(this.id)}/`; },
      ...cursorKeys(this.cursor, () => this.charts && this.charts.find((c) => !c.element.hidden)),
    };
  }
}

// tiles are the figures at the top: of the latest second while the run goes on,
// of the whole run afterwards.
function tiles({ series, state }) {
  const together = (state.cost || []).find((c) => c.name === 'Together');
  const embedded = state.run.pipeline.kind === 'embedded';
  const bands = state.bands.from_due;
  const both = [
    ['bands', 'latency p50 / p99', bands ? `${number(bands.p50)} / ${number(bands.p99)}\u00a0ms` : '–', 'whole run, from due'],
    ['throttled', 'throttled', count(sum(series, ['kinesis_write_throughput_exceeded', 'kinesis_read_throughput_exceeded', 'lambda_throttles'])), 'writes, reads, invocations'],
    ['cost', state.live ? 'cost so far' : 'cost', together ? together.value : '–', embedded ? 'if it were AWS, list prices' : 'list prices'],
  ];
  return state.live ? [...latest(series, Math.max(state.run.pipeline.resolution_s, 1)), ...both] : [...whole(series, state.ledger), ...both];
}

function latest(series, resolution) {
  const last = (name) => series.last(name);
  const invocations = last('lambda_invocations');
  return [
    ['offered', 'offered', number(last('offered')), 'records/s'],
    ['accepted', 'accepted', number(last('accepted')), 'records/s'],
    ['e2e_p99', 'latency p99', withUnit(last('e2e_p99_ms'), 'ms'), 'last second, from due'],
    ['age', 'iterator age', withUnit(last('kinesis_iterator_age_max_ms'), 'ms'), 'GetRecords, maximum'],
    ['backlog', 'backlog', count(last('backlog')), 'records'],
    ['invocations', 'invocations', number(invocations === null ? null : invocations / resolution), 'a second'],
    ['batch', 'batch', number(last('batch_mean')), 'records, mean'],
  ];
}

function whole(series, ledger) {
  return [
    ['offered', 'offered', count(ledger.offered), 'records'],
    ['accepted', 'accepted', count(ledger.accepted), 'records'],
    ['processed', 'processed', count(ledger.processed), 'records'],
    ['age', 'iterator age', withUnit(series.most('kinesis_iterator_age_max_ms'), 'ms'), 'GetRecords, maximum'],
    ['backlog', 'backlog', count(series.most('backlog')), 'records at most'],
    ['invocations', 'invocations', series.v.lambda_invocations ? count(sum(series, ['lambda_invocations'])) : '–', 'of the function'],
    ['batch', 'batch', number(ledger.attempted / sum(series, ['lambda_invocations'])), 'records, mean'],
  ];
}

// cursorKeys move the cursor by the second, or by a twentieth of the picture.
export function cursorKeys(cursor, anyChart) {
  const move = (share, seconds) => () => {
    const chart = anyChart();
    if (!chart) return;
    const { from, to } = chart.picture;
    const start = cursor.at ?? (share < 0 || seconds < 0 ? to : from);
    cursor.set(Math.min(Math.max(Math.round(start + share * (to - from) + seconds), Math.ceil(from)), to));
  };
  return { ArrowLeft: move(0, -1), ArrowRight: move(0, 1), 'Shift+ArrowLeft': move(-0.05, 0), 'Shift+ArrowRight': move(0.05, 0), Escape: () => cursor.set(null) };
}

// outcomeOf is the verdict as it stands: nothing passes before the end.
function outcomeOf({ live, verdict: v }) {
  if (!live) return v.overall;
  const failed = (v.targets || []).some((t) => t.verdict === 'fail') || (v.steps || []).some((s) => s.verdict === 'fail');
  return failed ? 'fail' : 'open';
}

function measured(t) {
  if (t.value === null) return 'not known';
  if (t.id === 'record_latency') return `p99 ${withUnit(t.value, t.unit)}`;
  if (t.id === 'ledger') return `${count(t.value)} lost`;
  return withUnit(t.value, t.unit);
}

function limit(t) {
  if (t.limit === null) return 'target not known';
  if (t.id === 'throughput_match') return `target ${number(t.limit)} ± ${number(t.tolerance)}`;
  if (t.id === 'throttles' || t.id === 'ledger') return `target ${number(t.limit)}`;
  return `target < ${withUnit(t.limit, t.unit)}`;
}

function sustained(s) {
  if (s.generator_bound) return 'generator';
  if (s.sustained === null || s.sustained === undefined) return 'unknown';
  return s.sustained ? 'yes' : 'no';
}

const sum = (series, names) => names.reduce((n, name) => n + (series.v[name] || []).reduce((m, v) => m + (v || 0), 0), 0) * series.step;

// position says where in the test the moment is, and what became of the server.
function position(model) {
  const { state, connection } = model;
  if (connection === 'gone') return 'The run\u2019s weir has ended and this page with it; weir ui shows the run again.';
  if (!state.live) return `${state.run.status}, ${moment(state.run.started)} UTC` + (isSet(state.run.ended) ? `, took ${span(unix(state.run.ended) - unix(state.run.started))}` : '');
  const lost = connection === 'lost' ? ' · the connection is lost, trying again' : '';
  if (!isSet(state.run.load_start)) return 'starting' + lost;
  const now = Date.now() / 1000;
  const { steps } = state.run;
  const end = isSet(state.run.load_end) ? unix(state.run.load_end) : isSet(steps[steps.length - 1].end) ? unix(steps[steps.length - 1].end) : Infinity;
  if (now >= end) return 'load ended, the pipeline drains' + lost;
  if (end === Infinity) return `${span(now - unix(state.run.load_start))} of the script's load` + lost;
  const at = steps.findIndex((s) => now < unix(s.end));
  return `step ${at + 1} of ${steps.length}: ${steps[at].shape || number(steps[at].rate)} records/s, ${span(end - now)} of load left` + lost;
}

// elapsed is the share of the load's time that has passed.
function elapsed({ state }) {
  const { run } = state;
  const last = run.steps[run.steps.length - 1];
  if (!isSet(run.load_start) || !last || !isSet(last.end)) return 0;
  return Math.min((Date.now() / 1000 - unix(run.load_start)) / (unix(last.end) - unix(run.load_start)), 1);
}
