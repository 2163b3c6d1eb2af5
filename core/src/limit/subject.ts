/**
 * Whom a limit counts. A subject is one string per caller, made of what the credential proved or of the
 * client's address; nothing in it can be chosen by the request.
 *
 * @module
 */
import type { Caller } from '../context/caller.ts';

const named = {
  user: ({ kind, principal }: Caller) => (kind === 'user' ? principal : undefined),
  'api-key': ({ kind, clientId }: Caller) => (kind === 'partner' ? clientId : undefined),
  partner: ({ kind, subject }: Caller) => (kind === 'partner' ? subject : undefined),
  tenant: ({ tenant }: Caller) => tenant,
  ip: ({ address }: Caller) => address,
  'endpoint-class': ({ endpointClass }: Caller) => endpointClass,
} as const satisfies Record<string, (caller: Caller) => string | undefined>;

export type ByName = keyof typeof named;

/**
 * `user`, `api-key`, `partner` (all its keys share), `tenant`, `ip`, `endpoint-class` (all callers
 * share), a list of these for one bucket per combination, or a function. Who has no such identity is
 * counted by the default: the principal, or the address.
 */
export type By = ByName | readonly ByName[] | ((caller: Caller) => string | undefined);

export const byNames = Object.keys(named) as readonly ByName[];

/** The subject of `caller` for a limit; two ways of counting never share one. */
export function subjectOf(by: By | undefined, caller: Caller): string {
  if (by === undefined) return defaultSubject(caller);
  if (typeof by === 'string') return namedSubject(by, caller);
  if (typeof by !== 'function') return by.map((name) => escapePart(namedSubject(name, caller))).join('+');
  const chosen = by(caller);
  return chosen === undefined ? defaultSubject(caller) : `fn:${chosen}`;
}

function namedSubject(by: ByName, caller: Caller): string {
  const found = named[by](caller);
  return found === undefined ? defaultSubject(caller) : `${by}:${found}`;
}

function defaultSubject({ principal, address }: Caller): string {
  return principal === undefined ? `ip:${address}` : principal;
}

function escapePart(part: string): string {
  return part.replaceAll('%', '%25').replaceAll('+', '%2B');
}
