/** What the document says of answers that are kept, and of routes that pass answers on. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { EndpointCacheOptions } from '../cache/cache-options.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone, scopes } from '../identity/access.ts';
import { proxy } from '../proxy/proxy.ts';
import { testBff } from '../testing/index.ts';
import type { OpenApiOperation } from './document.ts';
import { openApiOf } from './index.ts';

const base = { summary: 'X.', access: anyone(), deadlineMs: 1_000 };
const made = (path: string, cache?: EndpointCacheOptions) =>
  endpoint('GET', path, { ...base, ...(cache === undefined ? {} : { cache }) }).handle(
    z.object({ a: z.string() }),
    async () => ({ a: '' }),
  );
const kept = made('/kept', { scope: 'public', ttlMs: 60_000 });

function namesOf(operation: OpenApiOperation | undefined, status: string): string[] {
  return Object.keys(operation?.responses[status]?.headers ?? {});
}

test('a kept answer has its age and what the cache did, also when it is not sent again', () => {
  const { paths, components } = openApiOf(testBff([kept, made('/made')], {}));
  const own = ['Age', 'Cache-Status'];
  for (const status of ['200', '304']) {
    expect(namesOf(paths['/kept']?.get, status)).toEqual(
      expect.arrayContaining(['Cache-Control', 'ETag', ...own]),
    );
    expect(namesOf(paths['/made']?.get, status)).toEqual(expect.arrayContaining(['Cache-Control', 'ETag']));
    for (const name of own) expect(namesOf(paths['/made']?.get, status)).not.toContain(name);
  }
  expect(paths['/kept']?.get?.responses[304]).not.toHaveProperty('content');
  expect(components.headers.Age).toMatchObject({ schema: { type: 'integer', minimum: 0 } });
});

test('only what can be asked about again has an ETag', () => {
  const created = endpoint('POST', '/made', { ...base, status: 201 }).handle(z.object({}), async () => ({}));
  const { paths } = openApiOf(testBff([created], {}));
  expect(namesOf(paths['/made']?.post, '201')).toContain('Cache-Control');
  expect(namesOf(paths['/made']?.post, '201')).not.toContain('ETag');
  expect(paths['/made']?.post?.responses).not.toHaveProperty('304');
});

test('the headers that are documented are those that are sent', async () => {
  const bff = testBff([kept], {}, { rateLimitHeaders: 'none' });
  const { paths } = openApiOf(bff);
  const first = await bff.app.request('/kept');
  bff.clock.advance(1_000);
  const second = await bff.app.request('/kept');
  const same = await bff.app.request('/kept', {
    headers: { 'if-none-match': first.headers.get('etag') ?? '' },
  });
  expect([first.status, second.status, same.status]).toEqual([200, 200, 304]);
  for (const [answer, status] of [
    [second, '200'],
    [same, '304'],
  ] as const) {
    const promised = namesOf(paths['/kept']?.get, status).map((name) => name.toLowerCase());
    expect([...answer.headers.keys()]).toEqual(expect.arrayContaining(promised));
  }
});

const files = proxy('GET|POST /files/*', 'files', {
  summary: 'Files.',
  access: scopes('files:read'),
  deadlineMs: 5_000,
  maxBodyBytes: 2_048,
  to: '/v1/*',
});
const fakes = { files: () => ({ body: {} }) };

test('a route that passes on whatever follows has the rest as a parameter, and no schema of its answer', () => {
  const { paths, components } = openApiOf(testBff(files, fakes));
  const [path] = Object.keys(paths);
  expect(path).toBe('/files/{rest}');
  const { get, post } = paths['/files/{rest}'] ?? {};
  expect(get?.parameters).toEqual([
    {
      name: 'rest',
      in: 'path',
      required: true,
      description: 'All that follows, slashes included.',
      schema: { type: 'string' },
    },
  ]);
  for (const operation of [get, post]) {
    expect(operation?.responses['2XX']).toMatchObject({ content: { '*/*': {} } });
    expect(operation?.responses).toHaveProperty('3XX');
    expect(operation?.responses).toHaveProperty('4XX');
    expect(operation?.responses[502]).toMatchObject({
      'x-codes': expect.arrayContaining(['upstream-error']),
    });
    expect(operation?.responses[403]).toMatchObject({ 'x-codes': ['insufficient-scope'] });
  }
  expect(Object.keys(components.schemas)).toEqual(['Problem']);
});

test('a body that is passed on has any type and a bound', () => {
  const { paths } = openApiOf(testBff(files, fakes));
  const { get, post } = paths['/files/{rest}'] ?? {};
  expect(get).not.toHaveProperty('requestBody');
  expect(post?.requestBody).toEqual({
    required: false,
    description: 'At most 2048 bytes, passed on as they are.',
    content: { '*/*': {} },
    'x-max-bytes': 2_048,
  });
  expect(post?.responses[413]).toMatchObject({ 'x-codes': ['body-too-large'] });
});

test('a route with a part in its path names it', () => {
  const one = proxy('GET /reports/:id', 'files', { access: anyone(), deadlineMs: 5_000, to: '/v1/:id' });
  const { paths } = openApiOf(testBff([one], fakes));
  expect(paths['/reports/{id}']?.get?.parameters).toMatchObject([{ name: 'id', in: 'path', required: true }]);
});
