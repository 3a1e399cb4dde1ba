// A picture over time, with its targets drawn in and its values at the cursor.
import { h, s } from './dom.js';
import { number, sinceStart } from './format.js';

const height = 190;
const margin = { left: 54, right: 12, top: 20, bottom: 24 };

// Cursor is the moment that all charts of a page show the values of.
export class Cursor {
  constructor() { this.at = null; this.charts = new Set(); }

  set(at) {
    this.at = at;
    for (const c of this.charts) c.showCursor();
  }
}

// Chart draws pictures of one kind. A picture is
//   {title, unit, source, log, from, to, curves, limit, limitName, borders, loadEnd}
// with curves {name, color, samples, fill, hold, dash, wide}, samples [second, value],
// all seconds counted from the start of the load.
export class Chart {
  constructor(cursor) {
    this.cursor = cursor;
    this.svg = s('svg', { class: 'chart', height, role: 'img' });
    this.title = h('h3');
    this.unit = h('small');
    this.legend = h('ul', { class: 'legend' });
    this.source = h('small', { class: 'source' });
    this.element = h('figure', { class: 'sheet' }, h('figcaption', {}, this.title, this.unit), this.legend, this.svg, this.source);
    this.svg.addEventListener('pointermove', (e) => this.point(e));
    this.svg.addEventListener('pointerdown', (e) => this.point(e));
    this.svg.addEventListener('pointerleave', () => this.cursor.set(null));
    this.resized = new ResizeObserver(() => { if (this.picture) this.draw(this.picture); });
    this.resized.observe(this.element);
    cursor.charts.add(this);
  }

  close() {
    this.resized.disconnect();
    this.cursor.charts.delete(this);
  }

  draw(picture) {
    this.picture = picture;
    this.element.hidden = picture.curves.every((c) => c.samples.length === 0);
    if (this.element.hidden) return;
    this.width = Math.max(this.svg.clientWidth || this.element.clientWidth - 36, 200);
    this.svg.setAttribute('viewBox', `0 0 ${this.width} ${height}`);
    this.title.textContent = picture.title;
    this.unit.textContent = picture.unit + (picture.log ? ', logarithmic' : '');
    this.source.textContent = picture.source;
    this.scale = vertical(picture);
    this.svg.replaceChildren(...this.frame(), ...this.lines());
    this.mark = s('line', { class: 'cursor', y1: margin.top, y2: height - margin.bottom, visibility: 'hidden' });
    this.svg.append(this.mark);
    this.showLegend();
    this.showCursor();
  }

  x(t) {
    const { from, to } = this.picture;
    return margin.left + ((t - from) / Math.max(to - from, 1)) * (this.width - margin.left - margin.right);
  }

  y(v) {
    const share = Math.min(Math.max(this.scale.share(v), 0), 1);
    return height - margin.bottom - share * (height - margin.top - margin.bottom);
  }

  // frame is what lies behind the curves.
  frame() {
    const { from, to, borders, loadEnd } = this.picture;
    const [left, right, bottom] = [margin.left, this.width - margin.right, height - margin.bottom];
    const parts = [];
    if (loadEnd !== null && loadEnd < to) {
      const start = Math.max(this.x(loadEnd), left);
      parts.push(s('rect', { class: 'drain', x: start, y: margin.top, width: right - start, height: bottom - margin.top }));
      if (right - start > 34) parts.push(label((start + right) / 2, margin.top - 6, 'middle', 'drain'));
    }
    for (const v of this.scale.ticks) {
      parts.push(s('line', { class: 'grid', x1: left, x2: right, y1: this.y(v), y2: this.y(v) }));
      parts.push(label(left - 6, this.y(v) + 4, 'end', number(v)));
    }
    for (const t of timeTicks(from, to, Math.max(2, Math.floor((right - left) / 80)))) {
      parts.push(label(this.x(t), bottom + 16, 'middle', sinceStart(t)));
    }
    borders.forEach((b, i) => {
      const start = this.x(b.at);
      const end = this.x(Math.min(i + 1 < borders.length ? borders[i + 1].at : loadEnd ?? to, to));
      if (i > 0 && start > left && start < right) {
        parts.push(s('line', { class: 'border', x1: start, x2: start, y1: margin.top, y2: bottom }));
      }
      const [a, z] = [Math.max(start, left), Math.min(end, right)];
      if (z - a > 7 * b.name.length) parts.push(label((a + z) / 2, margin.top - 6, 'middle', b.name));
    });
    return parts;
  }

  lines() {
    const { curves, limit } = this.picture;
    const parts = curves.flatMap((c) => this.curve(c));
    if (limit !== null && limit !== undefined) {
      const y = this.y(limit);
      parts.push(s('line', { class: 'limit', x1: margin.left, x2: this.width - margin.right, y1: y, y2: y }));
    }
    return parts;
  }

  // curve draws the stretches without a gap.
  curve(c) {
    const parts = [];
    const bottom = height - margin.bottom;
    for (const stretch of stretches(this.visible(c.samples), this.picture.step || 1)) {
      let d = '';
      stretch.forEach(([t, v], i) => {
        const [x, y] = [this.x(t).toFixed(1), this.y(v).toFixed(1)];
        if (i === 0) d += `M${x} ${y}`;
        else d += c.hold ? `H${x}V${y}` : `L${x} ${y}`;
      });
      if (stretch.length === 1) d += 'h1';
      const [first, last] = [this.x(stretch[0][0]).toFixed(1), this.x(stretch[stretch.length - 1][0]).toFixed(1)];
      if (c.fill && stretch.length > 1) parts.push(s('path', { class: `area ${c.color}`, d: `${d}L${last} ${bottom}L${first} ${bottom}Z` }));
      parts.push(s('path', { class: `curve ${c.color}${c.wide ? ' wide' : ''}`, d, 'stroke-dasharray': c.dash }));
    }
    return parts;
  }

