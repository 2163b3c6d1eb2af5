/**
 * Request targets, built and never copied: the template's parameters are encoded as one segment
 * each, the query has only declared keys.
 *
 * `encodeURIComponent('..')` is `..` and still climbs, and some servers decode `%2F` before they
 * resolve `..`, so a value with a `.` or `..` between slashes is refused, as are empty values, control
 * characters and anything longer than 256 characters.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986#section-3.3 RFC 3986, section 3.3}
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';

/** The parameters of a path template: `/users/:id` has `{ id: string }`. */
export type PathParams<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? { readonly [K in Name]: string } & PathParams<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? { readonly [K in Name]: string }
    : unknown;

type Values = Readonly<Record<string, unknown>>;

const maxParamLength = 256;
const template = /^(?:\/(?::[A-Za-z][A-Za-z0-9]*|(?!\.{1,2}(?:\/|$))[A-Za-z0-9._~-]+))+$|^\/$/;
const climbing = /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const controlCharacter = /[\u0000-\u001f\u007f]/;

/**
 * Checks a template such as `/orders/:id` at boot.
 *
 * @throws {RangeError} when it is not a path of plain and `:name` segments.
 */
export function requireTemplate(path: string): void {
  if (!template.test(path)) {
    throw new RangeError(`the path must look like /orders/:id, got '${path}'`);
  }
}

/** The names of a template's parameters, in order. */
export function paramNames(path: string): string[] {
  return [...path.matchAll(/:([A-Za-z][A-Za-z0-9]*)/g)].flatMap((match) => match[1] ?? []);
}

/**
 * Compiles a template into the function that fills it.
 *
 * The function throws {@link GatewayError} `internal` for a value that cannot be one path segment.
 */
export function compilePath(path: string): (params: Values) => string {
  const names = paramNames(path);
  if (names.length === 0) return () => path;
  const literals = path.split(/:[A-Za-z][A-Za-z0-9]*/);
  return function fillPath(params: Values): string {
    let target = literals[0] ?? '';
    for (let index = 0; index < names.length; index += 1) {
      target += encodeSegment(names[index] ?? '', params[names[index] ?? '']) + (literals[index + 1] ?? '');
    }
    return target;
  };
}

/**
 * Compiles the list of declared keys into the function that writes a query string. `undefined` is
 * left out, arrays are joined by commas, `null` and `NaN` are errors.
 */
export function compileQuery(keys: readonly string[]): (query: Values) => string {
  return function writeQuery(query: Values): string {
    let text = '';
    for (const key of keys) {
      const value = Object.hasOwn(query, key) ? query[key] : undefined;
      if (value === undefined) continue;
      text += `${text === '' ? '?' : '&'}${encodeURIComponent(key)}=${encodeQueryValue(key, value)}`;
    }
    return text;
  };
}

function encodeSegment(name: string, value: unknown): string {
  const text = Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string' || text === '' || text.length > maxParamLength) throw unusable(name);
  if (controlCharacter.test(text) || climbing.test(text)) throw unusable(name);
  return encode(name, text);
}

function encodeQueryValue(key: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => encodeQueryValue(key, item)).join(',');
  if (typeof value === 'string') return encode(key, value);
  if (typeof value === 'boolean' || Number.isFinite(value)) return String(value);
  if (value instanceof Date) return encodeURIComponent(value.toISOString());
  throw unusable(key);
}

function encode(name: string, text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw unusable(name); // a lone surrogate
  }
}

function unusable(name: string): GatewayError {
  return new GatewayError('internal', {
    cause: new TypeError(`'${name}' has a value that cannot go into a URL`),
  });
}
