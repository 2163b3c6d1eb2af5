/**
 * Who can sign in, and what tokens say of them.
 *
 * @module
 */
import { ACCOUNTS, type Account } from '../data/accounts.ts';

/** The company that every account belongs to. */
export const TENANT = 'acme';

/** What is true of a person, in the names of OpenID Connect; `tenant` and `roles` are the shop's own. */
export interface Claims extends Readonly<Record<string, unknown>> {
  readonly sub: string;
  readonly name: string;
  readonly preferred_username: string;
  readonly email: string;
  readonly email_verified: boolean;
  readonly tenant: string;
  readonly roles: readonly string[];
}

/** The account of a login or a user id. */
export function findAccount(loginOrId: string): Account | undefined {
  return ACCOUNTS.find(({ login, userId }) => login === loginOrId || userId === loginOrId);
}

/** The account, when the password is its own: these accounts are for development. */
export function signIn(login: string, password: string): Account | undefined {
  return ACCOUNTS.find((account) => account.login === login && account.login === password);
}

/** What the identity provider tells about an account. */
export function claimsOf({ userId, login, name, roles }: Account): Claims {
  return {
    sub: userId,
    name,
    preferred_username: login,
    email: `${login}@acme.example`,
    email_verified: true,
    tenant: TENANT,
    roles,
  };
}
