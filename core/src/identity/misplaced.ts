/**
 * Credentials where they do not belong: in the URL, which is logged, cached and shared, or in a form. They
 * are refused although they might hold, so that nobody gets used to sending them there.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9700#section-4.3.2 RFC 9700, 4.3.2}, tokens in URLs
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.2 RFC 6750, 2.2 and 2.3}, what is not taken here
 * @module
 */
import type { Inbound } from '../context/inbound.ts';
import { GatewayError } from '../problem/gateway-error.ts';

/** Names of parameters, lowercase and without `-` and `_`. */
const credentialNames: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'authorization',
  'authtoken',
  'bearertoken',
  'clientsecret',
  'idtoken',
  'refreshtoken',
  'token',
  'xapikey',
]);
const mayNameOne = /token|apikey|api[-_]|auth|secret|%/i;
const formType = /^application\/x-www-form-urlencoded *(?:;|$)/i;
const maxFormBytes = 8_192;

/**
 * Checks what an endpoint declares for its query: it may have a use of its own for `token`, such as that of
 * a mail, but for none of the other names.
 *
 * @throws {RangeError} naming the parameter.
 */
export function requireNoDeclaredCredential(declared: readonly string[]): void {
  const wrong = declared.find((name) => namesCredential(name) && name !== 'token');
  if (wrong === undefined) return;
  throw new RangeError(`query must not take '${wrong}': credentials belong into the Authorization header`);
}

/**
 * Refuses `access_token`, `api_key`, `apikey`, `x-api-key`, `token`, `auth_token`, `bearer_token`, `id_token`,
 * `refresh_token`, `client_secret` and `authorization`, in any case, with or without `-` and `_`.
 *
 * @param declared What the endpoint declares for its query.
 * @throws {GatewayError} 400 `credential-in-url`.
 */
export function requireNoCredentialInUrl(target: string, declared: readonly string[]): void {
  const start = target.indexOf('?');
  if (start >= 0) requireNone(target.slice(start + 1), declared);
}

/** Whether the body is a form. */
export function isForm(inbound: Inbound): boolean {
  const type = inbound.header('content-type');
  return type !== undefined && formType.test(type);
}

/**
 * Looks into the first 8 KiB of a form that no endpoint will read.
 *
 * @throws {GatewayError} 400 `credential-in-url`, as a rejection.
 */
export async function requireNoCredentialInForm(inbound: Inbound): Promise<void> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const body = inbound.body()?.[Symbol.asyncIterator]();
  // Not `for await`: leaving that early would close the connection before the answer is sent.
  for (let next = await body?.next(); next?.done === false; next = await body?.next()) {
    bytes += next.value.byteLength;
    chunks.push(next.value);
    if (bytes >= maxFormBytes) break;
  }
  requireNone(Buffer.concat(chunks).toString('latin1', 0, maxFormBytes), []);
}

function namesCredential(parameter: string): boolean {
  return credentialNames.has(parameter.toLowerCase().replaceAll(/[-_]/g, ''));
}

function requireNone(parameters: string, declared: readonly string[]): void {
  if (!mayNameOne.test(parameters)) return;
  for (const name of new URLSearchParams(parameters).keys()) {
    if (!namesCredential(name) || declared.includes(name)) continue;
    throw new GatewayError('credential-in-url', {
      detail: 'Send credentials in the Authorization header only.',
      headers: { 'www-authenticate': 'Bearer error="invalid_request"' },
    });
  }
}
