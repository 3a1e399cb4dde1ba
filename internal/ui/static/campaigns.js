// Campaigns by the day: what was done of a plan, and what is to come.
import { ask, h, put, verdict } from './dom.js';
import { isSet, moment, span } from './format.js';

const lookEvery = 5000; // milliseconds
const day = 86400000;
const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

export class CampaignsPage {
  constructor() {
    this.element = h('div', { class: 'campaigns' }, h('h1', {}, 'Campaigns'));
    this.list = h('div');
    this.element.append(this.list);
    this.look();
    this.timer = setInterval(() => { if (!document.hidden) this.look(); }, lookEvery);
  }

  title() { return 'campaigns'; }
  close() { clearInterval(this.timer); }
  keys() { return {}; }

  async look() {
    try {
      const { campaigns, folder } = await ask('api/campaigns');
      const text = JSON.stringify(campaigns);
      if (text === this.text) return;
      this.text = text;
      put(this.list, ...(campaigns.length ? campaigns.flatMap(campaign)
        : [h('p', { class: 'soft' }, `No campaign in ${folder} yet: weir plan run begins one.`)]));
    } catch (why) {
      this.text = null;
      put(this.list, h('p', { class: 'sheet' }, `The campaigns can't be read: ${why.message}`));
    }
  }
}

function campaign(c) {
  if (c.error) return [h('h2', {}, c.name), h('p', { class: 'sheet' }, c.error)];
  const done = c.units.filter((u) => isSet(u.ended));
  const left = c.units.filter((u) => !isSet(u.ended));
  const tally = ['pass', 'fail', 'unknown'].map((v) => `${done.filter((u) => u.verdict === v).length} ${v}`).join(', ');
  return [
    h('h2', {}, c.name),
    h('p', { class: 'soft' }, `${done.length} of ${c.units.length} units done (${tally})`,
      isSet(c.started) ? `, since ${moment(c.started)} UTC` : ', not begun',
      left.length ? `; ${span(left.reduce((s, u) => s + u.load_s, 0))} of load to come` : '; nothing is left'),
    isSet(c.started) ? calendar(c, done) : null,
    left.length ? toCome(left) : null,
  ].filter(Boolean);
}

const dayOf = (time) => Math.floor(Date.parse(time) / day) * day;

// calendar is a grid of whole weeks from Monday to Sunday, in UTC.
function calendar(c, done) {
  const [first, last] = [dayOf(c.started), dayOf(c.last)];
  const monday = first - ((new Date(first).getUTCDay() + 6) % 7) * day;
  const cells = names.map((n) => h('div', { class: 'weekday' }, n));
  for (let d = monday; d <= last || (d - monday) % (7 * day) !== 0; d += day) {
    const units = done.filter((u) => dayOf(u.ended) === d);
    const date = new Date(d).toISOString();
    cells.push(h('div', { class: `day${d < first || d > last ? ' outside' : ''}${units.length ? '' : ' empty'}` },
      h('small', {}, date.slice(8, 10) === '01' || d === monday ? date.slice(5, 10) : date.slice(8, 10)), units.map(chip)));
  }
  return h('div', { class: 'sheet calendar' }, cells);
}

// chip is a unit that was done. A search keeps a document of its own.
function chip(u) {
  const href = u.run.startsWith('search-') ? `runs/${encodeURIComponent(u.run)}/report.html` : `#/run/${encodeURIComponent(u.run)}`;
  const tried = u.attempts > 1 ? `, at attempt ${u.attempts}` : '';
  return h('a', { class: `chip ${u.verdict}`, href, title: `${u.id}: ${u.verdict}, ended ${moment(u.ended)} UTC${tried}` }, u.id.replace(/^w\d+\//, ''));
}

function toCome(left) {
  const weeks = [...new Set(left.map((u) => u.week))];
  const item = (u) => {
    const tried = u.attempts ? [' ', verdict('open', 'begun')] : null;
    return h('li', {}, `${u.id.replace(/^w\d+\//, '')}, ${span(u.load_s)} of load`,
      u.failure ? [' ', verdict('fail', 'failed'), ` ${u.failure}`] : tried);
  };
  return h('div', { class: 'sheet' }, h('h3', {}, 'To come'), weeks.map((week) => [
    h('p', {}, `Week ${week}`), h('ul', { class: 'plain' }, left.filter((u) => u.week === week).map(item)),
  ]));
}
