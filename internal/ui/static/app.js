// Which page is shown, by the address after #.
import { ask, h } from './dom.js';
import { LibraryPage } from './library.js';
import { RunPage } from './run.js';
import { OverlayPage } from './overlay.js';
import { CampaignsPage } from './campaigns.js';
import { fillHelp, listen } from './keys.js';

const content = document.getElementById('content');
const dialog = document.getElementById('keys');
const theme = document.getElementById('theme');
let page;

// LatestPage shows the newest run, and the next one when that begins.
class LatestPage {
  constructor() {
    this.element = h('div', {}, h('p', { class: 'soft', role: 'status' }, 'Waiting for the first run …'));
    this.look();
    this.timer = setInterval(() => this.look(), 2000);
  }

  async look() {
    try {
      const runs = (await ask('api/runs')).runs.filter((run) => run.kind !== 'search');
      if (runs.length === 0 || (this.run && this.run.id === runs[0].id)) return;
      if (this.run) this.run.close();
      this.run = new RunPage(runs[0].id);
      this.element.replaceChildren(this.run.element);
    } catch {
      // The server has gone: the run's own connection says so.
    }
  }

  title() { return this.run ? this.run.title() : 'latest run'; }
  keys() { return this.run ? this.run.keys() : {}; }

  close() {
    clearInterval(this.timer);
    if (this.run) this.run.close();
  }
}

function route() {
  const [name, ...rest] = location.hash.replace(/^#\//, '').split('/').map(decodeURIComponent);
  if (page) page.close();
  switch (name) {
    case 'run': page = new RunPage(rest[0]); break;
    case 'latest': page = new LatestPage(); break;
    case 'overlay': page = new OverlayPage(rest[0], rest[1]); break;
    case 'campaigns': page = new CampaignsPage(); break;
    default: page = new LibraryPage();
  }
  content.replaceChildren(page.element);
  document.title = `${page.title()} · weir`;
  const current = { '': 'library', run: null, overlay: null }[name] ?? name;
  for (const link of document.querySelectorAll('nav a')) {
    if (link.dataset.page === current) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  window.scrollTo(0, 0);
}

const themes = ['auto', 'light', 'dark'];

function showTheme() { theme.textContent = { auto: '◐ auto', light: '○ light', dark: '● dark' }[document.documentElement.dataset.theme]; }

function switchTheme() {
  const now = themes[(themes.indexOf(document.documentElement.dataset.theme) + 1) % themes.length];
  document.documentElement.dataset.theme = now;
  localStorage.setItem('weir-theme', now);
  showTheme();
}

fillHelp(dialog);
listen(dialog, switchTheme, () => page);
theme.addEventListener('click', switchTheme);
document.getElementById('help').addEventListener('click', () => dialog.showModal());
window.addEventListener('hashchange', route);
showTheme();
route();
