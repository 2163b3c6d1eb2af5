import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { asCaller } from '../testing/callers.ts';
import { type FakeUpstream, testBff } from '../testing/index.ts';
import { routesFromFile, routesJsonSchema } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'bffkit-routes-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string | object, ending = typeof content === 'string' ? 'yaml' : 'json'): string {
  files += 1;
  const path = join(folder, `${files}.${ending}`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
  return path;
}

function rig(content: string | object, fakes: Readonly<Record<string, FakeUpstream>>) {
  const upstreams = Object.keys(fakes).map((name) => ({ name }));
  return testBff(routesFromFile(file(content), { upstreams }), fakes);
}

function faultOf(content: string | object, upstreams: readonly string[] = ['files', 'users']): string {
  const path = file(content);
  try {
    routesFromFile(path, { upstreams: upstreams.map((name) => ({ name })) });
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return (error as Error).message.replaceAll(path, 'FILE');
  }
  return 'no fault';
}

const home = `
routes:
  - route: GET /home/:shop
    access: signed-in
    deadlineMs: 1000
    aggregate:
      query: [page]
      calls:
        orders:
          upstream: orders
          get: /orders
          query: { customer: $calls.profile.id, page: $query.page, sort: new, limit: 5 }
          pick: ['items[].id', 'items[].total.cents']
        profile:
          upstream: users
          get: /shops/:shop/users/:id
          params: { id: $principal.subject, shop: $params.shop }
          pick: [id, name]
        news: { upstream: news, get: /news, optional: true, timeoutMs: 300 }
`;

describe('an aggregate', () => {
  const fakes: Readonly<Record<string, FakeUpstream>> = {
    users: () => ({ body: { id: 'usr_1', name: 'Ada', passwordHash: 'x' } }),
    orders: () => ({
      body: { items: [{ id: 'o1', total: { cents: 5, margin: 1 }, fraudScore: 9 }], next: 'x' },
    }),
    news: () => ({ body: ['one'] }),
  };

  test('calls what can be called at once, waits for what is named, and answers with what was picked', async () => {
    const bff = rig(home, fakes);
    const answer = await bff.app.request('/home/eu?page=2', { headers: asCaller('usr_1') });
    expect(await answer.json()).toEqual({
      profile: { id: 'usr_1', name: 'Ada' },
      orders: { items: [{ id: 'o1', total: { cents: 5 } }] },
      news: ['one'],
    });
    expect(bff.requests.map(({ upstream, target }) => `${upstream} ${target}`)).toEqual([
      'users /shops/eu/users/usr_1',
      'news /news',
      'orders /orders?customer=usr_1&page=2&sort=new&limit=5',
    ]);
    expect(bff.graph.endpoints[0]).toMatchObject({ maxCalls: 3, depth: 2, opaque: false });
  });

  test('goes out without what is optional, and fails with what is not', async () => {
    const broken: FakeUpstream = () => ({ status: 500 });
    const degraded = await rig(home, { ...fakes, news: broken }).app.request('/home/eu', {
      headers: asCaller('usr_1'),
    });
    expect([degraded.status, degraded.headers.get('bff-degraded'), await degraded.json()]).toMatchObject([
      200,
      'news',
      { news: null },
    ]);
    const failed = await rig(home, { ...fakes, users: broken }).app.request('/home/eu', {
      headers: asCaller('usr_1'),
    });
    expect(failed.status).toBe(502);
    const missing = await rig(home, { ...fakes, users: () => ({ status: 404 }) }).app.request('/home/eu', {
      headers: asCaller('usr_1'),
    });
    expect(missing.status).toBe(404);
  });

  test('refuses parameters nobody declared, and callers nobody knows', async () => {
    const bff = rig(home, fakes);
    expect((await bff.app.request('/home/eu?x=1', { headers: asCaller('usr_1') })).status).toBe(400);
    expect((await bff.app.request('/home/eu')).status).toBe(401);
  });
});

test('a proxy route does what the same one in code does', async () => {
  const bff = rig(
    {
      routes: [
        {
          route: 'GET|PUT /files/*',
          access: { scopes: ['files:read'], roles: ['support'] },
          deadlineMs: 500,
          maxBodyBytes: 10,
          proxy: { upstream: 'files', to: '/v1/*', transform: { request: { query: { add: { v: '1' } } } } },
        },
      ],
    },
    { files: () => ({ body: { ok: true } }) },
  );
  const headers = asCaller({ subject: 'usr_1', scopes: ['files:read'], roles: ['support'] });
  const answer = await bff.app.request('/files/a', { headers });
  expect([answer.status, await answer.json(), bff.requests[0]?.target]).toEqual([
    200,
    { ok: true },
    '/v1/a?v=1',
  ]);
  const big = await bff.app.request('/files/a', { method: 'PUT', body: 'x'.repeat(11), headers });
  expect(big.status).toBe(413);
  expect(bff.graph.endpoints.map(({ method, proxy }) => [method, proxy])).toEqual([
    ['GET', 'files.proxy'],
    ['PUT', 'files.proxy'],
  ]);
});

