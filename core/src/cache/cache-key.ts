/**
 * Keys of kept answers: a hash over everything the answer may depend on, as a tuple. Joined texts would
 * run into each other; values of a tuple cannot. What has no text of its own (a map, NaN, an instance)
 * is refused instead of guessed.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { RequestContext } from '../context/request-context.ts';
import type { CachePolicy } from './cache-options.ts';

/**
 * The key of these parts: SHA-256, in base64url. Members of objects count in any order; `undefined` ones do not.
 *
 * @throws {TypeError} for a value that cannot be told from others by a text.
 */
export function cacheKey(parts: readonly unknown[]): string {
  return hash('sha256', textOf(parts), 'base64url');
}

/** Who the answer belongs to: nobody in particular, or everything that is known of the caller. */
export function ownerOf(context: RequestContext, scope: CachePolicy['scope']): unknown {
  if (scope === 'public') return null;
  const { principal } = context;
  if (principal === undefined) return [context.subject]; // its address
  const { kind, tenant = null, subject, clientId, scopes, roles = [], plan = null } = principal;
  return [kind, tenant, subject, clientId, [...scopes].sort(), [...roles].sort(), plan];
}

/** The values of the headers that an answer varies by. */
export function variantOf(context: RequestContext, vary: readonly string[]): readonly (string | null)[] {
  return vary.map((header) => context.inbound.header(header) ?? null);
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value); // lone surrogates escaped: no two strings share a text
    case 'boolean':
      return String(value);
    case 'number':
      if (Number.isFinite(value)) return String(value);
      break;
    case 'undefined':
      return 'u';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`;
      if (value instanceof Date && !Number.isNaN(value.getTime())) return `D${value.getTime()}`;
      if (isPlain(value)) return `{${membersOf(value)}}`;
      break;
    case 'bigint':
    case 'function':
    case 'symbol':
      break;
  }
  throw new TypeError(`a ${typeof value} that is no plain value cannot be part of a key`);
}

function membersOf(value: object): string {
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${textOf(member)}`)
    .join(',');
}

/** An object of a literal or of `JSON.parse`, or one without a prototype. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
