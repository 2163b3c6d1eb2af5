/**
 * The header lines exactly as sent, before Node joins or drops some: two lines where one decides, names
 * that another program reads as a different name, framing that another program reads differently.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.1 RFC 9112, section 6.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.3 RFC 9110, section 5.3}
 * @module
 */
import { GatewayError } from '../problem/gateway-error.ts';

/** Fields with one value that decides something. Node takes the first line of some and joins others. */
const singular = [
  'host',
  'authorization',
  'content-type',
  'content-length',
  'origin',
  'idempotency-key',
  'api-version',
  'traceparent',
  'dpop',
  'x-api-key',
  'bff-deadline-ms',
];
const bits = new Map(singular.map((name, index) => [name, 1 << index]));

const close = { connection: 'close' };

/** What the rest of the guard needs of the header lines. */
export interface HeadFindings {
  readonly host: string | undefined;
}

/** Looks at every line once: names and values take turns in `lines`. */
export function checkHeaders(lines: readonly string[], httpVersion: string): GatewayError | HeadFindings {
  let seen = 0;
  let host: string | undefined;
  let codings: string | undefined;
  for (let index = 0; index < lines.length; index += 2) {
    const raw = lines[index] ?? '';
    // Servers behind that follow CGI read `X_User` and `X-User` as one name.
    if (raw.includes('_')) return bad('A header name has an underscore.');
    const name = raw.toLowerCase();
    const bit = bits.get(name);
    if (bit !== undefined) {
      if ((seen & bit) !== 0) return bad(`The header ${name} may come once.`);
      seen |= bit;
      if (name === 'host') host = lines[index + 1];
    } else if (name === 'transfer-encoding') {
      const coding = lines[index + 1] ?? '';
      codings = codings === undefined ? coding : `${codings}, ${coding}`;
    }
  }
  return (codings === undefined ? undefined : checkCodings(codings, httpVersion)) ?? { host };
}

/** A body is framed by its length or as `chunked`; nothing else is understood. */
function checkCodings(codings: string, httpVersion: string): GatewayError | undefined {
  if (httpVersion === '1.0') {
    return new GatewayError('bad-request-header', {
      detail: 'HTTP/1.0 has no Transfer-Encoding.',
      headers: close,
    });
  }
  if (codings.trim().toLowerCase() === 'chunked') return undefined;
  return new GatewayError('not-implemented', {
    detail: 'The only Transfer-Encoding is chunked.',
    headers: close,
  });
}

function bad(detail: string): GatewayError {
  return new GatewayError('bad-request-header', { detail });
}
