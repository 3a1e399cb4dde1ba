// The library: all runs, narrowed down by filters.
import { ask, h, put, verdict } from './dom.js';
import { isSet, moment, number, span, unix, withUnit } from './format.js';

const lookEvery = 3000; // milliseconds
const columns = ['', 'verdict', 'started (UTC)', 'test', 'records/s', 'payload', 'pipeline', 'sustained', 'latency p99', 'took', 'folder'];

export class LibraryPage {
  constructor() {
    this.runs = [];
    this.marked = new Set();
    this.at = 0;
    this.words = h('input', { type: 'search', placeholder: 'filter by words', title: 'words of test, id, payload, stream, reason', 'aria-label': 'Filter', oninput: () => this.drawRows() });
    this.selects = {
      overall: this.select('any verdict'), test: this.select('any test'), pipeline: this.select('any pipeline'), folder: this.select('any folder'),
    };
    this.overlay = h('button', { type: 'button', onclick: () => this.openOverlay() });
    this.count = h('p', { class: 'soft', role: 'status' });
    this.body = h('tbody');
    this.element = h('div', { class: 'library' }, h('h1', {}, 'Runs'),
      h('div', { class: 'filters' }, this.words, Object.values(this.selects), this.overlay), this.count,
      h('div', { class: 'sheet scroll' }, h('table', { class: 'runs' }, h('thead', {}, h('tr', {}, columns.map((c) => h('th', { scope: 'col' }, c)))), this.body)));
    this.table = this.body.parentElement;
    this.look();
    this.timer = setInterval(() => { if (!document.hidden) this.look(); }, lookEvery);
  }

  title() { return 'runs'; }
  close() { clearInterval(this.timer); }

  select(all) {
    return h('select', { 'aria-label': all, onchange: () => this.drawRows() }, h('option', { value: '' }, all));
  }

  async look() {
    try {
      const { runs, folder } = await ask('api/runs');
      const text = JSON.stringify(runs);
      if (text === this.text) return;
      [this.text, this.runs, this.folder] = [text, runs, folder];
      this.fillSelects();
      this.drawRows();
    } catch (why) {
      this.count.textContent = `The runs can't be read: ${why.message}`;
      this.text = null;
    }
  }

  fillSelects() {
    for (const [name, select] of Object.entries(this.selects)) {
      const known = new Set([...select.options].map((o) => o.value));
      const values = [...new Set(this.runs.map((r) => value(r, name)))].sort();
      select.append(...values.filter((v) => !known.has(v)).map((v) => h('option', { value: v }, v)));
    }
  }

  shown() {
    const words = this.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    return this.runs.filter((run) => {
      const text = [run.id, run.test, run.kind, run.payload, run.stream, run.pipeline, run.profile, run.reason, run.load.join(' ')].join(' ').toLowerCase();
      return words.every((w) => text.includes(w))
        && Object.entries(this.selects).every(([name, select]) => !select.value || value(run, name) === select.value);
    });
  }

  drawRows() {
    const shown = this.shown();
    this.at = Math.min(this.at, Math.max(shown.length - 1, 0));
    this.rows = shown;
    this.table.classList.toggle('one-folder', new Set(this.runs.map((run) => run.folder)).size < 2);
    put(this.body, ...shown.map((run, i) => this.row(run, i)));
    this.count.textContent = this.runs.length === 0
      ? `No run in ${this.folder} yet: weir try makes one.` : `${shown.length} of ${this.runs.length} runs`;
    this.overlay.textContent = this.marked.size === 2 ? 'overlay the two marked (o)' : `mark two to overlay them (${this.marked.size} marked)`;
    this.overlay.disabled = this.marked.size !== 2;
  }

  row(run, i) {
    const mark = h('input', { type: 'checkbox', 'aria-label': `mark ${run.id}`, onchange: () => this.mark(run.id), checked: this.marked.has(run.id), disabled: run.kind === 'search' });
    const took = isSet(run.ended) ? span(unix(run.ended) - unix(run.started)) : '';
    const cells = [
      mark, [run.live ? h('span', { class: 'live' }, 'live') : verdict(value(run, 'overall')), run.rehearsal ? ' rehearsal' : ''], moment(run.started),
      h('a', { href: address(run) }, run.test), run.load.join(', ') || 'script', run.payload,
      run.kind === 'search' ? `a search: ${run.load.length} trials` : [run.pipeline, run.profile ? ` (${run.profile})` : '', `, ${run.shards} shards`], bracket(run), withUnit(run.p99_ms, 'ms'), took, run.folder,
    ];
    return h('tr', { class: i === this.at ? 'at' : null, 'data-run': run.id, title: run.reason || null },
      cells.map((c, k) => h('td', { 'data-name': columns[k] }, c)));
  }

  mark(id) {
    if (!this.marked.delete(id)) {
      if (this.marked.size === 2) this.marked.delete([...this.marked][0]);
      this.marked.add(id);
    }
    this.drawRows();
  }

  // openOverlay lays the younger of the marked runs over the older.
  openOverlay() {
    if (this.marked.size !== 2) return;
    const [base, fresh] = [...this.marked].sort();
    location.hash = `#/overlay/${encodeURIComponent(base)}/${encodeURIComponent(fresh)}`;
  }

  move(by) {
    this.at = Math.min(Math.max(this.at + by, 0), Math.max(this.rows.length - 1, 0));
    this.drawRows();
    const row = this.body.rows[this.at];
    if (row) row.scrollIntoView({ block: 'nearest' });
  }

  keys() {
    const run = () => this.rows && this.rows[this.at];
    return {
      j: () => this.move(1), k: () => this.move(-1), ArrowDown: () => this.move(1), ArrowUp: () => this.move(-1),
      Enter: () => { if (run()) location.href = address(run()); },
      x: () => { if (run() && run().kind !== 'search') this.mark(run().id); },
      o: () => this.openOverlay(),
      '/': () => this.words.focus(),
    };
  }
}

// address is a run's page; a search has its report alone.
const address = ({ id, kind }) => (kind === 'search' ? `runs/${encodeURIComponent(id)}/report.html` : `#/run/${encodeURIComponent(id)}`);

// value is what a run is filtered by; a run without a verdict says how it ended.
function value(run, name) {
  if (name !== 'overall') return run[name];
  if (run.live) return 'live';
  if (run.kind === 'search') return run.status;
  return run.overall || (run.status === 'running' ? 'cut short' : run.status);
}

function bracket(run) {
  if (run.sustained === null && run.unsustained === null) return '–';
  if (run.unsustained === null) return `≥ ${number(run.sustained)}/s`;
  if (run.sustained === null) return `< ${number(run.unsustained)}/s`;
  return `${number(run.sustained)} to ${number(run.unsustained)}/s`;
}
