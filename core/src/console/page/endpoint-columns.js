/**
 * The columns of the table of endpoints.
 *
 * @module
 */
import { h } from './dom.js';
import { formatBytes, formatMs, formatRate, formatSaved, formatShare } from './format.js';
import { routeName, toneOf } from './parts.js';
import { sparkline } from './spark.js';
import { rateOf, state } from './store.js';

/** Of an endpoint that nobody asked yet. */
export const noNumbers = {
  count: 0,
  errors: 0,
  degraded: 0,
  limited: 0,
  p50: 0,
  p95: 0,
  p99: 0,
  up: 0,
  out: 0,
  times: [],
  nodes: {},
};

/** @param {string} scope @returns {import('./table.js').Column[]} */
export function columnsOf(scope) {
  const sparks = new WeakMap();
  return [
    {
      key: 'name',
      title: 'Endpoint',
      class: 'grow',
      sort: (row) => row.key,
      make: (row) =>
        h(
          'span',
          { class: 'endpoint-name' },
          scope === 'all' ? h('span', { class: 'tag' }, row.bff) : null,
          routeName(row.key),
        ),
    },
    {
      key: 'rate',
      title: 'Req/s',
      class: 'num w-rate',
      sort: (row) => rateOf(row.track),
      text: (row) => formatRate(rateOf(row.track)),
    },
    {
      key: 'spark',
      title: 'Requests',
      class: 'w-spark m-widest',
      make: () => {
        const spark = sparkline({ width: 120, height: 22 });
        const box = h('span', { class: 'spark-box' }, spark.element);
        sparks.set(box, spark);
        return box;
      },
      update: (cell, row) => {
        if (row.track !== undefined)
          sparks.get(cell.firstChild)?.update(row.track.count, row.track.errors, state.window);
      },
    },
    {
      key: 'errors',
      title: 'Errors',
      hint: 'Answers with a status of 500 and above',
      class: 'num',
      sort: (row) => share(row.numbers.errors, row.numbers.count),
      text: (row) => formatShare(row.numbers.errors, row.numbers.count),
      tone: (row) => (row.numbers.errors === 0 ? 'zero' : toneOf(row.numbers.errors, row.numbers.count)),
    },
    {
      key: 'degraded',
      title: 'Degraded',
      hint: 'Answers that went out without an optional part',
      class: 'num w-degraded m-wide',
      sort: (row) => share(row.numbers.degraded, row.numbers.count),
      text: (row) => formatShare(row.numbers.degraded, row.numbers.count),
      tone: (row) => (row.numbers.degraded === 0 ? 'zero' : 'warn'),
    },
    {
      key: 'p50',
      title: 'p50',
      class: 'num m-wide',
      sort: (row) => row.numbers.p50,
      text: (row) => formatMs(row.numbers.p50),
    },
    {
      key: 'p95',
      title: 'p95',
      class: 'num',
      sort: (row) => row.numbers.p95,
      text: (row) => formatMs(row.numbers.p95),
      tone: (row) =>
        row.numbers.p95 > (row.endpoint.deadlineMs ?? Number.POSITIVE_INFINITY) * 0.8 ? 'warn' : '',
    },
    {
      key: 'p99',
      title: 'p99',
      class: 'num m-wide',
      sort: (row) => row.numbers.p99,
      text: (row) => formatMs(row.numbers.p99),
    },
    {
      key: 'bytes',
      title: 'Bytes in → out',
      hint: 'From the services, and to clients after trimming and compression, per answer',
      class: 'num w-bytes m-wider',
      sort: (row) => row.numbers.up,
      text: (row) =>
        row.numbers.count === 0
          ? '–'
          : `${formatBytes(row.numbers.up / row.numbers.count)} → ${formatBytes(row.numbers.out / row.numbers.count)}`,
    },
    {
      key: 'saved',
      title: 'Change',
      hint: 'Bytes to clients against bytes from services: what trimming and compression save',
      class: 'num m-widest',
      sort: (row) => (row.numbers.up > 0 ? 1 - row.numbers.out / row.numbers.up : -1),
      text: (row) => formatSaved(row.numbers.up, row.numbers.out) || '–',
      tone: (row) => (row.numbers.up > row.numbers.out ? 'good' : ''),
    },
    {
      key: 'burn',
      title: 'SLO burn',
      hint: 'How many times faster than allowed the error budget burns, over five minutes',
      class: 'num w-burn m-wider',
      sort: (row) => burnOf(row) ?? -1,
      text: (row) => {
        const burn = burnOf(row);
        return burn === undefined ? '–' : `${burn.toFixed(1)}×`;
      },
      tone: (row) => {
        const burn = burnOf(row) ?? 0;
        return burn >= 14.4 ? 'bad' : burn > 1 ? 'warn' : '';
      },
    },
  ];
}

/** @param {any} row @returns {number | undefined} */
function burnOf({ numbers: { burn } }) {
  if (burn === undefined) return undefined;
  return Math.max(burn.availability ?? 0, burn.latency ?? 0);
}

/** @param {number} part @param {number} whole */
function share(part, whole) {
  return whole > 0 ? part / whole : 0;
}
