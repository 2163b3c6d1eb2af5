import { expect, test } from 'vitest';
import { z } from 'zod';
import type { BffOptions } from '../bff-options.ts';
import { type Endpoint, type EndpointOptions, endpoint } from '../endpoint/endpoint.ts';
import { allOf, anyone, roles, scopes, signedIn } from '../identity/access.ts';
import type { Authenticator } from '../identity/authenticator.ts';
import { concurrent, tokenBucket } from '../limit/declare.ts';
import { testBff } from '../testing/test-bff.ts';
import { get, upstream } from '../upstream/operation.ts';
import type { OpenApiDocument, OpenApiOperation } from './document.ts';
import { openApiOf } from './index.ts';

const answer = z.object({ ok: z.boolean() });
type Options = Partial<EndpointOptions<undefined, undefined, undefined, undefined>>;

function handled(
  path = '/x',
  options: object = {},
  method: 'GET' | 'POST' = 'GET',
  response = answer,
): Endpoint {
  const all = { summary: 'A thing.', access: anyone(), deadlineMs: 500, ...(options as Options) };
  return endpoint(method, path, all).handle(response, async () => ({ ok: true }));
}

function documentOf(endpoints: readonly Endpoint[], options: Partial<BffOptions> = {}): OpenApiDocument {
  return openApiOf(testBff(endpoints, { shop: () => ({ body: {} }) }, options));
}

/** The only operation of a BFF with one endpoint. */
function operationOf(only: Endpoint, options: Partial<BffOptions> = {}): OpenApiOperation {
  const [operation] = operationsOf(documentOf([only], options));
  if (operation === undefined) throw new Error('the document is empty');
  return operation;
}

function operationsOf({ paths }: OpenApiDocument): OpenApiOperation[] {
  return Object.values(paths).flatMap((item) => Object.values(item));
}

function codesOf({ responses }: OpenApiOperation): Record<string, readonly string[]> {
  return Object.fromEntries(
    Object.entries(responses).flatMap(([status, { 'x-codes': codes }]) => (codes ? [[status, codes]] : [])),
  );
}

test('the document says what the BFF is, who owns it and where it is', () => {
  const document = documentOf([handled()], { publicOrigin: 'https://shop.example' });
  expect(document).toMatchObject({
    openapi: '3.1.1',
    info: { title: 'test', version: '0', 'x-owner': '@acme/test' },
    servers: [{ url: 'https://shop.example' }],
  });
  expect(documentOf([handled()])).not.toHaveProperty('servers');
});

test('an operation says its cost, its deadline and its roles, if it asks for any', () => {
  const guarded = operationOf(handled('/x', { access: roles('support'), cost: 3 }));
  expect(guarded).toMatchObject({ 'x-cost': 3, 'x-deadline-ms': 500, 'x-roles': ['support'] });
  const open = operationOf(handled());
  expect(open['x-cost']).toBe(1);
  expect(open).not.toHaveProperty('x-roles');
});

test('paths are sorted, whatever the order of the declarations', () => {
  const document = documentOf([handled('/b'), handled('/a'), handled('/a', {}, 'POST')]);
  expect(Object.entries(document.paths).map(([path, item]) => [path, Object.keys(item)])).toEqual([
    ['/a', ['get', 'post']],
    ['/b', ['get']],
  ]);
});

test('paths that differ in the names of their parameters are one path', () => {
  const document = documentOf([
    handled('/orders/:id'),
    handled('/orders/:orderId', { params: z.object({ orderId: z.string().max(9) }) }, 'POST'),
  ]);
  expect(Object.keys(document.paths)).toEqual(['/orders/{id}']);
  expect(document.paths['/orders/{id}']?.post?.parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string', maxLength: 9 } },
  ]);
});

test('a parameter without a schema has the pattern the gateway checks', () => {
  expect(operationOf(handled('/orders/:id')).parameters).toEqual([
    { name: 'id', in: 'path', required: true, schema: { type: 'string', pattern: '^[A-Za-z0-9_-]{1,64}$' } },
  ]);
});

