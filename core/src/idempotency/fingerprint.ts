/**
 * What makes two requests the same: a hash of where they go and of what they say. A body is taken by its meaning,
 * not by its bytes: neither the order of members nor spaces count.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8785 RFC 8785}, JSON canonicalization
 * @module
 */
import { hash } from 'node:crypto';

/** What a request is known by. */
export interface RequestParts {
  readonly method: string;
  /** The template of its path. */
  readonly route: string;
  /** Path and query as sent. */
  readonly target: string;
  /** The version of the API it speaks; empty where there is none. */
  readonly version: string;
  /** The parsed body as it was sent, before defaults; `undefined` for none. */
  readonly body: unknown;
}

/** 43 characters; the same for the same request. */
export function fingerprintOf({ method, route, target, version, body }: RequestParts): string {
  const head = JSON.stringify([method, route, target, version]);
  return hash('sha256', `${head}\n${body === undefined ? '' : canonicalJson(body)}`, 'base64url');
}

/**
 * The canonical text of a JSON value: members sorted by UTF-16 code units, no spaces.
 *
 * @example
 * canonicalJson({ b: [1, 'x'], a: null }); // => '{"a":null,"b":[1,"x"]}'
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}
