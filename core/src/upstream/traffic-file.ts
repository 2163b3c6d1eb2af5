/**
 * The traffic policies of all upstreams in one JSON file that operators change while the process runs:
 * `{ "orders": { "rules": [{ "match": { "header": { "name": "x-canary", "value": "1" } }, "version": "v2" }],
 * "weights": { "v1": 90, "v2": 10 } } }`. A new file counts as a whole or not at all.
 *
 * @module
 */
import { z } from 'zod';
import type { Clock } from '../context/clock.ts';
import { requireKnown, requireRange } from '../context/options.ts';
import { versionPattern } from './target.ts';
import { compileTraffic, type TrafficRules } from './traffic.ts';
import { type FileAccess, nodeFiles, watchFile } from './watch-file.ts';

export interface TrafficFileOptions {
  readonly path: string;
  /** Milliseconds between looks at a file that cannot be watched, from 100 to an hour. Default 5 000. */
  readonly pollMs?: number;
  /** Default the file system of the machine. */
  readonly files?: FileAccess;
}

export interface TrafficFileParts {
  readonly clock: Clock;
  /** The upstreams there are; a policy for another is refused. */
  readonly upstreams: readonly string[];
  /** Hears why a file was refused; the last good one stays. Must not throw. */
  readonly onProblem: (error: Error) => void;
  /** Called after new policies took effect. Must not throw. */
  readonly onChange: () => void;
}

export interface TrafficFile {
  /** Resolves after the file was read for the first time, whatever it held. */
  readonly ready: Promise<void>;
  /** The rules in effect for one upstream; `undefined` when there are none. */
  rulesOf(upstream: string): TrafficRules | undefined;
  close(): void;
}

const version = z.string().regex(versionPattern, 'must be 1 to 32 letters, digits, dots, dashes');
const token = z.string().regex(/^[!#$%&'*+\-.^_`|~\w]{1,64}$/, 'must be a name of 1 to 64 characters');
const pair = z.strictObject({ name: token, value: z.string().max(256) });
const match = z
  .strictObject({
    header: pair.optional(),
    cookie: pair.optional(),
    percentage: z.number().min(0).max(100).optional(),
  })
  .refine((condition) => Object.keys(condition).length > 0, 'must name a header, a cookie or a percentage');
const policy = z.strictObject({
  rules: z
    .array(z.strictObject({ match: match.optional(), version }))
    .max(100)
    .optional(),
  weights: z
    .record(version, z.number().min(0).max(1_000_000))
    .refine((weights) => Object.values(weights).some((weight) => weight > 0), 'must have one above 0')
    .refine((weights) => Object.keys(weights).length <= 20, 'must be at most 20')
    .optional(),
});
const policies = z.record(z.string(), policy);

/**
 * Reads the text of a policy file.
 *
 * @param upstreams The names a policy may be for.
 * @throws {RangeError} with one line per fault.
 */
export function parseTraffic(text: string, upstreams: readonly string[]): ReadonlyMap<string, TrafficRules> {
  const parsed = policies.safeParse(jsonOf(text));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `  ${placeOf(path)}: ${message}`);
    throw new RangeError(`the traffic policies are not valid\n${faults.join('\n')}`);
  }
  requireKnown('the traffic policies', parsed.data, upstreams);
  return new Map(
    Object.entries(parsed.data).map(([upstream, declared]) => [upstream, compileTraffic(upstream, declared)]),
  );
}

/**
 * Opens a policy file and follows its changes.
 *
 * @throws {RangeError} for an unknown option or a value out of range; what is wrong in the file goes to `onProblem`.
 */
export function trafficFile(options: TrafficFileOptions, parts: TrafficFileParts): TrafficFile {
  requireKnown('trafficFile', options, ['path', 'pollMs', 'files']);
  const { path, pollMs = 5_000, files = nodeFiles } = options;
  const { clock, upstreams, onChange, onProblem } = parts;
  requireRange('trafficFile', 'pollMs', pollMs, 100, 3_600_000);
  let inEffect: ReadonlyMap<string, TrafficRules> = new Map();
  const onText = (text: string): void => {
    inEffect = parseTraffic(text, upstreams);
    onChange();
  };
  const watching = watchFile(path, { files, clock, pollMs, onText, onProblem });
  return {
    ready: watching.ready,
    rulesOf: (upstream) => inEffect.get(upstream),
    close: () => watching.stop(),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new RangeError('the traffic policies are not JSON', { cause });
  }
}

/** `orders.rules[0].match`, as a person writes it. */
function placeOf(path: readonly PropertyKey[]): string {
  const written = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return written === '' ? 'the file' : written.replace(/^\./, '');
}
