/**
 * Limits: what they decided, and who is busiest.
 *
 * @module
 */
import { h } from './dom.js';
import { formatCount, formatShare } from './format.js';
import { panel } from './parts.js';
import { scoped } from './store.js';
import { liveTable } from './table.js';

/** @param {{ scope: string }} place */
export function limitsView({ scope }) {
  const manyBffs = () => scoped(scope).length > 1;
  const limits = liveTable({
    label: 'Limits',
    keyOf: (row) => `${row.bff} ${row.plan} ${row.name}`,
    empty: 'No limits are declared.',
    columns: [
      {
        key: 'name',
        title: 'Limit',
        class: 'grow',
        make: (row) => h('span', {}, manyBffs() ? h('span', { class: 'tag' }, row.bff) : null, ' ', row.name),
      },
      { key: 'kind', title: 'Kind', class: 'm-wide', text: (row) => row.kind },
      { key: 'plan', title: 'Plan', text: (row) => row.plan || 'everybody' },
      { key: 'figures', title: 'Figures', class: 'w-figures m-wider', text: (row) => row.figures },
      {
        key: 'allowed',
        title: 'Allowed',
        class: 'num',
        sort: (row) => row.numbers.allowed,
        text: (row) => formatCount(row.numbers.allowed),
      },
      {
        key: 'refused',
        title: 'Refused',
        class: 'num',
        sort: (row) => row.numbers.refused,
        text: (row) => formatCount(row.numbers.refused),
        tone: (row) => (row.numbers.refused > 0 ? 'warn' : 'zero'),
      },
      {
        key: 'share',
        title: 'Share',
        class: 'num',
        text: (row) => formatShare(row.numbers.refused, row.numbers.allowed + row.numbers.refused),
        tone: (row) => (row.numbers.refused > 0.05 * row.numbers.allowed ? 'bad' : 'zero'),
      },
      {
        key: 'standIn',
        title: 'Stand-in',
        hint: 'Decided while the store could not be asked',
        class: 'num m-wide',
        text: (row) => formatCount(row.numbers.standIn),
        tone: (row) => (row.numbers.standIn > 0 ? 'bad' : 'zero'),
      },
    ],
  });
  const callers = liveTable({
    label: 'Busiest callers',
    keyOf: (row) => `${row.bff} ${row.name}`,
    empty: 'Nobody was limited yet. Callers show up here with their first request.',
    sortBy: 'count',
    columns: [
      {
        key: 'name',
        title: 'Caller',
        class: 'grow',
        make: (row) =>
          h(
            'span',
            {},
            manyBffs() ? h('span', { class: 'tag' }, row.bff) : null,
            ' ',
            h('span', { class: 'mono' }, row.name),
          ),
      },
      { key: 'plan', title: 'Plan', class: 'm-wide', text: (row) => row.plan ?? '–' },
      {
        key: 'count',
        title: 'Requests',
        class: 'num',
        sort: (row) => row.count,
        text: (row) => formatCount(row.count),
      },
      {
        key: 'refused',
        title: 'Refused',
        class: 'num',
        sort: (row) => row.refused,
        text: (row) => formatCount(row.refused),
        tone: (row) => (row.refused > 0 ? 'warn' : 'zero'),
      },
      {
        key: 'standing',
        title: 'Left',
        class: 'w-standing',
        text: (row) =>
          row.standing
            .map((/** @type {any} */ one) => `${one.limit} ${one.allowed ? one.remaining : 'none'}`)
            .join(', ') || '–',
      },
    ],
  });
  const element = h(
    'div',
    { class: 'view' },
    h('h1', {}, 'Limits'),
    panel('Decisions', limits.element),
    panel(
      'Busiest callers',
      { aside: h('span', { class: 'muted' }, 'people and addresses under the pseudonyms of the log') },
      callers.element,
    ),
  );
  return {
    element,
    update() {
      const bffs = scoped(scope);
      limits.update(bffs.flatMap(limitRows));
      callers.update(
        bffs.flatMap((bff) =>
          uniqueNames(bff.tick.callers).map((/** @type {any} */ caller) => ({ ...caller, bff: bff.name })),
        ),
      );
    },
    close() {
      limits.close();
      callers.close();
    },
  };
}

/** A limit may be declared for several plans and is counted by its name. @param {any} bff */
function limitRows(bff) {
  const declared = bff.about.limits.map((/** @type {any} */ limit) => ({
    ...limit,
    figures: figuresText(limit.figures),
  }));
  const others = Object.keys(bff.tick.limits)
    .filter((name) => !declared.some((/** @type {any} */ limit) => limit.name === name))
    .map((name) => ({ name, kind: '–', plan: '', figures: '' }));
  return [...declared, ...others].map((limit) => ({
    bff: bff.name,
    plan: '',
    ...limit,
    numbers: bff.tick.limits[limit.name] ?? { allowed: 0, refused: 0, standIn: 0 },
  }));
}

/** @param {Record<string, number>} figures */
function figuresText(figures) {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${formatCount(value)}`)
    .join(', ');
}

/** @param {any[]} callers */
function uniqueNames(callers) {
  return [...new Map(callers.map((caller) => [caller.name, caller])).values()];
}