  visible(samples) {
    const { from, to } = this.picture;
    return samples.filter(([t]) => t >= from && t <= to);
  }

  showLegend() {
    const { curves, limit, limitName } = this.picture;
    this.values = new Map();
    const items = curves.filter((c) => c.samples.length > 0).map((c) => {
      const value = h('b');
      this.values.set(c, value);
      return h('li', {}, swatch(c), c.name, ' ', value);
    });
    if (limit !== null && limit !== undefined) {
      items.push(h('li', {}, swatch({ color: 'limit', dash: '5 3' }), limitName));
    }
    this.legend.replaceChildren(...items);
    const words = curves.filter((c) => c.samples.length).map((c) => `${c.name} ${number(c.samples[c.samples.length - 1][1])}`);
    this.svg.setAttribute('aria-label', `${this.picture.title}, ${this.picture.unit}; latest: ${words.join(', ')}`);
  }

  // showCursor shows the values at the cursor, the latest where there is none.
  showCursor() {
    if (!this.picture || this.element.hidden) return;
    const at = this.cursor.at;
    const inside = at !== null && at >= this.picture.from && at <= this.picture.to;
    this.mark.setAttribute('visibility', inside ? 'visible' : 'hidden');
    if (inside) {
      this.mark.setAttribute('x1', this.x(at));
      this.mark.setAttribute('x2', this.x(at));
    }
    for (const [curve, value] of this.values) {
      const found = inside ? nearest(curve.samples, at) : curve.samples[curve.samples.length - 1];
      value.textContent = found ? number(found[1]) : '–';
    }
    this.unit.textContent = this.picture.unit + (this.picture.log ? ', logarithmic' : '') + (inside ? ` at ${sinceStart(at)}` : '');
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    const share = ((event.clientX - box.left) / box.width * this.width - margin.left) / (this.width - margin.left - margin.right);
    const { from, to } = this.picture;
    this.cursor.set(Math.round(from + Math.min(Math.max(share, 0), 1) * (to - from)));
  }
}

const label = (x, y, anchor, text) => s('text', { class: 'tick', x, y, 'text-anchor': anchor }, text);

function swatch(c) {
  return s('svg', { class: 'swatch', width: 18, height: 8, 'aria-hidden': 'true' },
    s('line', { class: `curve ${c.color}${c.wide ? ' wide' : ''}`, x1: 0, x2: 18, y1: 4, y2: 4, 'stroke-dasharray': c.dash }));
}

// vertical is an axis over all values and the limit.
function vertical({ curves, limit, log }) {
  let [low, high] = [Infinity, 0];
  for (const c of curves) {
    for (const [, v] of c.samples) {
      if (v > high) high = v;
      if (v > 0 && v < low) low = v;
    }
  }
  if (limit !== null && limit !== undefined) { high = Math.max(high, limit * 1.05); if (limit > 0) low = Math.min(low, limit); }
  return log && high > 0 ? logarithmic(low, high) : linear(high || 1);
}

function linear(high) {
  let step = 10 ** Math.floor(Math.log10(high / 4));
  step *= [1, 2, 2.5, 5, 10].find((m) => high / (step * m) <= 5);
  const top = Math.ceil(high / step - 1e-9) * step;
  const ticks = [];
  for (let i = 0; i * step <= top * 1.0001; i++) ticks.push(i * step);
  return { ticks, share: (v) => v / top };
}

function logarithmic(low, high) {
  const all = [];
  for (let decade = 10 ** Math.floor(Math.log10(low)); all.length === 0 || all[all.length - 1] < high; decade *= 10) {
    all.push(decade, 2 * decade, 5 * decade);
  }
  const bottom = all.filter((v) => v <= low).pop();
  const top = Math.max(all.find((v) => v >= high), 2 * bottom);
  const wide = top > 100 * bottom;
  const ticks = all.filter((v, i) => v >= bottom && v <= top && (!wide || i % 3 === 0));
  return { ticks, share: (v) => Math.log(Math.max(v, bottom) / bottom) / Math.log(top / bottom) };
}

// timeTicks are moments at round distances, at most so many.
function timeTicks(from, to, most) {
  const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 28800, 86400];
  const step = steps.find((x) => (to - from) / x <= most) || 86400;
  const ticks = [];
  for (let t = Math.ceil(from / step) * step; t <= to; t += step) ticks.push(t);
  return ticks;
}

// stretches cuts samples where neighbours are more than twice as far apart as
// the closest ones, or than a gathered run's moments.
function stretches(samples, step) {
  let least = Infinity;
  for (let i = 1; i < samples.length; i++) least = Math.min(least, samples[i][0] - samples[i - 1][0]);
  const gap = 2.5 * Math.max(least, step);
  const all = [];
  samples.forEach((p, i) => {
    if (i === 0 || p[0] - samples[i - 1][0] > gap) all.push([]);
    all[all.length - 1].push(p);
  });
  return all;
}

// nearest is the sample closest to a moment, undefined where none is near.
function nearest(samples, at) {
  let best;
  for (const p of samples) {
    if (!best || Math.abs(p[0] - at) < Math.abs(best[0] - at)) best = p;
  }
  const far = samples.length > 1 ? 2.5 * (samples[1][0] - samples[0][0]) : 90;
  return best && Math.abs(best[0] - at) <= Math.max(far, 90) ? best : undefined;
}
