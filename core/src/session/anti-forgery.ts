/**
 * Whether a call that carries the session cookie comes from the app's own pages. `SameSite=Strict` alone
 * does not say so: a sibling sub-domain is the same site. A header that forms and links cannot set does,
 * together with what the browser itself tells.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-browser-based-apps/ OAuth 2.0 for Browser-Based Applications}, section 6.1.3.3
 * @see {@link https://www.w3.org/TR/fetch-metadata/ Fetch Metadata}
 * @module
 */
import type { Inbound } from '../context/inbound.ts';
import { GatewayError } from '../problem/gateway-error.ts';

/** Passes own calls. @throws {GatewayError} `csrf-failed` for all others. */
export type AntiForgery = (inbound: Inbound) => void;

/**
 * @param publicOrigin Where the app is served.
 * @param otherOrigins Further origins of the same site whose pages may call.
 */
export function antiForgery(publicOrigin: string, otherOrigins: readonly string[]): AntiForgery {
  const others = new Set(otherOrigins);
  return function requireOwnPage({ header }) {
    const origin = header('origin');
    if (header('x-csrf') !== '1') throw refusal('Send the header X-CSRF: 1.');
    if (origin !== undefined && origin !== publicOrigin && !others.has(origin)) {
      throw refusal('This origin may not call.');
    }
    const site = header('sec-fetch-site');
    if (site === undefined || site === 'same-origin' || site === 'none') return;
    if (site === 'same-site' && origin !== undefined && others.has(origin)) return;
    throw refusal('Only the pages of this site may call.');
  };
}

function refusal(detail: string): GatewayError {
  return new GatewayError('csrf-failed', { detail });
}
