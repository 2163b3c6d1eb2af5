/** `0.42 ms`, `48.3 ms`, `1 204 ms`: three digits say enough. */
export function milliseconds(ms: number): string {
  if (ms === 0) return '0 ms';
  const digits = ms < 1 ? 2 : ms < 100 ? 1 : 0;
  return `${ms.toFixed(digits).replace(/(\d)(?=\d{3}$)/, '$1 ')} ms`;
}

/** `0.2 s`, `6 s`, `4 min`, `3 h`, `12 d`: how long somebody waits. */
export function span(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return `${Math.ceil(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  if (seconds < 7_200) return `${Math.ceil(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.ceil(seconds / 3_600)} h` : `${Math.ceil(seconds / 86_400)} d`;
}

/** `512 B`, `12.4 kB`, `3.1 MB`. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
