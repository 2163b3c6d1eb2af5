/**
 * One endpoint: its figures, its call graph, its requests.
 *
 * @module
 */
import { h, replace, setAttr, setText } from './dom.js';
import { noNumbers } from './endpoint-columns.js';
import { formatBytes, formatCount, formatMs, formatRate, formatShare } from './format.js';
import { callGraph } from './graph.js';
import { methodChip, panel, toneOf } from './parts.js';
import { requestBrowser } from './requests.js';
import { linkTo } from './router.js';
import { sparkline } from './spark.js';
import { rateOf, state } from './store.js';
import { addTimes, histogram } from './times.js';

/** @param {{ scope: string, arg: string }} place */
export function endpointView({ scope, arg: key }) {
  const bffOf = () => state.bffs.get(scope);
  const endpoint = bffOf()?.plans.get(key);
  const unmatched = key === '*';
  if (endpoint === undefined && !unmatched) return missing(scope, key);
  const figures = h('dl', { class: 'facts wide' });
  const values = new Map();
  for (const name of ['Rate', 'Errors', 'Degraded', 'p50', 'p95', 'p99', 'Bytes in → out', 'SLO burn']) {
    const value = h('dd', {}, '–');
    values.set(name, value);
    figures.append(h('div', {}, h('dt', {}, name), value));
  }
  const spark = sparkline({ width: 320, height: 64 });
  const chart = histogram();
  const graph = endpoint === undefined || endpoint.nodes.length === 0 ? undefined : callGraph(endpoint);
  const browser = requestBrowser({
    requestsOf: () => bffOf()?.requests.get(key) ?? { recent: [], slowest: [] },
    planOf: () => endpoint,
    withRoute: false,
    empty: 'No requests of this endpoint yet.',
  });
  const legend = h(
    'p',
    { class: 'legend', 'aria-hidden': 'true' },
    h('span', { class: 'key critical' }, 'what the answer waits for'),
    h('span', { class: 'key optional' }, 'optional'),
    h('span', { class: 'key slack' }, '+ slack'),
    h('span', { class: 'key used' }, 'p95 of its timeout'),
  );
  const element = h(
    'div',
    { class: 'view' },
    h('a', { class: 'back', href: linkTo(state.bffs.size > 1 ? 'all' : scope, 'overview') }, '← Endpoints'),
    h(
      'div',
      { class: 'title' },
      h(
        'h1',
        {},
        endpoint === undefined ? 'No such route' : [methodChip(endpoint.method), ' ', endpoint.path],
      ),
      h(
        'p',
        { class: 'muted' },
        endpoint?.summary ?? 'Requests that no endpoint answers, and what is refused before any.',
      ),
      endpoint === undefined
        ? null
        : h(
            'p',
            { class: 'promises' },
            promisesOf(scope, endpoint).map((text) => h('span', { class: 'tag' }, text)),
          ),
    ),
    h(
      'section',
      { class: 'panel endpoint-figures', 'aria-label': 'Figures' },
      figures,
      h(
        'div',
        { class: 'charts' },
        h('figure', {}, h('figcaption', {}, 'Requests'), spark.element),
        h('figure', {}, h('figcaption', {}, 'Durations'), chart.element),
      ),
    ),
    endpoint === undefined
      ? null
      : panel(
          'Call graph',
          { aside: graph === undefined ? null : legend },
          graph?.element ?? h('p', { class: 'empty' }, graphless(endpoint)),
        ),
    browser.element,
  );

  function update() {
    const bff = bffOf();
    if (bff === undefined) return;
    const numbers = bff.tick.routes[key] ?? noNumbers;
    const track = bff.tracks.get(key);
    const set = (/** @type {string} */ name, /** @type {string} */ text, /** @type {string} */ tone = '') => {
      setText(values.get(name), text);
      setAttr(values.get(name), 'data-tone', tone || undefined);
    };
    set('Rate', `${formatRate(rateOf(track))} req/s`);
    set('Errors', formatShare(numbers.errors, numbers.count), toneOf(numbers.errors, numbers.count));
    set('Degraded', formatShare(numbers.degraded, numbers.count), numbers.degraded > 0 ? 'warn' : '');
    for (const name of ['p50', 'p95', 'p99']) set(name, formatMs(numbers[name]));
    const each = Math.max(1, numbers.count);
    set(
      'Bytes in → out',
      numbers.count === 0 ? '–' : `${formatBytes(numbers.up / each)} → ${formatBytes(numbers.out / each)}`,
    );
    const burn =
      numbers.burn === undefined
        ? undefined
        : Math.max(numbers.burn.availability ?? 0, numbers.burn.latency ?? 0);
    set(
      'SLO burn',
      burn === undefined ? 'no SLO' : `${burn.toFixed(1)}×`,
      burn !== undefined && burn > 1 ? 'bad' : '',
    );
    if (track !== undefined) spark.update(track.count, track.errors, state.window);
    const bounds = bff.about.boundsMs;
    chart.update(addTimes([numbers.times], bounds.length), bounds);
    graph?.update(numbers, bff);
    browser.update();
  }
  return { element, update, escape: () => browser.escape() };
}

/** @param {string} scope @param {any} endpoint */
function promisesOf(scope, { access, deadlineMs, cost, maxCalls, depth, budget, slo, opaque }) {
  return [
    scope,
    access.kind === 'anyone' ? 'public' : access.scopes?.length > 0 ? access.scopes.join(' ') : 'signed in',
    `deadline ${formatMs(deadlineMs)}`,
    `cost ${cost}`,
    opaque ? 'opaque' : `${formatCount(maxCalls)} calls at most, ${depth} in a row`,
    budget?.bytes ? `budget ${formatBytes(budget.bytes)}` : '',
    slo?.availability ? `SLO ${slo.availability}%` : '',
    slo?.latency ? `p${slo.latency.p} ≤ ${formatMs(slo.latency.ms)}` : '',
  ].filter(Boolean);
}

/** @param {any} endpoint */
function graphless(endpoint) {
  if (endpoint.proxy) return `Streams ${endpoint.proxy} through; there is nothing to draw.`;
  if (endpoint.opaque)
    return 'This endpoint is a handler of its own (.handle()); nobody knows its calls before they happen.';
  return 'This endpoint calls no service.';
}

/** @param {string} scope @param {string} key */
function missing(scope, key) {
  const element = h('div', { class: 'view' }, h('p', { class: 'empty' }, ''));
  return {
    element,
    update() {
      const isThere = state.bffs.get(scope)?.plans.has(key);
      if (isThere) dispatchEvent(new HashChangeEvent('hashchange'));
      else
        replace(
          element,
          h(
            'p',
            { class: 'empty' },
            state.bffs.size === 0 ? 'Connecting…' : `There is no endpoint ${key} in ${scope}.`,
          ),
          h('a', { href: linkTo('all', 'overview') }, 'To the overview'),
        );
    },
  };
}