test('the query is what a caller may send, before defaults and conversions', () => {
  const query = z.object({
    limit: z.coerce.number().int().min(1).default(20).describe('Items.'),
    q: z.string(),
    at: z
      .string()
      .max(9)
      .transform((text) => text.length)
      .optional(),
  });
  expect(operationOf(handled('/x', { query })).parameters).toEqual([
    {
      name: 'limit',
      in: 'query',
      required: false,
      description: 'Items.',
      schema: { type: 'integer', minimum: 1, default: 20 },
    },
    { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
    { name: 'at', in: 'query', required: false, schema: { type: 'string', maxLength: 9 } },
  ]);
});

test('a body has its schema and its size, an answer its status', () => {
  const operation = operationOf(
    handled('/x', { body: z.strictObject({ n: z.number() }), maxBodyBytes: 500, status: 201 }, 'POST'),
  );
  expect(operation.requestBody).toEqual({
    required: true,
    description: 'At most 500 bytes of JSON in UTF-8, without Content-Encoding.',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          properties: { n: { type: 'number' } },
          required: ['n'],
          additionalProperties: false,
        },
      },
    },
    'x-max-bytes': 500,
  });
  expect(operation.responses[201]).toMatchObject({
    description: 'Created',
    content: {
      'application/json': {
        schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] },
      },
    },
  });
  expect(operation.responses).not.toHaveProperty('304');
});

test('an answer may get new fields, so its schema is open', () => {
  expect(JSON.stringify(operationOf(handled()).responses[200])).not.toContain('additionalProperties');
});

const shop = upstream('shop', {
  operations: {
    one: get('/one', { response: answer, passes: [404, 409], forwardResponseHeaders: ['x-stock'] }),
    two: get('/two', { response: answer, passes: [422] }),
  },
});
const options = { summary: 'A thing.', access: anyone(), deadlineMs: 500 };
const ofService = ['upstream-bad-answer', 'upstream-broken-answer', 'upstream-error'];

test('a required call brings the failures of services and the statuses it passes on', () => {
  const operation = operationOf(
    endpoint('GET', '/x', options)
      .plan(({ call }) => ({ one: call(shop.one, () => ({})) }))
      .respond(answer, ({ one }) => one),
  );
  expect(Object.keys(codesOf(operation))).toEqual([
    '400',
    '401',
    '404',
    '409',
    '429',
    '500',
    '502',
    '503',
    '504', // biome-ignore format: one list
  ]);
  expect(codesOf(operation)[502]).toEqual(expect.arrayContaining(ofService));
  expect(codesOf(operation)[504]).toEqual(['deadline-exceeded', 'upstream-timeout']);
  expect(operation.responses[200]?.headers).toHaveProperty('x-stock');
  expect(operation.responses[200]?.headers).not.toHaveProperty('Bff-Degraded');
});

test('an optional call brings no failure but a degraded answer', () => {
  const operation = operationOf(
    endpoint('GET', '/x', options)
      .plan(({ optional }) => ({ two: optional(shop.two, () => ({}), { fallback: () => ({ ok: false }) }) }))
      .respond(answer, ({ two }) => two),
  );
  expect(codesOf(operation)).not.toHaveProperty('502');
  expect(codesOf(operation)).not.toHaveProperty('422');
  expect(codesOf(operation)[504]).toEqual(['deadline-exceeded']);
  expect(operation.responses[200]?.headers).toMatchObject({
    'Bff-Degraded': { $ref: '#/components/headers/Bff-Degraded' },
    'Proxy-Status': { $ref: '#/components/headers/Proxy-Status' },
  });
});

test('a required call that an old answer may stand in for can be degraded as well', () => {
  const operation = operationOf(
    endpoint('GET', '/x', options)
      .plan(({ call }) => ({
        two: call(shop.two, () => ({}), { cache: { scope: 'principal', ttlMs: 0, staleIfErrorMs: 1_000 } }),
      }))
      .respond(answer, ({ two }) => two),
  );
  expect(operation.responses[200]?.headers).toHaveProperty('Bff-Degraded');
});

