import { expect, test } from 'vitest';
import { memoryRecords } from '../records/memory-records.ts';
import { type BearerOptions, bearer } from './bearer.ts';

const options: BearerOptions = {
  issuer: 'https://login.example',
  audience: 'mobile',
  jwksUrl: 'https://login.example/jwks',
};

test('an issuer, an audience and where the keys are is enough', () => {
  expect(bearer(options)).toMatchObject({ name: 'bearer', challenge: 'Bearer' });
});

test('the keys may be near, without TLS', () => {
  expect(() => bearer({ ...options, jwksUrl: 'http://127.0.0.1:4110/jwks' })).not.toThrow();
});

test('documents say where a token comes from and how it travels', () => {
  const dpop = { publicOrigin: 'https://api.shop.example', records: memoryRecords() };
  const plain = { kind: 'bearer', format: 'JWT' };
  const bound = { kind: 'dpop', format: 'JWT' };
  const placesOf = (more: Partial<BearerOptions>) => bearer({ ...options, ...more }).form?.places;
  expect(bearer(options).form).toEqual({
    summary: "An access token of https://login.example for the audience 'mobile'.",
    places: [plain],
    problems: ['bad-request-header', 'invalid-token', 'dependency-unavailable'],
  });
  expect(placesOf({ dpop })).toEqual([plain, bound]);
  expect(placesOf({ dpop: { ...dpop, required: true } })).toEqual([bound]);
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
  [
    { jwksUrl: 'xhttps://login.example/jwks' },
    "bearer: jwksUrl must be an http or https URL, got 'xhttps://login.example/jwks'",
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
