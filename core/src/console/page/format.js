/**
 * Numbers as people read them: few digits, units that fit, nothing that moves without need.
 *
 * @module
 */

/** @param {number} ms */
export function formatMs(ms) {
  if (!(ms > 0)) return '–';
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** @param {number} bytes */
export function formatBytes(bytes) {
  if (!(bytes > 0)) return '0 B';
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(bytes < 10_000 ? 1 : 0)} kB`;
  if (bytes < 1_000_000_000) return `${(bytes / 1_000_000).toFixed(bytes < 10_000_000 ? 1 : 0)} MB`;
  return `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** @param {number} rate Per second. */
export function formatRate(rate) {
  if (rate === 0) return '0';
  if (rate < 0.1) return '<0.1';
  if (rate < 10) return rate.toFixed(1);
  return formatCount(Math.round(rate));
}

/** @param {number} count */
export function formatCount(count) {
  if (count < 10_000) return count.toLocaleString('en');
  if (count < 1_000_000) return `${(count / 1_000).toFixed(count < 100_000 ? 1 : 0)}k`;
  return `${(count / 1_000_000).toFixed(1)}M`;
}

/** @param {number} part @param {number} whole */
export function formatShare(part, whole) {
  if (!(whole > 0)) return '–';
  if (part === 0) return '0%';
  const percent = (part / whole) * 100;
  if (percent < 0.1) return '<0.1%';
  return `${percent < 10 ? percent.toFixed(1) : Math.round(percent)}%`;
}

/** @param {number} atMs */
export function formatTime(atMs) {
  return new Date(atMs).toLocaleTimeString('en-GB', { hour12: false });
}

/** @param {number} atMs @param {number} nowMs */
export function formatAgo(atMs, nowMs) {
  const seconds = Math.max(0, Math.round((nowMs - atMs) / 1_000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3_600)} h ago`;
}

/** The share that trimming saved. @param {number} up @param {number} out */
export function formatSaved(up, out) {
  if (!(up > 0)) return '';
  const saved = Math.round((1 - out / up) * 100);
  return saved >= 0 ? `−${saved}%` : `+${-saved}%`;
}
