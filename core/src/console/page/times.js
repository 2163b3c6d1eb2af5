/**
 * Histograms of durations: put together, read, drawn.
 *
 * @module
 */
import { h, replace, s, setAttr } from './dom.js';
import { formatCount, formatMs } from './format.js';

/**
 * @param {readonly (readonly number[])[]} all Each as it came: the first bucket, then the counts.
 * @param {number} buckets
 */
export function addTimes(all, buckets) {
  const total = new Array(buckets).fill(0);
  for (const [first = 0, ...counts] of all) {
    counts.forEach((count, index) => {
      total[first + index] += count;
    });
  }
  return total;
}

/** @param {readonly number[]} counts @param {number} share @param {readonly number[]} bounds */
export function quantile(counts, share, bounds) {
  const rank = share * counts.reduce((sum, count) => sum + count, 0);
  if (rank === 0) return 0;
  let before = 0;
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    const count = counts[bucket];
    if (count > 0 && before + count >= rank) {
      const low = bucket === 0 ? 0 : bounds[bucket - 1];
      const high = bucket === counts.length - 1 ? low : bounds[bucket];
      return low + ((rank - before) / count) * (high - low);
    }
    before += count;
  }
  return 0;
}

const width = 320;

/**
 * A histogram whose bars stand where the times are.
 *
 * @param {{ height?: number, marks?: boolean }} [options]
 */
export function histogram({ height = 64, marks: hasMarks = true } = {}) {
  const bars = s('svg', {
    class: 'bars-of-time',
    viewBox: `0 0 ${width} ${height}`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  const marks = h('span', { class: 'marks', 'aria-hidden': 'true', hidden: !hasMarks });
  const element = h('span', { class: 'histogram', role: 'img' }, bars, marks);
  return {
    element,
    /** @param {readonly number[]} counts @param {readonly number[]} bounds */
    update(counts, bounds) {
      const total = counts.reduce((sum, count) => sum + count, 0);
      const [p50 = 0, p95 = 0, p99 = 0] = [0.5, 0.95, 0.99].map((share) => quantile(counts, share, bounds));
      setAttr(
        element,
        'aria-label',
        total === 0
          ? 'Durations: none yet'
          : `Durations of ${formatCount(total)} answers: half within ${formatMs(p50)}, 95 percent within ${formatMs(p95)}, 99 percent within ${formatMs(p99)}`,
      );
      bars.replaceChildren();
      if (total === 0) return;
      const lowest = counts.findIndex((count) => count > 0);
      const highest = counts.findLastIndex((count) => count > 0);
      const first = Math.max(0, Math.min(lowest - 1, highest - 8));
      const last = Math.min(counts.length - 1, Math.max(highest + 1, first + 9));
      const most = Math.max(...counts);
      const step = width / (last - first + 1);
      const low = (/** @type {number} */ bucket) => (bucket === 0 ? 0 : (bounds[bucket - 1] ?? 0));
      for (let bucket = first; bucket <= last; bucket += 1) {
        const count = counts[bucket] ?? 0;
        if (count === 0) continue;
        const tall = Math.max(2, (count / most) * height);
        const tone = low(bucket) >= p99 ? 'p99' : low(bucket) >= p95 ? 'p95' : undefined;
        bars.append(
          s('rect', {
            class: tone,
            x: (bucket - first) * step + 1,
            y: height - tall,
            width: step - 2,
            height: tall,
          }),
        );
      }
      const shown = [0, 0.25, 0.5, 0.75].map((part) =>
        formatMs(low(Math.round(first + part * (last - first)))),
      );
      replace(
        marks,
        shown.map((text) => h('span', {}, text === '–' ? '0' : text)),
      );
    },
  };
}
