import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineBff } from './bff.ts';
import type { RequestFact } from './context/events.ts';
import { endpoint } from './endpoint/endpoint.ts';
import { type Access, allOf, anyone, roles, scopes, signedIn } from './identity/access.ts';
import type { Authenticator } from './identity/authenticator.ts';
import { GatewayError } from './problem/gateway-error.ts';
import { asCaller, testCallers } from './testing/callers.ts';
import { testBff } from './testing/test-bff.ts';

const Who = z.object({ subject: z.string(), tenant: z.string().nullable() });
const at = (access: Access, query?: z.ZodObject) =>
  endpoint('GET', '/who', {
    summary: 'Who.',
    deadlineMs: 1_000,
    access,
    ...(query === undefined ? {} : { query }),
  }).handle(Who, async ({ principal }) => ({
    subject: principal?.subject ?? 'nobody',
    tenant: principal?.tenant ?? null,
  }));

/** An authenticator that does `judge` with every request that has a credential. */
const judging = (judge: Authenticator['authenticate']): Authenticator => ({
  name: 'judging',
  challenge: 'Bearer, DPoP algs="ES256"',
  authenticate: (context) =>
    context.inbound.header('authorization') === undefined ? undefined : judge(context),
});
const credential = { headers: { authorization: 'Bearer a.b.c' } };

describe('a BFF without identity', () => {
  const boot = (access: Access) => () =>
    defineBff({ name: 'open', owner: '@acme/open', upstreams: [], endpoints: [at(access)] });

  test.each([signedIn(), scopes('a'), roles('r'), allOf(scopes('a'), roles('r'))])(
    'does not start with an endpoint that needs a caller: %o',
    (access) => {
      expect(boot(access)).toThrow(
        new RangeError(
          'GET /who: access needs a caller and the BFF has no identity; add one to identity, or declare anyone()',
        ),
      );
    },
  );

  test('serves what is open to anyone, and still takes no credential', async () => {
    const { app } = boot(anyone())();
    expect((await app.request('/who')).status).toBe(200);
    expect((await app.request('/who', credential)).status).toBe(401);
    expect((await app.request('/who?access_token=x')).status).toBe(400);
  });
});

test('an endpoint that takes a credential in its query does not start', () => {
  const wrong = at(anyone(), z.object({ api_key: z.string() }));
  expect(() => testBff([wrong], {})).toThrow(
    new RangeError(
      "GET /who: query must not take 'api_key': credentials belong into the Authorization header",
    ),
  );
});

test('an endpoint may have a token of its own in its query', async () => {
  const { app } = testBff([at(anyone(), z.object({ token: z.string() }))], {});
  expect((await app.request('/who?token=of-a-mail')).status).toBe(200);
});