describe('what is wrong is said with its place', () => {
  const head = 'routes:\n  - route: GET /a/*\n    access: anyone\n    deadlineMs: 100\n';
  test.each<[string, string | object, string]>([
    ['no YAML', 'routes: [', 'FILE:1:10: not YAML: '],
    ['a name twice', 'routes: []\nroutes: []', 'FILE:2:1: not YAML: '],
    ['an unknown tag', 'routes: !!js/function x', 'FILE:1:9: not YAML: '],
    ['nothing', '{}', 'FILE:1:1: routes: '],
    ['no route', 'routes: []', 'FILE:1:9: routes: '],
    ['neither kind', head, 'FILE:2:5: routes[0]: a route is either a proxy or an aggregate'],
    [
      'an unknown option',
      `${head}    proxy: { upstream: files, too: /b }`,
      'FILE:5:12: routes[0].proxy: Unrecognized key: "too"',
    ],
    [
      'no access',
      'routes:\n  - { route: GET /a, deadlineMs: 1, proxy: { upstream: files } }',
      'FILE:2:5: routes[0].access: ',
    ],
    [
      'an upstream that is not there',
      `${head}    proxy:\n      upstream: filez`,
      "FILE:6:17: routes[0].proxy.upstream: there is no upstream 'filez'; there are files, users",
    ],
    [
      'what proxy() refuses',
      `${head}    proxy: { upstream: files, to: /b }`,
      "FILE:2:5: routes[0]: proxy 'GET /a/*': to must end in /*",
    ],
    [
      'what is in JSON',
      { routes: [{ route: 'GET /a', access: 'anyone', deadlineMs: 0, proxy: { upstream: 'files' } }] },
      'FILE:6:21: routes[0].deadlineMs: ',
    ],
  ])('%s', (_what, content, message) => {
    expect(faultOf(content)).toContain(message);
  });

  test('JSON that is none says where', () => {
    const path = file('{\n  "routes": []\n  "$schema": ""\n}', 'json');
    expect(() => routesFromFile(path, { upstreams: [] })).toThrow(`${path}:3:3: not JSON: `);
  });

  test('all of it at once', () => {
    const faults = faultOf(
      `${head}    proxy: { upstream: one }\n${head.slice(8)}    proxy: { upstream: two }`,
    );
    expect(faults.split('\n')).toHaveLength(2);
  });

  test('a bomb of aliases is not unfolded', () => {
    const layers = Array.from(
      { length: 9 },
      (_, index) => `l${index + 1}: &l${index + 1} [${Array(9).fill(`*l${index}`).join(',')}]`,
    );
    expect(faultOf(`l0: &l0 [x]\n${layers.join('\n')}`)).toContain('alias');
  });

  test('a file that is not there', () => {
    expect(() => routesFromFile(join(folder, 'none.yaml'), { upstreams: [] })).toThrow(
      /cannot be read \(ENOENT\)/,
    );
  });

  const aggregate = (calls: string, access = 'signed-in'): string =>
    `routes:\n  - route: GET /a/:id\n    access: ${access}\n    deadlineMs: 100\n    aggregate:\n      calls:\n${calls}`;
  test.each([
    ['a: { upstream: users, get: /u/:id }', "calls.a.get: params has no source for ':id'"],
    ['a: { upstream: users, get: /u, params: { x: 1 } }', "calls.a.params.x: the path has no ':x'"],
    [
      'a: { upstream: users, get: /u, query: { x: $params.no } }',
      "calls.a.query.x: $params has no 'no'; it has id",
    ],
    ['a: { upstream: users, get: /u, query: { x: $query.no } }', "$query has no 'no'; it has nothing"],
    ['a: { upstream: users, get: /u, query: { x: $env.HOME } }', '$env is not known'],
    ['a: { upstream: users, get: /u, query: { x: $principal.token } }', "$principal has no 'token'"],
    [
      'a: { upstream: users, get: /u, query: { x: $principal.subject } }',
      'where anyone may call there may be no $principal',
    ],
    ['a: { upstream: users, get: /u, query: { x: $calls.b.id } }', "there is no call 'b'; there are a"],
    ['a: { upstream: users, get: /u, query: { x: $calls.a.id } }', 'it waits for itself'],
    ['a: { upstream: users, get: /u, pick: [__proto__] }', "calls.a.pick: '__proto__' is not a path"],
    ['a: { upstream: users, get: /u, pick: [b, b.c] }', 'picked as a whole and in parts'],
    ['a: { upstream: users, get: /u/../x }', 'calls.a.get: the path must look like'],
  ])('%s', (call, message) => {
    const access = message.includes('anyone') ? 'anyone' : 'signed-in';
    expect(faultOf(aggregate(`        ${call}`, access))).toContain(message);
  });
});

test('the published JSON Schema is the one of the code', () => {
  const published = readFileSync(new URL('../../../docs/routes.schema.json', import.meta.url), 'utf8');
  expect(JSON.parse(published), 'run `bffkit routes schema > docs/routes.schema.json`').toEqual(
    routesJsonSchema(),
  );
});
