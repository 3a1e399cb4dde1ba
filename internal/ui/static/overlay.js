// Two runs over each other, both counted from the start of their load.
import { ask, h, put, table, verdict } from './dom.js';
import { moment } from './format.js';
import { Chart, Cursor } from './chart.js';
import { Model } from './model.js';
import { overlaid } from './pictures.js';
import { cursorKeys } from './run.js';

export class OverlayPage {
  constructor(base, fresh) {
    this.ids = [base, fresh];
    this.cursor = new Cursor();
    this.element = h('div', { class: 'overlay' }, h('h1', {}, 'Two runs'));
    this.choose();
    if (!base || !fresh) return;
    this.models = this.ids.map((id) => new Model(id, () => this.draw()));
    Promise.all(this.models.map((m) => m.open())).catch((why) => this.element.append(h('p', { class: 'sheet' }, why.message)));
    this.compared = h('div');
    this.compare();
  }

  title() { return 'two runs'; }

  close() {
    (this.models || []).forEach((m) => m.close());
    (this.charts || []).forEach((c) => c.close());
  }

  // choose offers the runs for both sides.
  async choose() {
    const sides = h('div', { class: 'filters' });
    this.element.append(sides);
    const { runs } = await ask('api/runs');
    const go = (side, id) => {
      this.ids[side] = id;
      location.hash = `#/overlay/${this.ids.map((i) => encodeURIComponent(i || '')).join('/')}`;
    };
    put(sides, ...['A', 'B'].map((name, side) => h('label', {}, `${name}: `,
      h('select', { 'aria-label': `run ${name}`, onchange: (e) => go(side, e.target.value) },
        h('option', { value: '' }, 'choose a run'),
        runs.filter((run) => run.kind !== 'search').map((run) => h('option', { value: run.id, selected: run.id === this.ids[side] }, `${moment(run.started)} ${run.test} ${run.overall || run.status}`))))));
  }

  async compare() {
    const path = this.ids.map(encodeURIComponent).join('/');
    try {
      const c = await ask(`api/compare/${path}`);
      const last = c.head.length - 1;
      const result = (word, reason) => h('span', { class: `result ${word === '~' ? 'same' : word}`, title: reason }, word);
      const cells = (row, k) => row.map((cell, i) => (i === last ? result(cell, c.reasons[k]) : cell));
      put(this.compared,
        h('h2', {}, 'What changed from A to B'),
        h('div', { class: 'sheet' }, h('p', {}, verdict(c.verdict), ' ', c.reason),
          c.rows && c.rows.length ? table(c.head.map((name, i) => ({ name: name.replace('base', 'A').replace('new', 'B'), words: i === 0 || i === last })), c.rows.map(cells)) : null,
          (c.notes || []).map((text) => h('p', {}, h('small', {}, text)))),
        ...(c.differences && c.differences.length ? [h('h2', {}, 'Different configurations'),
          h('div', { class: 'sheet' }, table(['of', 'A', 'B'].map((name) => ({ name, words: true })), c.differences.map((d) => [d.name, d.base, d.new])))] : []));
    } catch (why) {
      put(this.compared, h('p', { class: 'sheet' }, `They can't be compared: ${why.message}`));
    }
  }

  draw() {
    if (this.models.some((m) => !m.state)) return;
    if (!this.charts) this.build();
    overlaid(...this.models).forEach((p, i) => this.charts[i].draw(p));
  }

  build() {
    this.charts = overlaid(...this.models).map(() => new Chart(this.cursor));
    this.element.append(
      h('div', { class: 'charts' }, this.models.map(({ state, id }, i) => h('div', { class: 'sheet' },
        h('p', {}, h('b', { class: `side ${'AB'[i]}` }, 'AB'[i]), ' ', h('a', { href: `#/run/${encodeURIComponent(id)}` }, id)),
        h('p', {}, verdict(state.live ? 'open' : state.verdict.overall), ' ', state.capacity)))),
      h('h2', {}, 'Over time, from the start of each load'),
      h('div', { class: 'charts' }, this.charts.map((c) => c.element)), this.compared);
  }

  keys() {
    return cursorKeys(this.cursor, () => (this.charts || []).find((c) => !c.element.hidden));
  }
}
