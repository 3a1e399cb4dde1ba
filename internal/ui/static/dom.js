// Elements out of data. Text stays text: nothing that a record holds is ever
// read as HTML.

const svgSpace = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...there(children));
  return element;
}

// there are the children that there are: a page says null for what it leaves out.
const there = (children) => children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false);

// put replaces what is in an element.
export const put = (element, ...children) => element.replaceChildren(...there(children));

// h makes an HTML element: h('td', {class: 'number'}, '12').
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

// s makes an SVG element.
export const s = (tag, attributes, ...children) => fill(document.createElementNS(svgSpace, tag), attributes, children);

// verdict is a badge: a sign and a word beside the colour.
export function verdict(outcome, word = outcome) {
  return h('span', { class: `verdict ${outcome || 'open'}` }, word || 'open');
}

// ask fetches JSON; what the server refuses becomes an error in its words.
export async function ask(path) {
  const response = await fetch(path);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error || response.statusText);
  return body;
}

// table makes a table with a button that copies it as tab-separated text.
// Columns: {name, words} where words are not numbers. Rows: arrays of texts or
// elements.
export function table(columns, rows, attributes) {
  const align = (i) => (columns[i].words ? 'words' : null);
  const body = h('table', attributes,
    h('thead', {}, h('tr', {}, columns.map((c, i) => h('th', { class: align(i), scope: 'col' }, c.name)))),
    h('tbody', {}, rows.map((row) => h('tr', {}, row.map((cell, i) => h('td', { class: align(i), 'data-name': columns[i].name }, cell))))));
  return h('div', { class: 'tabled' }, copyButton(body), h('div', { class: 'scroll' }, body));
}

function copyButton(of) {
  const button = h('button', { type: 'button', class: 'copy', title: 'Copy as tab-separated text' }, 'copy');
  button.addEventListener('click', async () => {
    const text = [...of.rows].map((row) => [...row.cells].map((c) => c.textContent.trim()).join('\t')).join('\n');
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'copied';
    } catch {
      getSelection().selectAllChildren(of);
      button.textContent = 'selected';
    }
    setTimeout(() => { button.textContent = 'copy'; }, 1500);
  });
  return button;
}
