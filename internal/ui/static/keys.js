// The keyboard. What is listed here is what ? shows.
import { h } from './dom.js';

const listed = [
  ['Everywhere', [
    ['?', 'these keys'], ['g then r, l or c', 'go to runs, to the latest run, to campaigns'], ['t', 'light, dark, or as the system has it'], ['Esc', 'close, leave a field, clear the cursor'],
  ]],
  ['Runs', [
    ['j or ↓, k or ↑', 'next, previous run'], ['Enter', 'open it'], ['x', 'mark it'], ['o', 'overlay the two marked'], ['/', 'filter'],
  ]],
  ['A run, two runs', [
    ['← →', 'move the cursor through the charts by a second'], ['Shift ← →', 'by a twentieth of the picture'], ['w', 'whole run, or its last 5 minutes'],
    ['o', 'lay another run over it'], ['r', 'its report'],
  ]],
];

export function fillHelp(dialog) {
  dialog.replaceChildren(
    h('h2', { id: 'keys-title' }, 'Keys'),
    ...listed.map(([where, keys]) => h('section', {}, h('h3', {}, where),
      h('dl', {}, keys.map(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)])))),
    h('form', { method: 'dialog' }, h('button', {}, 'Close')));
}

const pages = { r: '#/', l: '#/latest', c: '#/campaigns' };

// listen sends keys to everywhere's own and to the page's. page() is the page
// that is open.
export function listen(dialog, switchTheme, page) {
  let going = false; // g was pressed
  document.addEventListener('keydown', (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || dialog.open) return;
    const field = e.target.closest('input:not([type=checkbox]), select, textarea');
    if (field) {
      if (e.key !== 'Escape') return;
      e.preventDefault(); // a search field would lose its words
      field.blur();
      return;
    }
    if (e.key === 'Enter' && e.target.closest('a, button, input')) return; // the element's own
    const own = {
      '?': () => dialog.showModal(), t: switchTheme, g: () => { going = true; },
      ...(going ? Object.fromEntries(Object.entries(pages).map(([key, hash]) => [key, () => { location.hash = hash; }])) : {}),
    };
    const name = e.shiftKey && e.key.startsWith('Arrow') ? `Shift+${e.key}` : e.key;
    const act = own[name] || page().keys()[name];
    if (name !== 'g') going = false;
    if (!act) return;
    e.preventDefault();
    act();
  });
}
