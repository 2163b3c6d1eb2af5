/**
 * The request target exactly as sent, before anything decodes or normalises it. A path that two programs
 * could read in two ways is refused: what a router, a cache or a service behind would make of it does not matter then.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-3.2 RFC 9112, section 3.2}
 * @see {@link https://www.rfc-editor.org/rfc/rfc3986#section-3.3 RFC 3986, section 3.3}
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';

const slash = 0x2f;
const question = 0x3f;
const hash = 0x23;
const percent = 0x25;
const dot = 0x2e;

/** Printable ASCII that no path has: RFC 3986 wants it encoded, and browsers do so. */
const notInPaths = '"#<>\\^`{}';
const inPaths = new Uint8Array(128).map((_, code) =>
  code > 0x20 && code < 0x7f && !notInPaths.includes(String.fromCharCode(code)) ? 1 : 0,
);

const encodedTwice = /%[0-9a-f]{2}/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const neverInText = /[\u0000-\u001f\u007f-\u009f\\]/;
const ascii = /\p{ASCII}+/gu;
const meansMore = /[./\\%]/;
/** `.` and `..`, also before a parameter (`..;a=1`) or with spaces that some systems drop. */
const climbs = /^\.{1,2}\s*(?:;|$)/;

/** A target in origin form, `/path?query`, and the authority in front of it in absolute form. */
export interface TargetParts {
  readonly authority: string | undefined;
  /** Where the path begins. */
  readonly start: number;
}

const originForm: TargetParts = { authority: undefined, start: 0 };

/** Takes a target apart; nothing for a form that only proxies and tunnels take. */
export function partsOf(target: string): TargetParts | undefined {
  if (target.charCodeAt(0) === slash) return originForm;
  const hostAt = target.startsWith('http://') ? 7 : 8;
  if (hostAt === 8 && !target.startsWith('https://')) return undefined;
  let start = hostAt;
  while (start < target.length && !endsAuthority(target.charCodeAt(start))) start += 1;
  return { authority: target.slice(hostAt, start), start };
}

/** The target in origin form, whatever form it was sent in. */
export function originFormOf(target: string): string {
  const parts = partsOf(target);
  if (parts === undefined) return target;
  const rest = target.slice(parts.start);
  return rest.charCodeAt(0) === slash ? rest : `/${rest}`;
}

/** What is wrong with the path that begins at `start`, or with the query behind it; nothing when they are sound. */
export function checkTarget(target: string, start: number): GatewayError | undefined {
  let index = start;
  let previous = 0;
  let needsCare = false;
  for (; index < target.length; index += 1) {
    const code = target.charCodeAt(index);
    if (code === question) break;
    if (inPaths[code] !== 1) return bad('The path has a character that must be encoded.');
    if (code === percent || (code === dot && previous === slash)) needsCare = true;
    else if (code === slash && previous === slash) return bad('The path has an empty segment.');
    previous = code;
  }
  const fault = needsCare ? faultOf(target.slice(start, index)) : undefined;
  if (fault !== undefined) return bad(fault);
  for (; index < target.length; index += 1) {
    const code = target.charCodeAt(index);
    if (code <= 0x20 || code >= 0x7f || code === hash)
      return bad('The query has a character that must be encoded.');
  }
  return undefined;
}

/** Looks at a path with an escape or a leading dot in it as the most obliging reader would. */
function faultOf(path: string): string | undefined {
  let text: string;
  try {
    text = decodeURIComponent(path);
  } catch {
    return 'The path is not UTF-8 in percent-encoding.'; // cut escapes, overlong forms, lone surrogates
  }
  if (encodedTwice.test(text)) return 'The path is encoded twice.';
  if (neverInText.test(text) || hasDisguise(text))
    return 'The path has a character that cannot be part of it.';
  const [, ...segments] = text.split('/');
  if (segments.slice(0, -1).includes('')) return 'The path has an empty segment.';
  return segments.some((segment) => climbs.test(segment)) ? 'The path has a dot segment.' : undefined;
}

/** Whether a character becomes `.`, `/`, `\` or `%` in a reader that folds compatible ones, such as `．`. */
function hasDisguise(text: string): boolean {
  return meansMore.test(text.replaceAll(ascii, '').normalize('NFKC'));
}

function endsAuthority(code: number): boolean {
  return code === slash || code === question || code === hash;
}

function bad(detail: string): GatewayError {
  return new GatewayError('bad-request-target', { detail });
}
