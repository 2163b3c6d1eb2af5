/**
 * The one spelling of a signed token. Base64url with padding or with stray bits, JSON with a byte order
 * mark or with a member twice: all of that is the same token to one reader and another token to the
 * next, so none of it is taken. Who signed it is not judged here.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-7.1 RFC 7515, 7.1}, compact serialisation
 * @see {@link https://www.rfc-editor.org/rfc/rfc4648#section-3.5 RFC 4648, 3.5}, canonical encoding
 * @module
 */
import { errors } from 'jose';

/** What a token says about itself, before anybody has verified it. */
export interface UnverifiedJws {
  readonly header: Readonly<Record<string, unknown>>;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** Base64url without padding whose unused bits are zero. */
const canonical = '(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?';
const compact = new RegExp(`^(?=[^.])(${canonical})\\.(?=[^.])(${canonical})\\.(?=[^.])${canonical}$`);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether `token` is three canonical parts, none of them empty. */
export function isCompactJws(token: string): boolean {
  return compact.test(token);
}

/**
 * Header and payload of a token of the one spelling.
 *
 * @throws {errors.JWSInvalid} for every other text, and for a header with critical extensions: none is known here.
 */
export function readCompactJws(token: string): UnverifiedJws {
  const [, header, payload] = compact.exec(token) ?? [];
  if (header === undefined || payload === undefined)
    throw new errors.JWSInvalid('not a signed token in compact form');
  const read = { header: readObject('header', header), payload: readObject('payload', payload) };
  if (Object.hasOwn(read.header, 'crit')) throw new errors.JWSInvalid('a critical extension is not known');
  return read;
}

/** The errors quote nothing: they go into the log. */
function readObject(part: string, encoded: string): Readonly<Record<string, unknown>> {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(Buffer.from(encoded, 'base64url'));
    value = JSON.parse(text);
  } catch {
    throw new errors.JWSInvalid(`the ${part} is not JSON in UTF-8`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new errors.JWSInvalid(`the ${part} is not an object`);
  }
  if (hasMemberTwice(text)) throw new errors.JWSInvalid(`the ${part} has a member twice`);
  return value as Readonly<Record<string, unknown>>;
}

/** Whether any object in `json`, which is valid, names a member twice, however it is spelled. */
function hasMemberTwice(json: string): boolean {
  const open: Set<string>[] = [];
  for (const [token, name] of json.matchAll(/[{}]|("(?:[^"\\]|\\.)*")(\s*:)?/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (name !== undefined && token !== name) {
      const member = String(JSON.parse(name));
      const members = open.at(-1);
      if (members?.has(member) === true) return true;
      members?.add(member);
    }
  }
  return false;
}
