/**
 * The overview: five figures, who calls whom, what happened, and every endpoint in one table.
 *
 * @module
 */
import { h, setAttr, setText } from './dom.js';
import { flowMap } from './flow.js';
import { formatBytes, formatCount, formatMs, formatRate, formatSaved, formatShare } from './format.js';
import { happenings } from './happenings.js';
import { panel, routeName, toneOf } from './parts.js';
import { linkTo } from './router.js';
import { sparkline } from './spark.js';
import { rateOf, scoped, state, sumTracks } from './store.js';
import { liveTable } from './table.js';
import { addTimes, histogram, quantile } from './times.js';

const none = {
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
  const endpoints = panel(
    'Endpoints',
    {
      aside: h(
        'div',
        { class: 'tools' },
        shown,
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
        numbers: bff.tick.routes[endpoint.key] ?? none,
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

/** @param {string} scope @returns {import('./table.js').Column[]} */
function columnsOf(scope) {
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
      class: 'w-spark',
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
      title: 'Saved',
      hint: 'What trimming and compression saved',
      class: 'num m-wider',
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

function figureStrip() {
  const rate = figure('Requests', 'per second');
  const errors = figure('Errors', '');
  const degraded = figure('Degraded', '');
  const times = figure('Latency', 'p50');
  const bytes = figure('Bytes', 'per answer');
  const size = { width: 280, height: 34 };
  const sparks = { rate: sparkline(size), errors: sparkline(size), degraded: sparkline(size) };
  sparks.errors.element.setAttribute('data-tone', 'bad');
  sparks.degraded.element.setAttribute('data-tone', 'warn');
  const chart = histogram({ height: 34, marks: false });
  rate.extra.append(sparks.rate.element);
  errors.extra.append(sparks.errors.element);
  degraded.extra.append(sparks.degraded.element);
  times.extra.append(chart.element);
  const bar = h('span', {});
  bytes.extra.append(h('span', { class: 'meter' }, bar));
  const all = [rate, errors, degraded, times, bytes];
  return {
    element: h(
      'div',
      { class: 'figures' },
      all.map(({ element }) => element),
    ),
    /** @param {any[]} bffs */
    update(bffs) {
      const routes = bffs.flatMap((bff) => Object.values(bff.tick.routes));
      const sum = (/** @type {string} */ name) => routes.reduce((total, numbers) => total + numbers[name], 0);
      const [count, bad, thin, limited, up, out] = [
        'count',
        'errors',
        'degraded',
        'limited',
        'up',
        'out',
      ].map(sum);
      const track = sumTracks(bffs.flatMap((bff) => [...bff.tracks.values()]));
      const live = bffs.reduce((total, bff) => total + bff.tick.live, 0);
      rate.set(
        formatRate(rateOf(track)),
        `${formatCount(count)} in ${state.window === 60 ? '1 min' : '5 min'}, ${live} running`,
      );
      sparks.rate.update(track.count, none.times, state.window);
      sparks.errors.update(track.errors, none.times, state.window);
      sparks.degraded.update(track.degraded, none.times, state.window);
      errors.set(
        formatShare(bad, count),
        `${formatCount(bad)} failed, ${formatCount(limited)} limited`,
        toneOf(bad, count),
      );
      degraded.set(formatShare(thin, count), `${formatCount(thin)} lack a part`, thin > 0 ? 'warn' : '');
      const bounds = bffs[0]?.about.boundsMs ?? [];
      const counts = addTimes(
        bffs.map((bff) => bff.tick.times),
        bounds.length,
      );
      const [p50, p95, p99] = [0.5, 0.95, 0.99].map((rank) => quantile(counts, rank, bounds));
      times.set(formatMs(p50), `p95 ${formatMs(p95)}, p99 ${formatMs(p99)}`);
      chart.update(counts, bounds);
      bytes.set(
        count === 0 ? '–' : formatBytes(out / count),
        up > 0 ? `of ${formatBytes(up / count)} read, ${formatSaved(up, out)}` : 'none read from services',
      );
      bar.style.setProperty('--share', String(up > 0 ? Math.min(1, out / up) : 0));
    },
  };
}

/** @param {string} title @param {string} unit */
function figure(title, unit) {
  const value = h('span', { class: 'value' }, '–');
  const detail = h('span', { class: 'detail' });
  const extra = h('div', { class: 'extra' });
  const element = h(
    'section',
    { class: 'figure', 'aria-label': title },
    h('h2', {}, title),
    h('p', {}, value, h('span', { class: 'unit' }, unit)),
    detail,
    extra,
  );
  return {
    element,
    extra,
    /** @param {string} text @param {string} more @param {string} [tone] */
    set(text, more, tone = '') {
      setText(value, text);
      setText(detail, more);
      setAttr(detail, 'title', more);
      setAttr(value, 'data-tone', tone || undefined);
    },
  };
}
