/** The search: `/` opens it, arrows choose, Enter goes there. What can be found is one small file of this origin. */
import { element } from './dom.js';
import { find, words } from './rank.js';

const names = { guide: 'Guide', operation: 'Operation', field: 'Field', error: 'Error', version: 'Version' };

export function openSearch() {
  const dialog = document.getElementById('search');
  const input = dialog.querySelector('input');
  const list = dialog.querySelector('ul');
  const note = dialog.querySelector('.search-note');
  let entries;
  let chosen = -1;

  const open = async () => {
    if (dialog.open) return;
    dialog.showModal();
    input.select();
    if (entries !== undefined) return;
    note.textContent = 'Reading what there is …';
    try {
      entries = await (await fetch(dialog.dataset.index)).json();
      show();
    } catch {
      note.textContent = 'The search cannot be read now. Try again.';
    }
  };
  const choose = (index) => {
    const options = [...list.children];
    chosen = options.length === 0 ? -1 : (index + options.length) % options.length;
    for (const [at, option] of options.entries()) option.setAttribute('aria-selected', String(at === chosen));
    if (chosen < 0) input.removeAttribute('aria-activedescendant');
    else {
      input.setAttribute('aria-activedescendant', options[chosen].id);
      options[chosen].scrollIntoView({ block: 'nearest' });
    }
  };
  const show = () => {
    if (entries === undefined) return;
    const wanted = words(input.value);
    const found = find(entries, wanted);
    list.replaceChildren(...found.map((entry, index) => option(entry, index, wanted)));
    input.setAttribute('aria-expanded', String(found.length > 0));
    note.textContent =
      wanted.length === 0
        ? 'Type to search. ↑ ↓ to choose, Enter to open, Esc to close.'
        : found.length === 0
          ? `Nothing is called “${input.value.trim()}”.`
          : `${found.length} found`;
    choose(found.length > 0 ? 0 : -1);
  };

  for (const button of document.querySelectorAll('[data-search]'))
    button.addEventListener('click', () => void open());
  dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close());
  const follow = (option) => {
    if (option === undefined || option === null) return;
    dialog.close();
    location.assign(option.dataset.address);
  };
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  list.addEventListener('click', (event) => follow(event.target.closest('[role=option]')));
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      choose(chosen + step);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      follow(list.children[chosen]);
    }
  });
  addEventListener('keydown', (event) => {
    const isTyping =
      event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null;
    const isSlash = event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isSlash && !(event.key === 'k' && (event.ctrlKey || event.metaKey))) return;
    event.preventDefault();
    void open();
  });
}

function option([kind, title, place, address, text], index, wanted) {
  return element(
    'li',
    {
      role: 'option',
      id: `found-${index}`,
      'data-kind': kind,
      'data-address': address,
      'aria-selected': 'false',
    },
    element('strong', {}, marked(title, wanted)),
    element('small', {}, names[kind]),
    element('small', { class: 'place' }, [place, text].filter((part) => part !== '').join(' · ')),
  );
}

/** The words that were looked for, marked. */
function marked(text, wanted) {
  const lower = text.toLowerCase();
  const parts = [];
  let end = 0;
  while (end < text.length) {
    const next = wanted
      .map((word) => [lower.indexOf(word, end), word.length])
      .filter(([at]) => at >= 0)
      .sort(([one], [other]) => one - other)[0];
    if (next === undefined) break;
    const [at, length] = next;
    parts.push(text.slice(end, at), element('mark', {}, text.slice(at, at + length)));
    end = at + length;
  }
  return [...parts, text.slice(end)].filter((part) => part !== '');
}