test('a handler may call anything, so it may pass on any status', () => {
  expect(Object.keys(codesOf(operationOf(handled())))).toEqual([
    '400',
    '401',
    '404',
    '409',
    '422',
    '429',
    '500',
    '502',
    '503',
    '504', // biome-ignore format: one list
  ]);
});

test('only a body can be too large, late, or of a type nobody reads', () => {
  const withBody = codesOf(operationOf(handled('/x', { body: answer }, 'POST')));
  expect(withBody).toMatchObject({
    400: expect.arrayContaining(['invalid-json']),
    408: ['request-timeout'],
    413: ['body-too-large'],
    415: ['unsupported-media-type'],
  });
  for (const status of [408, 413, 415]) expect(codesOf(operationOf(handled()))).not.toHaveProperty([status]);
});

test('who may not call is told so where that can be, and nowhere else', () => {
  const strict = operationOf(handled('/x', { access: allOf(scopes('a:read'), roles('support')) }));
  expect(codesOf(strict)).toMatchObject({
    401: ['invalid-token', 'not-signed-in'],
    403: ['insufficient-role', 'insufficient-scope'],
  });
  expect(strict.responses[401]?.headers).toHaveProperty('WWW-Authenticate');
  expect(codesOf(operationOf(handled('/x', { access: signedIn() })))).not.toHaveProperty('403');
  expect(codesOf(operationOf(handled()))[401]).toEqual(['invalid-token']);
  expect(codesOf(operationOf(handled(), { identity: [] }))).not.toHaveProperty('401');
});

test('an endpoint that is never shed is not overloaded', () => {
  expect(codesOf(operationOf(handled()))[503]).toContain('overloaded');
  const high = codesOf(operationOf(handled('/x', { priority: 'high' })))[503];
  expect(high).toContain('shutting-down');
  expect(high).not.toContain('overloaded');
});

test('every problem is a problem document with its codes', () => {
  const { responses } = operationOf(handled());
  expect(responses[429]).toMatchObject({
    description: '- `rate-limited`: Too many requests',
    headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    'x-codes': ['rate-limited'],
  });
  expect(responses.default?.content).toHaveProperty('application/problem+json');
});

const legacy = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'];
const draft = ['RateLimit-Policy', 'RateLimit'];
test.each<[string, Partial<BffOptions>, string[]]>([
  ['both dialects', {}, [...legacy, ...draft]],
  ['those of old', { rateLimitHeaders: 'legacy' }, legacy],
  ['those of the draft', { rateLimitHeaders: 'draft' }, draft],
  ['none when told so', { rateLimitHeaders: 'none' }, []],
  ['none when only requests under way are counted', { limits: concurrent({ max: 5 }) }, []],
  [
    'those of a plan',
    { limits: concurrent({ max: 5 }), plans: { pro: tokenBucket() }, rateLimitHeaders: 'draft' },
    draft,
  ],
])('limited answers have the headers that are sent: %s', (_what, limits, expected) => {
  const { responses } = operationOf(handled('/x', { access: signedIn() }), limits);
  const sent = (status: number): string[] =>
    Object.keys(responses[status]?.headers ?? {}).filter((name) => /^(x-)?ratelimit/i.test(name));
  expect(sent(200)).toEqual(expected);
  expect(sent(429)).toEqual(expected);
  expect(sent(401)).toEqual([]);
});

const cookie: Authenticator = {
  name: 'session',
  challenge: 'BffSession login_url="/login"',
  form: {
    summary: 'A session.',
    places: [{ kind: 'cookie', cookie: '__Host-s' }],
    problems: ['session-ended', 'csrf-failed'],
  },
  authenticate: () => undefined,
};
const token: Authenticator = {
  name: 'bearer',
  challenge: 'Bearer',
  form: {
    summary: 'A token.',
    places: [
      { kind: 'bearer', format: 'JWT' },
      { kind: 'dpop', format: 'JWT' },
    ],
    problems: ['invalid-token', 'dependency-unavailable'],
  },
  authenticate: () => undefined,
};
const both = { identity: [cookie, token] };

