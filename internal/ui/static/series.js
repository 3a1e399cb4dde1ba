// The series of a run: columns over one axis of seconds, that grow.

export class Series {
  // columns are the server's: {t, v: {name: [value or null]}, step_s}.
  constructor(columns) {
    this.t = columns.t;
    this.v = columns.v;
    this.step = columns.step_s;
    this.changed = 0; // counts what was added
  }

  // add takes points {t, v}. The later value of a second counts.
  add(points) {
    for (const p of points) {
      const at = this.place(p.t);
      for (const [name, value] of Object.entries(p.v)) {
        const column = this.v[name] || (this.v[name] = new Array(this.t.length).fill(null));
        column[at] = value;
      }
    }
    this.changed++;
  }

  // place is the index of a second, which is made where it is new.
  place(t) {
    let at = this.t.length;
    while (at > 0 && this.t[at - 1] > t) at--;
    if (at > 0 && this.t[at - 1] === t) return at - 1;
    this.t.splice(at, 0, t);
    for (const column of Object.values(this.v)) column.splice(at, 0, null);
    return at;
  }

  // samples are the values of a series as [second, value].
  samples(name, scale = 1) {
    const column = this.v[name];
    if (!column) return [];
    const out = [];
    for (let i = 0; i < column.length; i++) {
      if (column[i] !== null && column[i] !== undefined) out.push([this.t[i], column[i] * scale]);
    }
    return out;
  }

  // last is the latest value of a series, null where it has none.
  last(name) {
    const column = this.v[name] || [];
    for (let i = column.length - 1; i >= 0; i--) {
      if (column[i] !== null && column[i] !== undefined) return column[i];
    }
    return null;
  }

  // most is the largest value of a series, null where it has none.
  most(name) {
    return (this.v[name] || []).reduce((most, v) => (v !== null && v !== undefined && (most === null || v > most) ? v : most), null);
  }

  any(name) {
    return (this.v[name] || []).some((v) => v > 0);
  }

  end() {
    return this.t.length ? this.t[this.t.length - 1] : null;
  }
}
