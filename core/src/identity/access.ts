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
  readonly kind: 'anyone' | 'signed-in' | 'scopes' | 'roles' | 'all-of';
  /** All of these are needed. */
  readonly scopes: readonly string[];
  /** All of these are needed as well. */
  readonly roles: readonly string[];
  readonly [principalType]?: Caller;
}

/** What a credential can carry and a header can repeat (RFC 6749, 3.3). */
const scopeForm = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
const roleForm = /^\P{Cc}{1,128}$/u;

/** Everybody, signed in or not. */
export function anyone(): Access<Principal | undefined> {
  return { kind: 'anyone', scopes: [], roles: [] };
}

/** Every caller with a valid credential. */
export function signedIn(): Access<Principal> {
  return { kind: 'signed-in', scopes: [], roles: [] };
}

/**
 * Callers whose credential carries all of `needed`.
 *
 * @throws {RangeError} for what cannot be a scope: it has a space, a quote or a control character.
 */
export function scopes(...needed: readonly [string, ...string[]]): Access<Principal> {
  requireForm('scopes', needed, scopeForm);
  return { kind: 'scopes', scopes: needed, roles: [] };
}

/**
 * Callers who are all of `needed`, such as `support`.
 *
 * @throws {RangeError} for what cannot be a role: it is empty, very long or has a control character.
 */
export function roles(...needed: readonly [string, ...string[]]): Access<Principal> {
  requireForm('roles', needed, roleForm);
  return { kind: 'roles', scopes: [], roles: needed };
}

/**
 * Callers who satisfy every one of `rules`.
 *
 * @example
 * allOf(scopes('orders:read'), roles('support')).scopes; // => ['orders:read']
 */
export function allOf(
  ...rules: readonly [Access<Principal>, Access<Principal>, ...Access<Principal>[]]
): Access<Principal> {
  return {
    kind: 'all-of',
    scopes: [...new Set(rules.flatMap((rule) => rule.scopes))],
    roles: [...new Set(rules.flatMap((rule) => rule.roles))],
  };
}

/** What the refusal of a caller says in `WWW-Authenticate`. */
export interface Challenges {
  /** When nobody is signed in. */
  readonly nobody: string;
  /** The scheme of the credential that was not enough. */
  readonly scheme: () => 'Bearer' | 'DPoP';
}

/**
 * @throws {GatewayError} 401 `not-signed-in` for nobody, 403 `insufficient-scope` or `insufficient-role` for
 * the wrong one.
 */
export function requireAccess(
  access: Access,
  principal: Principal | undefined,
  challenges: Challenges,
): void {
  if (access.kind === 'anyone') return;
  if (principal === undefined) {
    throw new GatewayError('not-signed-in', { headers: { 'www-authenticate': challenges.nobody } });
  }
  const lacking = access.scopes.filter((scope) => !principal.scopes.has(scope));
  if (lacking.length > 0) {
    const needed = `error="insufficient_scope", scope="${access.scopes.join(' ')}"`;
    throw new GatewayError('insufficient-scope', {
      detail: `The credential lacks: ${lacking.join(' ')}.`,
      headers: { 'www-authenticate': `${challenges.scheme()} ${needed}` },
    });
  }
  const missing = access.roles.filter((role) => principal.roles?.has(role) !== true);
  if (missing.length === 0) return;
  throw new GatewayError('insufficient-role', {
    detail: `The caller lacks the role: ${missing.join(', ')}.`,
  });
}

function requireForm(what: string, names: readonly string[], form: RegExp): void {
  if (names.length === 0) throw new RangeError(`${what} must name one or more, got none`);
  const wrong = names.find((name) => typeof name !== 'string' || !form.test(name));
  if (wrong === undefined) return;
  throw new RangeError(`${what} must be 1 to 128 characters that can stand in a token, got '${wrong}'`);
}
