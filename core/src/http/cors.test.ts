import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CorsOptions, compileCors } from './cors.ts';

const app = 'https://app.shop.example';
const common = { 'cross-origin-resource-policy': 'same-origin', 'x-frame-options': 'DENY' };
const compile = (options: Partial<CorsOptions> = {}) => compileCors({ origins: [app], ...options }, common);

describe('an answer', () => {
  test('may be read by pages of a listed origin', () => {
    expect(compile().headersFor(app)).toEqual({
      'access-control-allow-origin': app,
      'cross-origin-resource-policy': 'cross-origin',
      vary: 'Origin',
      'x-frame-options': 'DENY',
    });
  });

  test('says so for cookies and further headers where they are declared', () => {
    const { headersFor } = compile({ credentials: true, exposeHeaders: ['etag', 'X-Request-Id'] });
    expect(headersFor(app)).toMatchObject({
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'etag, X-Request-Id',
    });
  });

  test.each([
    undefined,
    'null',
    'https://app.shop.example.evil.example',
    'http://app.shop.example',
    'https://app.shop.example:443',
    'https://APP.shop.example',
    'https://evil-app.shop.example',
    `${app}, https://evil.example`,
    '*',
    '__proto__',
    '',
  ])('says nothing to the origin %j but that it varies', (origin) => {
    expect(compile({ credentials: true }).headersFor(origin)).toEqual({ ...common, vary: 'Origin' });
  });

  test('never reflects an origin', () => {
    const { headersFor } = compile();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), (origin) => {
        fc.pre(origin !== app);
        expect(headersFor(origin)['access-control-allow-origin']).toBeUndefined();
      }),
    );
  });
});

describe('a preflight', () => {
  const ask = (question: object, options: Partial<CorsOptions> = {}, methods = ['GET', 'HEAD', 'PUT']) =>
    compile(options).preflight({ origin: app, method: 'PUT', ...question }, methods);

  test('from a listed origin for a method of the path is answered', () => {
    expect(ask({})).toEqual({
      'access-control-allow-methods': 'GET, HEAD, PUT',
      'access-control-allow-headers': 'content-type',
      'access-control-max-age': '600',
    });
    expect(ask({}, { methods: ['PUT', 'POST'], headers: [], maxAgeSeconds: 0 })).toEqual({
      'access-control-allow-methods': 'PUT',
      'access-control-max-age': '0',
    });
  });

  test.each([
    ['another origin', { origin: 'https://evil.example' }, {}],
    ['no origin', { origin: undefined }, {}],
    ['the origin null', { origin: 'null' }, {}],
    ['a method the path does not have', { method: 'DELETE' }, {}],
    ['a method in lowercase', { method: 'put' }, {}],
    ['a method that pages may not use', {}, { methods: ['GET'] }],
    ['no method, which is no preflight', { method: undefined }, {}],
  ])('with %s is none', (_what, question, options) => {
    expect(ask(question, options)).toBeUndefined();
  });
});

describe('refuses to start with', () => {
  test.each<[object, string]>([
    [{ origins: [] }, 'defineBff: cors: origins must list at least one exact origin, got none'],
    [{ origins: '*' }, 'defineBff: cors: origins must list at least one exact origin, got *'],
    ...['*', 'null', 'https://*.shop.example', `${app}/`, 'app.shop.example', '/app/'].map(
      (origin): [object, string] => [
        { origins: [app, origin] },
        `defineBff: cors: origins must be an exact origin such as https://shop.example, got '${origin}'`,
      ],
    ),
    [
      { origins: ['http://app.shop.example'], credentials: true },
      "defineBff: cors: credentials need origins with https, got 'http://app.shop.example'",
    ],
    [{ credentials: 'yes' }, "defineBff: cors: credentials must be true or false, got 'yes'"],
    [{ methods: ['*'] }, "defineBff: cors: methods must list exact names, got '*'"],
    [{ methods: ['get'] }, "defineBff: cors: methods must list exact names, got 'get'"],
    [{ headers: ['*'] }, "defineBff: cors: headers must list exact names, got '*'"],
    [{ headers: ['x y'] }, "defineBff: cors: headers must list exact names, got 'x y'"],
    [{ exposeHeaders: ['*'] }, "defineBff: cors: exposeHeaders must list exact names, got '*'"],
    [{ maxAgeSeconds: -1 }, 'defineBff: cors: maxAgeSeconds must be a number from 0 to 86400, got -1'],
    [{ origin: app }, "defineBff: cors: unknown option 'origin'; did you mean 'origins'?"],
  ])('%j', (options, message) => {
    expect(() => compile(options)).toThrow(new RangeError(message));
  });

  test('but not for cookies from a machine’s own http origins', () => {
    expect(() =>
      compile({
        origins: [
          'http://localhost:5173',
          'http://127.0.0.1:5173',
          'http://[::1]:5173',
          'http://web.localhost',
        ],
        credentials: true,
      }),
    ).not.toThrow();
    expect(() => compile({ origins: ['http://app.shop.example'] })).not.toThrow();
  });
});
