/**
 * Who may call, in the words of OpenAPI: the ways to prove identity as security schemes, and for each
 * endpoint which of them, with which scopes.
 *
 * What must come beside a credential is a scheme of its own that is needed together with it: `X-CSRF` beside
 * the cookie of a session, a proof beside a bound token. A header parameter would be needed by all callers.
 *
 * @see {@link https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object OpenAPI 3.1.1, security requirements}
 * @module
 */
import type { Endpoint } from '../endpoint/endpoint.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import type { CredentialPlace } from '../identity/credential-form.ts';
import type { SecurityRequirement, SecurityScheme } from './document.ts';

export interface Security {
  readonly schemes: Readonly<Record<string, SecurityScheme>>;
  /** What callers of an endpoint need. */
  requirementsOf(endpoint: Endpoint): SecurityRequirement[];
}

/** One credential: the scheme it goes by, and the one that must come with it. */
interface Way {
  readonly name: string;
  readonly companion?: 'csrf' | 'dpop-proof';
}

const companions: Readonly<Record<NonNullable<Way['companion']>, SecurityScheme>> = {
  csrf: {
    type: 'apiKey',
    in: 'header',
    name: 'X-CSRF',
    description: 'Always `1`. Pages of other sites cannot send it.',
  },
  'dpop-proof': {
    type: 'apiKey',
    in: 'header',
    name: 'DPoP',
    description:
      'A proof of possession of the key that the token is bound to, new for every request (RFC 9449).',
  },
};

/** Describes the ways to prove identity, in their order. */
export function describeSecurity(identity: readonly Authenticator[]): Security {
  const schemes: Record<string, SecurityScheme> = {};
  const ways: Way[] = [];
  const add = (wanted: string, scheme: SecurityScheme, companion?: Way['companion']): void => {
    let name = wanted;
    for (let number = 2; Object.hasOwn(schemes, name); number += 1) name = `${wanted}${number}`;
    schemes[name] = scheme;
    ways.push(companion === undefined ? { name } : { name, companion });
  };
  for (const { name, form, challenge } of identity) {
    const safe = name.replaceAll(/[^\w.-]/g, '-');
    if (form === undefined) {
      add(safe, { type: 'http', scheme: (challenge.split(/[ ,]/, 1)[0] ?? '').toLowerCase() });
      continue;
    }
    for (const place of form.places) {
      const { kind } = place;
      const companion = kind === 'cookie' ? 'csrf' : kind === 'dpop' ? 'dpop-proof' : undefined;
      add(kind === 'dpop' ? `${safe}-dpop` : safe, schemeOf(place, form.summary), companion);
    }
  }
  const needed = [...new Set(ways.flatMap(({ companion }) => companion ?? []))];
  return {
    schemes: { ...schemes, ...Object.fromEntries(needed.map((name) => [name, companions[name]])) },
    requirementsOf({ options: { access, antiForgery = true } }) {
      const known = ways.map(({ name, companion }): SecurityRequirement => {
        const isNeeded = companion !== undefined && (companion !== 'csrf' || antiForgery);
        return { [name]: access.scopes, ...(isNeeded ? { [companion]: [] } : {}) };
      });
      return access.kind === 'anyone' ? [{}, ...known] : known;
    },
  };
}

function schemeOf(place: CredentialPlace, description: string): SecurityScheme {
  if (place.kind === 'cookie') return { type: 'apiKey', in: 'cookie', name: place.cookie, description };
  if (place.kind === 'bearer') {
    return { type: 'http', scheme: 'bearer', bearerFormat: place.format, description };
  }
  return { type: 'http', scheme: 'dpop', description };
}