test('each way to sign in is a security scheme, and what must come with it is one as well', () => {
  expect(documentOf([handled()], both).components.securitySchemes).toEqual({
    session: { type: 'apiKey', in: 'cookie', name: '__Host-s', description: 'A session.' },
    bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'A token.' },
    'bearer-dpop': { type: 'http', scheme: 'dpop', description: 'A token.' },
    csrf: expect.objectContaining({ type: 'apiKey', in: 'header', name: 'X-CSRF' }),
    'dpop-proof': expect.objectContaining({ type: 'apiKey', in: 'header', name: 'DPoP' }),
  });
});

test('an operation lists its scopes beside every way to sign in', () => {
  const { security } = operationOf(handled('/x', { access: scopes('a:read', 'b:read') }), both);
  const needed = ['a:read', 'b:read'];
  expect(security).toEqual([
    { session: needed, csrf: [] },
    { bearer: needed },
    { 'bearer-dpop': needed, 'dpop-proof': [] },
  ]);
});

test('an operation for anyone can be called with no credential', () => {
  expect(operationOf(handled(), both).security[0]).toEqual({});
  expect(operationOf(handled(), { identity: [] }).security).toEqual([{}]);
});

test('what asks for no anti-forgery header documents none', () => {
  const operation = operationOf(handled('/x', { access: signedIn(), antiForgery: false }), both);
  expect(operation.security[0]).toEqual({ session: [] });
  expect(codesOf(operation)).not.toHaveProperty('403');
  expect(codesOf(operationOf(handled('/x', { access: signedIn() }), both))[403]).toEqual(['csrf-failed']);
});

test('a session that ended is nothing to an endpoint for anyone', () => {
  expect(codesOf(operationOf(handled(), both))[401]).toEqual(['invalid-token']);
  const guarded = codesOf(operationOf(handled('/x', { access: signedIn() }), both));
  expect(guarded[401]).toContain('session-ended');
});

test('a way that says nothing of its form is documented by its challenge', () => {
  const silent: Authenticator = {
    name: 'house key',
    challenge: 'Negotiate x="y"',
    authenticate: () => undefined,
  };
  const { components } = documentOf([handled()], { identity: [silent, silent] });
  expect(components.securitySchemes).toEqual({
    'house-key': { type: 'http', scheme: 'negotiate' },
    'house-key2': { type: 'http', scheme: 'negotiate' },
  });
});

test('a page that anyone may see is left out, a guarded one is not', () => {
  const page = { summary: 'A page.', access: anyone(), deadlineMs: 500, antiForgery: false } as const;
  const document = documentOf([
    endpoint('GET', '/', page).answer(() => ({ status: 200 })),
    endpoint('GET', '/admin', { ...page, access: roles('admin') }).answer(() => ({ status: 200 })),
    endpoint('POST', '/form', page).answer(() => ({ status: 303 })),
  ]);
  expect(Object.keys(document.paths)).toEqual(['/admin', '/form']);
});

test('a plain answer has neither status nor media type', () => {
  const form = operationOf(endpoint('POST', '/form', options).answer(() => ({ status: 303 })));
  expect(form.requestBody).toEqual({
    required: false,
    description: 'Its form is not declared.',
    content: { '*/*': {} },
  });
  expect(form.responses['2XX']).toMatchObject({ content: { '*/*': {} } });
  expect(form.responses).toHaveProperty('3XX');
  expect(codesOf(form)[400]).not.toContain('validation-failed');
  const get = operationOf(endpoint('GET', '/x', options).answer(() => ({ status: 200 })));
  expect(get).not.toHaveProperty('requestBody');
});

test('only headers that are used are components', () => {
  const plain = endpoint('GET', '/x', options).answer(() => ({ status: 200 }));
  const { headers } = documentOf([plain], { rateLimitHeaders: 'none' }).components;
  expect(Object.keys(headers)).toEqual(['Retry-After', 'WWW-Authenticate', 'X-Request-Id']);
});

test('the document is the same text every time', () => {
  const write = () => JSON.stringify(documentOf([handled('/b'), handled('/a', {}, 'POST')], both));
  expect(write()).toBe(write());
});
