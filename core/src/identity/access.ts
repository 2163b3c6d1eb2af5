/**
 * Who may call an endpoint: declared by every endpoint, checked before anything is read or called.
 * There is no default, so nothing is public by accident.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, section 3.1}
 * @module
 */

import type { Principal } from '../context/principal.ts';
import { GatewayError } from '../problem/gateway-error.ts';

declare const principalType: unique symbol;

/** The rule of one endpoint. `Caller` is what its functions see as `principal`. */
export interface Access<out Caller extends Principal | undefined = Principal | undefined> {
  readonly kind: 'anyone' | 'signed-in' | 'scopes';
  /** All of these are needed; empty unless `kind` is `scopes`. */
  readonly scopes: readonly string[];
  readonly [principalType]?: Caller;
}

/** Everybody, signed in or not. */
export function anyone(): Access<Principal | undefined> {
  return { kind: 'anyone', scopes: [] };
}

/** Every caller with a valid credential. */
export function signedIn(): Access<Principal> {
  return { kind: 'signed-in', scopes: [] };
}

/** Callers whose credential carries all of `needed`. */
export function scopes(...needed: readonly [string, ...string[]]): Access<Principal> {
  return { kind: 'scopes', scopes: needed };
}

/**
 * @throws {GatewayError} 401 `not-signed-in` for nobody, 403 `insufficient-scope` for the wrong one.
 */
export function requireAccess(access: Access, principal: Principal | undefined, challenge: string): void {
  if (access.kind === 'anyone') return;
  if (principal === undefined) {
    throw new GatewayError('not-signed-in', { headers: { 'www-authenticate': challenge } });
  }
  const missing = access.scopes.filter((scope) => !principal.scopes.has(scope));
  if (missing.length === 0) return;
  throw new GatewayError('insufficient-scope', {
    detail: `The credential lacks: ${missing.join(' ')}.`,
    headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${access.scopes.join(' ')}"` },
  });
}
