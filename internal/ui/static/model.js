// A run as the server tells it, first whole and then by its events.
import { ask } from './dom.js';
import { Series } from './series.js';
import { isSet, unix } from './format.js';

// mostMoments are kept before a long run is asked for again, gathered anew.
const mostMoments = 4800;

export class Model {
  // changed(model) is called after everything new; connection is 'open',
  // 'lost', 'ended' or 'gone' (weir itself has ended).
  constructor(id, changed) {
    this.id = id;
    this.changed = changed;
    this.connection = 'open';
    this.closed = false;
  }

  async open() {
    const run = await ask(`api/runs/${encodeURIComponent(this.id)}`);
    if (this.closed) return;
    this.series = new Series(run.series);
    this.state = run.state;
    this.offset = run.offset;
    if (this.state.live) this.listen();
    else this.connection = 'ended';
    this.changed(this);
  }

  listen() {
    const events = new EventSource(`api/runs/${encodeURIComponent(this.id)}/events?from=${this.offset}`);
    this.events = events;
    const on = (name, take) => events.addEventListener(name, (e) => {
      this.connection = 'open';
      take(JSON.parse(e.data));
      this.changed(this);
    });
    on('points', (points) => {
      this.series.add(points);
      if (this.series.t.length > mostMoments) this.again();
    });
    on('state', (state) => { this.state = state; });
    on('ended', (how) => { events.close(); this.connection = how.served ? 'ended' : 'gone'; });
    on('failed', (why) => { events.close(); this.connection = 'ended'; this.failure = why; });
    on('again', () => this.again());
    events.onerror = () => {
      if (this.connection === 'open') { this.connection = 'lost'; this.changed(this); }
    };
  }

  // again reads the whole run once more.
  again() {
    this.events.close();
    this.open().catch((why) => { this.connection = 'lost'; this.failure = why.message; this.changed(this); });
  }

  close() {
    this.closed = true;
    if (this.events) this.events.close();
  }

  // origin is the second in which the load began.
  get origin() {
    const start = this.state.run.load_start;
    return isSet(start) ? Math.floor(unix(start)) : (this.series.t[0] || Math.floor(unix(this.state.run.started)));
  }

  // target is the verdict on a target, undefined where there is none yet.
  target(id) {
    return (this.state.verdict.targets || []).find((t) => t.id === id);
  }
}
