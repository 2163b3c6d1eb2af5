/**
 * A Prometheus rule file as data, and how times are written in it.
 *
 * @see {@link https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/ Prometheus, recording rules}
 * @module
 */

export interface RuleFile {
  readonly groups: readonly RuleGroup[];
}

export interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: readonly (RecordingRule | AlertRule)[];
}

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** How long a span of time is in a file; a test has no days, so it makes all of them shorter. */
export type Span = (text: string) => string;

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Spans as they are called, or all of them shortened by the same factor.
 *
 * @example
 * spans(0.001)('5m'); // => '300ms'
 */
export function spans(scale = 1): Span {
  if (scale === 1) return (text) => text;
  return function scaled(text) {
    const [, count = '0', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
    return `${Math.max(1, Math.round(Number(count) * (unitMs[unit] ?? 0) * scale))}ms`;
  };
}

/** Labels as a selector: `{bff="web",route="/a"}`. */
export function selector(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return `{${pairs.join(',')}}`;
}
