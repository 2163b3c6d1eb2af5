/**
 * The five figures of the overview: requests, errors, degraded answers, latency and bytes.
 *
 * @module
 */
import { h, setAttr, setText } from './dom.js';
import { formatBytes, formatCount, formatMs, formatRate, formatSaved, formatShare } from './format.js';
import { toneOf } from './parts.js';
import { sparkline } from './spark.js';
import { rateOf, state, sumTracks } from './store.js';
import { addTimes, histogram, quantile } from './times.js';

/** @type {readonly number[]} */
const noErrors = [];

export function figureStrip() {
  const rate = figure('Requests', 'per second');
  const errors = figure('Errors', '');
  const degraded = figure('Degraded', '');
  const times = figure('Latency', 'p50');
  const bytes = figure('Bytes per answer', '');
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
        `${formatCount(count)} in ${state.window === 60 ? '1 min' : '5 min'}, ${live} live`,
      );
      sparks.rate.update(track.count, noErrors, state.window);
      sparks.errors.update(track.errors, noErrors, state.window);
      sparks.degraded.update(track.degraded, noErrors, state.window);
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
      times.set(formatMs(p50), `p95 ${formatMs(p95)}, p99 ${formatMs(p99)}`.replaceAll(/ (?!p)/g, '\u00a0'));
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
