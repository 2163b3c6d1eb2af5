/**
 * From the claims of a verified access token to a principal. Nothing is guessed: a claim that decides who
 * somebody is and has not the form it should have refuses the token.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 RFC 9068, 2.2}, the claims
 * @see {@link https://www.rfc-editor.org/rfc/rfc7800#section-3.1 RFC 7800, 3.1}, `cnf`
 * @module
 */
import { errors, type JWTPayload } from 'jose';
import type { Principal } from '../context/principal.ts';

/** A token whose signature, issuer, audience and times hold. */
export interface VerifiedToken {
  readonly principal: Principal;
  readonly jti: string;
  /** The thumbprint of the key the token is bound to; absent for one that whoever holds it may use. */
  readonly thumbprint: string | undefined;
  /** `exp` in epoch seconds. */
  readonly expires: number;
}

/** Which claims tell what the standard leaves open. */
export interface ClaimNames {
  readonly tenant: string;
  readonly roles: string;
}

const maxLifetimeSeconds = 24 * 3_600;
const maxIdLength = 512;
const maxRoles = 100;
const maxRoleLength = 128;
const controlCharacters = /\p{Cc}/u;

/** @throws {errors.JWTInvalid} for claims that no principal can be made of. */
export function verifiedToken(claims: JWTPayload, names: ClaimNames): VerifiedToken {
  const { exp: expires, iat: issued, scope } = claims;
  if (expires === undefined || issued === undefined) throw new errors.JWTInvalid('exp and iat must be there');
  if (!(expires - issued <= maxLifetimeSeconds))
    throw new errors.JWTInvalid('the token lives longer than 24 h');
  const tenant = claims[names.tenant];
  const roles = rolesOf(claims[names.roles]);
  return {
    principal: {
      kind: 'user',
      subject: textOf(claims, 'sub'),
      clientId: textOf(claims, 'client_id'),
      scopes: new Set(typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : []),
      tenant: tenant === undefined ? undefined : textOf(claims, names.tenant),
      ...(roles.size === 0 ? {} : { roles }),
    },
    jti: textOf(claims, 'jti'),
    thumbprint: thumbprintOf(claims),
    expires,
  };
}

function textOf(claims: JWTPayload, claim: string): string {
  const value = claims[claim];
  if (
    typeof value === 'string' &&
    value !== '' &&
    value.length <= maxIdLength &&
    !controlCharacters.test(value)
  ) {
    return value;
  }
  throw new errors.JWTInvalid(`${claim} must be 1 to ${maxIdLength} characters of text`);
}

/** What is no name of a role is no role. */
function rolesOf(claim: unknown): ReadonlySet<string> {
  if (!Array.isArray(claim)) return new Set();
  const names = claim.filter(
    (role): role is string => typeof role === 'string' && role !== '' && role.length <= maxRoleLength,
  );
  return new Set(names.slice(0, maxRoles));
}

/** A token that is bound in a way that cannot be checked here is not a token for here. */
function thumbprintOf({ cnf }: JWTPayload): string | undefined {
  if (cnf === undefined) return undefined;
  const { jkt, ...others } = Object(cnf) as Readonly<Record<string, unknown>>;
  if (typeof jkt === 'string' && /^[\w-]{43}$/.test(jkt) && Object.keys(others).length === 0) return jkt;
  throw new errors.JWTInvalid('cnf must name the thumbprint of one key, and nothing else');
}
