/**
 * The cache: what it found, part by part.
 *
 * @module
 */
import { h } from './dom.js';
import { formatCount, formatShare } from './format.js';
import { panel, routeName } from './parts.js';
import { scoped } from './store.js';
import { liveTable } from './table.js';

const outcomes = ['hit', 'stale', 'collapsed', 'miss', 'bypass'];
const hints = {
  hit: 'Found a fresh answer',
  stale: 'Found one that is over',
  collapsed: 'Waited for the answer of somebody else',
  miss: 'Made it',
  bypass: 'Could not keep it',
};

/** @param {{ scope: string }} place */
export function cacheView({ scope }) {
  const bars = new WeakMap();
  const table = liveTable({
    label: 'Kept answers',
    keyOf: (row) => `${row.bff} ${row.part}`,
    empty:
      'Nothing is kept, or was not asked for yet. Declare cache: { scope, ttlMs } on a call or an endpoint.',
    sortBy: 'lookups',
    columns: [
      {
        key: 'part',
        title: 'Part',
        class: 'grow',
        make: (row) =>
          h(
            'span',
            { class: 'endpoint-name' },
            scoped(scope).length > 1 ? h('span', { class: 'tag' }, row.bff) : null,
            row.part.includes(' ') ? routeName(row.part) : h('span', { class: 'mono' }, row.part),
          ),
      },
      {
        key: 'lookups',
        title: 'Lookups',
        class: 'num',
        sort: (row) => row.lookups,
        text: (row) => formatCount(row.lookups),
      },
      {
        key: 'share',
        title: 'Found',
        hint: 'Hit, stale or collapsed',
        class: 'num',
        sort: (row) => row.found / Math.max(1, row.lookups),
        text: (row) => formatShare(row.found, row.lookups),
        tone: (row) => (row.found > 0 ? 'good' : ''),
      },
      {
        key: 'bar',
        title: 'Verdicts',
        class: 'w-verdicts m-wide',
        make: () => {
          const box = h(
            'span',
            { class: 'verdicts', 'aria-hidden': 'true' },
            outcomes.map((outcome) => h('i', { class: outcome })),
          );
          bars.set(box, box.children);
          return box;
        },
        update: (cell, row) => {
          const parts = bars.get(cell.firstChild) ?? [];
          for (const [index, outcome] of outcomes.entries())
            parts[index]?.style.setProperty(
              '--share',
              String(row.numbers[outcome] / Math.max(1, row.lookups)),
            );
        },
      },
      ...outcomes.map((outcome) => ({
        key: outcome,
        title: outcome,
        hint: hints[/** @type {keyof typeof hints} */ (outcome)],
        class: 'num m-wide',
        sort: (/** @type {any} */ row) => row.numbers[outcome],
        text: (/** @type {any} */ row) => formatCount(row.numbers[outcome]),
      })),
    ],
  });
  const element = h('div', { class: 'view' }, h('h1', {}, 'Cache'), panel('Kept answers', table.element));
  return {
    element,
    update() {
      table.update(
        scoped(scope).flatMap((bff) =>
          Object.entries(bff.tick.cache).map(([part, numbers]) => ({
            bff: bff.name,
            part,
            numbers,
            lookups: outcomes.reduce((sum, outcome) => sum + numbers[outcome], 0),
            found: numbers.hit + numbers.stale + numbers.collapsed,
          })),
        ),
      );
    },
    close: () => table.close(),
  };
}
