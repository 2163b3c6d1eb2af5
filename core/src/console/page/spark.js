/**
 * Sparklines: the last minute or five as an area, failures in red on top of it.
 *
 * @module
 */
import { s, setAttr } from './dom.js';

/**
 * @param {{ width: number, height: number, label?: string, points?: number }} size
 */
export function sparkline({ width, height, points = 60 }) {
  const area = s('path', { class: 'area' });
  const line = s('path', { class: 'line' });
  const errors = s('path', { class: 'errors' });
  const element = s(
    'svg',
    { class: 'spark', viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    area,
    line,
    errors,
  );
  return {
    element,
    /**
     * @param {Float64Array | number[]} counts By the second, the last one is now.
     * @param {Float64Array | number[]} bad
     * @param {number} seconds How many of them to show.
     */
    update(counts, bad, seconds) {
      const each = seconds / points;
      const values = bucketed(counts, seconds, points, each);
      const failed = bucketed(bad, seconds, points, each);
      const most = Math.max(1, ...values);
      const step = width / (points - 1);
      const y = (/** @type {number} */ value) => (height - 1 - (value / most) * (height - 3)).toFixed(1);
      let path = '';
      values.forEach((value, index) => {
        path += `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y(value)}`;
      });
      setAttr(line, 'd', path);
      setAttr(area, 'd', `${path}L${width} ${height}L0 ${height}Z`);
      let marks = '';
      failed.forEach((value, index) => {
        if (value > 0) marks += `M${(index * step).toFixed(1)} ${height}V${y(value)}`;
      });
      setAttr(errors, 'd', marks === '' ? undefined : marks);
    },
  };
}

/** @param {Float64Array | number[]} all @param {number} seconds @param {number} points @param {number} each */
function bucketed(all, seconds, points, each) {
  const values = new Array(points).fill(0);
  const first = all.length - seconds;
  for (let index = Math.max(0, first); index < all.length; index += 1) {
    values[Math.min(points - 1, Math.floor((index - first) / each))] += all[index];
  }
  return values;
}
