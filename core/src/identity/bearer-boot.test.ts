import { expect, test } from 'vitest';
import { type BearerOptions, bearer } from './bearer.ts';

const options: BearerOptions = {
  issuer: 'https://login.example',
  audience: 'mobile',
  jwksUrl: 'https://login.example/jwks',
};

test('an issuer, an audience and where the keys are is enough', () => {
  expect(bearer(options)).toMatchObject({ name: 'bearer', challenge: 'Bearer' });
});

test.each<[object, string]>([
  [{ issuer: '' }, 'bearer: issuer must be the exact iss of accepted tokens, got an empty text'],
  [{ issuer: undefined }, 'bearer: issuer must be the exact iss of accepted tokens, got undefined'],
  [{ audience: '' }, 'bearer: audience must be a text that stands in aud, got an empty text'],
  [{ audience: undefined }, 'bearer: audience must be a text that stands in aud, got undefined'],
  [{ jwksUrl: '/jwks' }, "bearer: jwksUrl must be an http or https URL, got '/jwks'"],
  [
    { jwksUrl: 'file:///etc/passwd' },
    "bearer: jwksUrl must be an http or https URL, got 'file:///etc/passwd'",
  ],
  [{ algorithms: [] }, 'bearer: algorithms must name one or more of RS256, PS256, ES256, EdDSA, got none'],
  [
    { algorithms: ['HS256'] },
    'bearer: algorithms must name one or more of RS256, PS256, ES256, EdDSA, got HS256',
  ],
  [
    { algorithms: ['ES256', 'none'] },
    'bearer: algorithms must name one or more of RS256, PS256, ES256, EdDSA, got ES256, none',
  ],
  [{ tenantClaim: '' }, 'bearer: tenantClaim must be the name of a claim, got an empty text'],
  [{ rolesClaim: 7 }, 'bearer: rolesClaim must be the name of a claim, got 7'],
  [{ audiences: ['a'] }, "bearer: unknown option 'audiences'; did you mean 'audience'?"],
])('refuses to start with %j', (wrong, message) => {
  expect(() => bearer({ ...options, ...wrong } as BearerOptions)).toThrow(new RangeError(message));
});
