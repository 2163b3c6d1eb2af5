/**
 * Transforms of headers. They may touch what a route forwards and nothing else: credentials, framing, identity
 * and the gateway's own headers are out of reach, as a source and as a destination.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5 RFC 9110, section 5}
 * @module
 */
import { requireForwardable } from '../upstream/forwarded-headers.ts';
import { checkRules, type Rules } from './rules.ts';

export type HeaderRules = Rules<string>;

/** Headers by lowercase name. */
export type HeaderFields = Record<string, string>;

/** Changes the headers that are on their way, in place. */
export type TransformHeaders = (headers: HeaderFields) => void;

/** What rules may speak of, and for whom. */
export interface HeaderScope {
  /** Names the rules in errors. */
  readonly where: string;
  readonly direction: 'request' | 'answer';
  /** The headers that come this way: only these can be removed, renamed or replaced. */
  readonly passed: readonly string[];
  /** Passed headers that decide how the body is read: not to be touched. */
  readonly fixed: readonly string[];
}

const fieldValue = /^[\x21-\x7e](?:[\t\x20-\x7e]{0,1022}[\x21-\x7e])?$/;

/**
 * @throws {RangeError} for a name that never passes, one that does not come this way, a value that is no
 * header value, and rules that contradict each other.
 */
export function compileHeaders(rules: HeaderRules, scope: HeaderScope): TransformHeaders {
  const { where, direction, passed, fixed } = scope;
  const { remove, rename, replace, add } = checkRules(where, rules);
  const sources = [...remove, ...rename.map(([from]) => from), ...replace.map(([name]) => name)];
  const destinations = [...rename.map(([, to]) => to), ...add.map(([name]) => name)];
  for (const name of [...sources, ...destinations]) {
    if (fixed.includes(name)) throw new RangeError(`${where}: '${name}' says how the body is read`);
    if (!passed.includes(name)) requireNamed(where, direction, name);
  }
  const foreign = sources.find((name) => !passed.includes(name));
  if (foreign !== undefined) {
    throw new RangeError(`${where}: '${foreign}' is not forwarded, so there is nothing to change`);
  }
  const taken = rename.map(([, to]) => to).find((to) => passed.includes(to));
  if (taken !== undefined) throw new RangeError(`${where}: rename to '${taken}', which is forwarded itself`);
  for (const [name, value] of [...replace, ...add]) requireValue(where, name, value);
  return function transformHeaders(headers) {
    for (const name of remove) delete headers[name];
    for (const [from, to] of rename) {
      const value = headers[from];
      if (value === undefined) continue;
      delete headers[from];
      headers[to] = value;
    }
    for (const [name, value] of replace) if (headers[name] !== undefined) headers[name] = value;
    for (const [name, value] of add) headers[name] ??= value;
  };
}

function requireNamed(where: string, direction: HeaderScope['direction'], name: string): void {
  try {
    requireForwardable(direction, [name]);
  } catch (error) {
    throw new RangeError(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function requireValue(where: string, name: string, value: unknown): void {
  if (typeof value === 'string' && fieldValue.test(value)) return;
  throw new RangeError(`${where}: the value of '${name}' must be 1 to 1 024 printable ASCII characters`);
}
