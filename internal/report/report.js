
'use strict';
(() => {
  // Values at the cursor, in all charts over the same time. A chart tells its
  // seconds and plot in data-plot, each curve its samples in data-samples.
  const charts = [...document.querySelectorAll('svg[data-plot]')].map((svg) => {
    const [from, to, left, right, top, bottom] = svg.dataset.plot.split(' ').map(Number);
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    line.setAttribute('class', 'cursor');
    line.setAttribute('y1', top);
    line.setAttribute('y2', bottom);
    line.setAttribute('visibility', 'hidden');
    svg.append(line);
    const figure = svg.closest('figure');
    const names = [...figure.querySelectorAll('.legend li')];
    const curves = [...svg.querySelectorAll('g[data-samples]')].map((g, i) => {
      const value = document.createElement('b');
      names[i].append(' ', value);
      return { samples: g.dataset.samples.split(' ').map(Number), value };
    });
    const at = document.createElement('small');
    figure.querySelector('figcaption').append(at);
    return { svg, from, to, left, right, line, curves, at };
  });

  const group = (n) => {
    const text = Math.abs(n) >= 100 ? String(Math.round(n)) : String(Number(n.toPrecision(3)));
    return text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, '\u00a0');
  };
  const time = (s) => {
    const two = (n) => String(n).padStart(2, '0');
    const [h, m, r] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), Math.round(s % 60)];
    return s < 60 ? `${Math.round(s)} s` : (h ? `${h}:${two(m)}` : m) + `:${two(r)}`;
  };

  // nearest is the value of the sample closest to a second, by halves: samples
  // are second, value, second, value in order of time.
  const nearest = (samples, t) => {
    let [low, high] = [0, samples.length / 2 - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (samples[2 * middle] < t) low = middle + 1;
      else high = middle;
    }
    if (low > 0 && t - samples[2 * low - 2] < samples[2 * low] - t) low--;
    return samples[2 * low + 1];
  };

  const show = (t) => {
    for (const c of charts) {
      const inside = t !== null && t >= c.from && t <= c.to;
      const x = c.left + ((t - c.from) / (c.to - c.from)) * (c.right - c.left);
      c.line.setAttribute('visibility', inside ? 'visible' : 'hidden');
      c.line.setAttribute('x1', x);
      c.line.setAttribute('x2', x);
      c.at.textContent = inside ? `at ${time(t)}` : '';
      for (const curve of c.curves) curve.value.textContent = inside ? group(nearest(curve.samples, t)) : '';
    }
  };

  for (const c of charts) {
    const move = (e) => {
      const box = c.svg.getBoundingClientRect();
      const x = ((e.clientX - box.left) / box.width) * c.svg.viewBox.baseVal.width;
      const share = Math.min(Math.max((x - c.left) / (c.right - c.left), 0), 1);
      show(Math.round(c.from + share * (c.to - c.from)));
    };
    c.svg.addEventListener('pointermove', move);
    c.svg.addEventListener('pointerdown', move);
    c.svg.addEventListener('pointerleave', () => show(null));
  }

  // Tables, and the targets' cards as one, as text with tabs between.
  const words = (e) => e.textContent.trim().replace(/\s+/g, ' ');
  const textOf = (of) => (of.rows
    ? [...of.rows].map((row) => [...row.cells].map(words).join('\t'))
    : [...of.querySelectorAll('.card')].map((card) => [...card.querySelectorAll('h3, .verdict, .value, .value + p')].map(words).join('\t'))).join('\n');
  const copied = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = document.createElement('textarea');
      area.value = text;
      document.body.append(area);
      area.select();
      const done = document.execCommand('copy');
      area.remove();
      return done;
    }
  };
  for (const of of document.querySelectorAll('[data-copy]')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'copy';
    button.title = 'Copy as a table, with tabs between the columns';
    button.addEventListener('click', async () => {
      button.textContent = (await copied(textOf(of))) ? 'copied' : 'not allowed';
      setTimeout(() => { button.textContent = 'copy'; }, 1500);
    });
    let frame = of.closest('.scroll') || of;
    if (frame === of && of.rows) { // in a grid the button must not take a place of its own
      frame = document.createElement('div');
      of.replaceWith(frame);
      frame.append(button, of);
      continue;
    }
    frame.before(button);
  }
})();
