/**
 * A request as it goes over the wire. Nothing that could end a line, or the head, gets into it.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-3 RFC 9112, section 3}
 * @module
 */
import { GatewayError } from '../../problem/gateway-error.ts';
import type { TransportRequest } from '../transport.ts';

const beyondTarget = /[^\x21-\x7e]/;
const beyondName = /[^!#$%&'*+\-.^_`|~0-9A-Za-z]/;
const beyondValue = /[^\t\x20-\x7e\x80-\xff]/;

/**
 * Writes the head, to be sent as latin1.
 *
 * @param host What the `Host` field says, unless the request says it.
 * @throws GatewayError `internal` for a target or field that cannot be sent; the message quotes neither.
 */
export function requestHead({ method, target, headers, body }: TransportRequest, host: string): string {
  if (target === '' || beyondTarget.test(target)) throw unsendable('the target');
  let fields = '';
  let saysHost = false;
  for (const name in headers) {
    const value = headers[name] as string;
    if (name === '' || beyondName.test(name) || beyondValue.test(value)) throw unsendable('a field');
    if (name === 'host') saysHost = true;
    fields += `${name}: ${value}\r\n`;
  }
  const hostField = saysHost ? '' : `host: ${host}\r\n`;
  return `${method} ${target} HTTP/1.1\r\n${hostField}connection: keep-alive\r\n${lengthField(method, body)}${fields}\r\n`;
}

/** Where a body is usual but there is none, its absence is said. */
function lengthField(method: string, body: string | undefined): string {
  if (body !== undefined) return `content-length: ${Buffer.byteLength(body)}\r\n`;
  return method === 'GET' || method === 'DELETE' ? '' : 'content-length: 0\r\n';
}

function unsendable(what: string): GatewayError {
  const cause = new TypeError(`${what} of a request to a service has a character that cannot be sent`);
  return new GatewayError('internal', { cause });
}
