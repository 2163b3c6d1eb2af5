/**
 * The overview: five figures, who calls whom, what happened, and every endpoint in one table.
 *
 * @module
 */
import { h, setAttr, setText } from './dom.js';
import { columnsOf, noNumbers } from './endpoint-columns.js';
import { figureStrip } from './figures.js';
import { flowMap } from './flow.js';
import { happenings } from './happenings.js';
import { panel } from './parts.js';
import { linkTo } from './router.js';
import { scoped, state } from './store.js';
import { liveTable } from './table.js';

/** @param {{ scope: string }} place */
export function overview({ scope }) {
  const figures = figureStrip();
  const flow = flowMap();
  const feed = happenings(6);
  const filter = h('input', {
    type: 'search',
    id: 'filter',
    placeholder: 'Filter endpoints',
    'aria-label': 'Filter endpoints',
    'aria-keyshortcuts': '/',
    autocomplete: 'off',
    spellcheck: 'false',
    on: {
      input: () => update(),
      keydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === 'ArrowDown' || event.key === 'Enter') {
          event.preventDefault();
          table.focus();
        }
      },
    },
  });
  const shown = h('span', { class: 'muted', 'aria-live': 'polite' });
  const table = liveTable({
    label: 'Endpoints',
    keyOf: (row) => `${row.bff} ${row.key}`,
    linkOf: (row) => linkTo(scope === 'all' ? row.bff : scope, 'endpoint', row.key),
    columns: columnsOf(scope),
    empty: 'No endpoint matches the filter.',
  });
  const everything = h(
    'button',
    {
      type: 'button',
      class: 'all-columns',
      'aria-pressed': 'false',
      on: {
        click: () => {
          const isAll = table.element.hasAttribute('data-all');
          setAttr(table.element, 'data-all', isAll ? undefined : 'true');
          setAttr(everything, 'aria-pressed', String(!isAll));
        },
      },
    },
    'All columns',
  );
  const endpoints = panel(
    'Endpoints',
    {
      aside: h(
        'div',
        { class: 'tools' },
        shown,
        everything,
        h('label', { class: 'search' }, filter, h('kbd', { 'aria-hidden': 'true' }, '/')),
      ),
    },
    table.element,
  );
  const hint = h('div', { class: 'hint', hidden: true });
  const element = h(
    'div',
    { class: 'view' },
    h('h1', { class: 'unseen' }, scope === 'all' ? 'All gateways' : `Gateway ${scope}`),
    figures.element,
    hint,
    h('div', { class: 'pair' }, panel('Traffic', flow.element), panel('Lately', feed.element)),
    endpoints,
  );

  function update() {
    const bffs = scoped(scope);
    figures.update(bffs);
    flow.update(bffs);
    feed.update(bffs);
    const rows = bffs.flatMap((bff) =>
      bff.about.endpoints.map((/** @type {any} */ endpoint) => ({
        bff: bff.name,
        key: endpoint.key,
        endpoint,
        numbers: bff.tick.routes[endpoint.key] ?? noNumbers,
        track: bff.tracks.get(endpoint.key),
      })),
    );
    const unmatched = bffs.flatMap((bff) =>
      bff.tick.routes['*'] === undefined
        ? []
        : [
            {
              bff: bff.name,
              key: '*',
              endpoint: {},
              numbers: bff.tick.routes['*'],
              track: bff.tracks.get('*'),
            },
          ],
    );
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const all = [...rows, ...unmatched];
    const count = table.update(all, (row) =>
      words.every((/** @type {string} */ word) => `${row.bff} ${row.key}`.toLowerCase().includes(word)),
    );
    setText(shown, words.length === 0 ? `${all.length}` : `${count} of ${all.length}`);
    showHint(hint, bffs);
  }
  return { element, update, close: () => table.close() };
}

/** What to do while there is nothing to see. @param {any} hint @param {any[]} bffs */
function showHint(hint, bffs) {
  const isQuiet = bffs.length > 0 && bffs.every((bff) => bff.requests.size === 0);
  if (hint.hidden === !isQuiet) return;
  hint.hidden = !isQuiet;
  if (!isQuiet) return;
  const [bff] = bffs;
  const endpoint = bff.about.endpoints.find(
    (/** @type {any} */ one) => one.method === 'GET' && !one.path.includes(':'),
  );
  const origin = state.dev?.origins?.[bff.name] ?? `http://${location.hostname}:PORT`;
  hint.replaceChildren(
    h('strong', {}, 'No requests yet.'),
    ' Send one and it shows up here at once: ',
    h('code', {}, `curl -i '${origin}${endpoint?.path ?? '/'}'`),
  );
}
