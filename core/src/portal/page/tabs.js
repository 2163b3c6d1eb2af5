/** Languages of code as tabs. The choice is the same everywhere, and is remembered. */
import { element } from './dom.js';

const place = 'docs-language';
const groups = [];

export function makeTabs() {
  for (const group of document.querySelectorAll('[data-tabs]')) groups.push(prepare(group));
  const wanted = remembered();
  if (wanted !== null) for (const { choose } of groups) choose(wanted);
  addEventListener('storage', (event) => {
    if (event.key === place && event.newValue !== null)
      for (const { choose } of groups) choose(event.newValue);
  });
}

function prepare(group) {
  const panels = [...group.querySelectorAll('.panel')];
  const title = group.querySelector('.tabs-title');
  const id = `tabs-${groups.length}`;
  const tabs = panels.map((panel, index) => {
    panel.id = `${id}-panel-${index}`;
    panel.setAttribute('role', 'tabpanel');
    panel.setAttribute('aria-labelledby', `${id}-${index}`);
    return element(
      'button',
      { type: 'button', role: 'tab', class: 'tab', id: `${id}-${index}`, 'aria-controls': panel.id },
      panel.dataset.label,
    );
  });
  const choose = (label) => {
    const chosen = panels.findIndex((panel) => panel.dataset.label === label);
    if (chosen < 0) return;
    for (const [index, panel] of panels.entries()) {
      panel.hidden = index !== chosen;
      tabs[index].setAttribute('aria-selected', String(index === chosen));
      tabs[index].tabIndex = index === chosen ? 0 : -1;
    }
  };
  const list = element('div', { role: 'tablist', 'aria-label': `${title.textContent}: language` }, tabs);
  list.addEventListener('click', (event) => {
    const tab = event.target.closest('[role=tab]');
    if (tab !== null) pick(tab);
  });
  list.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const at = tabs.indexOf(event.target);
    if (step === undefined || at < 0) return;
    event.preventDefault();
    const next = tabs[(at + step + tabs.length) % tabs.length];
    pick(next);
    next.focus();
  });
  const head = element('div', { class: 'tabs-head' });
  group.prepend(head);
  head.append(title, list);
  choose(panels[0].dataset.label);
  group.dataset.ready = '';
  return { choose };
}

/** What is clicked stays where it is, whatever becomes longer above it. */
function pick(tab) {
  const before = tab.getBoundingClientRect().top;
  for (const { choose } of groups) choose(tab.textContent);
  scrollBy({ top: tab.getBoundingClientRect().top - before, behavior: 'instant' });
  try {
    localStorage.setItem(place, tab.textContent);
  } catch {
    // Storage may be forbidden; the choice then holds for this page.
  }
}

function remembered() {
  try {
    return localStorage.getItem(place);
  } catch {
    return null;
  }
}