describe('a refused credential', () => {
  const refused = (): never => {
    throw new GatewayError('invalid-token', {
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  };

  test.each<[string, Authenticator['authenticate']]>([
    ['thrown', refused],
    ['rejected', async () => refused()],
  ])('that is %s is 401 with the name of the BFF, also where anyone may call', async (_how, judge) => {
    const { app } = testBff([at(anyone())], {}, { identity: [judging(judge)] });
    const answer = await app.request('/who', credential);
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer realm="test", error="invalid_token"',
    ]);
  });

  test.each<[string, Authenticator['authenticate']]>([
    ['thrown', refused],
    ['rejected', async () => refused()],
  ])('that is %s is charged to the address, which is then not listened to', async (_how, judge) => {
    let judged = 0;
    const counting = judging((context) => {
      judged += 1;
      return judge(context);
    });
    const { app } = testBff([at(anyone())], {}, { identity: [counting] });
    const statuses: number[] = [];
    for (let guess = 0; guess < 150; guess += 1)
      statuses.push((await app.request('/who', credential)).status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect(judged).toBeLessThan(150);
    expect((await app.request('/who')).status).toBe(200);
  });

  test('that nobody could judge is 503, and not charged to anyone', async () => {
    const away = new GatewayError('dependency-unavailable', { retryAfterMs: 5_000 });
    const { app } = testBff([at(anyone())], {}, { identity: [judging(() => Promise.reject(away))] });
    for (let guess = 0; guess < 150; guess += 1) {
      expect((await app.request('/who', credential)).status).toBe(503);
    }
  });

  test('in the wrong place is 400, and not charged to anyone', async () => {
    const { app } = testBff([at(anyone())], {});
    for (let guess = 0; guess < 150; guess += 1) {
      expect((await app.request('/who?access_token=x', credential)).status).toBe(400);
    }
  });
});

test('nobody is told every way to sign in, each with the name of the BFF', async () => {
  const { app } = testBff([at(signedIn())], {}, { identity: [judging(() => undefined), testCallers()] });
  expect((await app.request('/who')).headers.get('www-authenticate')).toBe(
    'Bearer realm="test", DPoP realm="test", algs="ES256", Bearer realm="test"',
  );
});

test.each([
  ['Bearer', 'Bearer realm="test", error="insufficient_scope", scope="admin"'],
  ['DPoP', 'DPoP realm="test", error="insufficient_scope", scope="admin"'],
  ['dpop', 'DPoP realm="test", error="insufficient_scope", scope="admin"'],
])('who came with %s and lacks a scope is told so in that scheme', async (scheme, challenge) => {
  const ada = {
    kind: 'user',
    subject: 'ada',
    clientId: 'app',
    scopes: new Set<string>(),
    tenant: undefined,
  } as const;
  const { app } = testBff([at(scopes('admin'))], {}, { identity: [judging(() => ada)] });
  const answer = await app.request('/who', { headers: { authorization: `${scheme} a.b.c` } });
  expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([403, challenge]);
});

test('a plain answer reads its own form: nobody looks into it before', async () => {
  const form = endpoint('POST', '/form', { summary: 'Form.', deadlineMs: 1_000, access: anyone() }).answer(
    async ({ context }) => {
      let text = '';
      for await (const piece of context.inbound.body() ?? []) text += Buffer.from(piece).toString();
      return { status: 200, body: text };
    },
  );
  const { app } = testBff([form], {});
  const answer = await app.request('/form', { method: 'POST', body: new URLSearchParams({ token: 'mine' }) });
  expect([answer.status, await answer.text()]).toEqual([200, 'token=mine']);
});

test('a form with a credential is 400 where no form is read, whoever sends it', async () => {
  const post = endpoint('POST', '/who', { summary: 'Who.', deadlineMs: 1_000, access: anyone() });
  const { app } = testBff([post.handle(Who, async () => ({ subject: '', tenant: null }))], {});
  const send = (form: Record<string, string>) =>
    app.request('/who', { method: 'POST', body: new URLSearchParams(form), headers: asCaller('ada') });
  const answer = await send({ access_token: 'x' });
  expect([answer.status, (await answer.json()).code]).toEqual([400, 'credential-in-url']);
  expect((await send({ page: '1' })).status).toBe(200);
});

test('a form that does not come is the fault of its sender', async () => {
  const body = new ReadableStream({ pull: () => new Promise(() => {}) });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const request = new Request('http://bff.test/who', {
    method: 'POST',
    headers,
    body,
    duplex: 'half',
  } as RequestInit);
  const post = endpoint('POST', '/who', { summary: 'Who.', deadlineMs: 1_000, access: anyone() });
  const slow = testBff([post.handle(Who, async () => ({ subject: '', tenant: null }))], {});
  const answer = slow.app.request(request);
  await new Promise(setImmediate);
  slow.clock.advance(1_000);
  expect((await answer).status).toBe(408);
  expect(slow.liveRequests()).toBe(0);
});

describe('the tenant', () => {
  test('comes from the credential: nothing in the request names another', async () => {
    const bff = testBff([at(signedIn())], {});
    const headers = {
      ...asCaller({ subject: 'ada', tenant: 'acme' }),
      'x-tenant': 'evil',
      'x-tenant-id': 'evil',
      tenant: 'evil',
      cookie: 'tenant=evil',
    };
    expect(await (await bff.app.request('/who', { headers })).json()).toEqual({
      subject: 'ada',
      tenant: 'acme',
    });
    const { tenant: _none, ...nobodys } = { ...headers, ...asCaller('bob') };
    expect(await (await bff.app.request('/who', { headers: nobodys })).json()).toEqual({
      subject: 'bob',
      tenant: null,
    });
    expect((await bff.app.request('/who?tenant=evil', { headers })).status).toBe(400);
  });

  test('is in the facts of the request, and absent where there is none', async () => {
    const bff = testBff([at(anyone())], {});
    const callers: unknown[] = [];
    bff.events.on('request', ({ principal }: RequestFact) => callers.push(principal));
    await bff.app.request('/who', { headers: asCaller({ subject: 'ada', tenant: 'acme', kind: 'partner' }) });
    await bff.app.request('/who', { headers: asCaller('bob') });
    await bff.app.request('/who');
    expect(callers).toEqual([
      { kind: 'partner', id: 'ada', key: expect.any(String) as string, tenant: 'acme' },
      { kind: 'user', id: 'bob' },
      undefined,
    ]);
  });

  test('counts by itself: one tenant leaves another its limit', async () => {
    const bff = testBff([at(signedIn())], {});
    const left = async (tenant: string): Promise<string | null> => {
      const headers = asCaller({ subject: 'ada', tenant });
      return (await bff.app.request('/who', { headers })).headers.get('x-ratelimit-remaining');
    };
    expect([await left('acme'), await left('acme'), await left('other')]).toEqual(['99', '98', '99']);
  });
});

test('a role is asked of the caller, alone and together with scopes', async () => {
  const statusFor = async (access: Access, caller: Parameters<typeof asCaller>[0]): Promise<number> =>
    (await testBff([at(access)], {}).app.request('/who', { headers: asCaller(caller) })).status;
  const support = { subject: 'ada', roles: ['support'], scopes: ['orders:read'] };
  expect(await statusFor(roles('support'), support)).toBe(200);
  expect(await statusFor(roles('support'), 'ada')).toBe(403);
  expect(await statusFor(allOf(scopes('orders:read'), roles('support')), support)).toBe(200);
  expect(await statusFor(allOf(scopes('orders:read'), roles('support')), { ...support, scopes: [] })).toBe(
    403,
  );
});

test('roles stand in the graph', () => {
  const { graph } = testBff([at(allOf(scopes('orders:read'), roles('support')))], {});
  expect(graph.endpoints[0]?.access).toEqual({ kind: 'all-of', scopes: ['orders:read'], roles: ['support'] });
});
