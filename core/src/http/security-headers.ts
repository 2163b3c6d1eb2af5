/**
 * The headers that every answer has, whatever made it. They are for what a browser may do with an answer of an
 * API: nothing. A page of its own may say otherwise for itself.
 *
 * @see {@link https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html OWASP, HTTP headers}
 * @see {@link https://www.rfc-editor.org/rfc/rfc6797 RFC 6797}, strict transport security
 * @module
 */

/** The headers of every answer; `origin` is the request's header. Never changed, so they can be shared. */
export type CommonHeaders = (origin: string | undefined) => Readonly<Record<string, string>>;

/** @param publicOrigin Of the BFF. Behind `https` browsers are told never to come by `http` again. */
export function securityHeaders(publicOrigin?: string): Readonly<Record<string, string>> {
  return {
    'content-security-policy':
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    ...(publicOrigin?.startsWith('https://')
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  };
}

/** One `Vary` out of several: each name once. */
export function joinVary(...fields: readonly (string | undefined)[]): string {
  const [only = '', ...others] = fields.filter((field) => field !== undefined);
  if (others.length === 0) return only;
  const names = fields.flatMap((field) => field?.split(',') ?? []).map((name) => name.trim());
  return [...new Map(names.map((name) => [name.toLowerCase(), name])).values()].join(', ');
}
