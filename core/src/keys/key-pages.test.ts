import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { AuditFact } from '../context/events.ts';
import { type KeyRig, keyRig } from '../testing/key-rig.ts';

const order = { partner: 'acme', scopes: ['orders:read'] };

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Pages extends KeyRig {
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

function pagesRig(options: Parameters<typeof keyRig>[0] = {}): Pages {
  const rig = keyRig(options);
  const app = new Hono();
  rig.ways.admin?.mount(app);
  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const { status, headers, ...answer } = await read(await app.request(path, init));
    return { status, headers, ...answer };
  };
  return {
    ...rig,
    get: (path) => ask(path),
    post: (path, body, headers = { 'bff-actor': 'ada' }) =>
      ask(path, {
        method: 'POST',
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
  };
}

async function read(answer: Response): Promise<Answer> {
  return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
}

/** Makes a key by the pages. */
async function made(
  pages: Pages,
  terms: object = order,
): Promise<{ readonly id: string; readonly key: string }> {
  return (await pages.post('/keys', terms)).body as never;
}

describe('making a key', () => {
  test('answers 201 with the key, the only time it is shown', async () => {
    const pages = pagesRig();
    const terms = { ...order, plan: 'pro', tenant: 'eu', environment: 'test', ipAllow: ['10.0.0.0/8'] };
    const { status, headers, body } = await pages.post('/keys', { ...terms, expiresInSeconds: 3_600 });
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { id, key } = body as { id: string; key: string };
    const described = {
      ...terms,
      id,
      shown: `bffk_test_${id}`,
      state: 'active',
      createdAt: '2026-11-01T00:00:00.000Z',
      expiresAt: '2026-11-01T01:00:00.000Z',
    };
    expect(body).toEqual({ ...described, key });
    const shown = await pages.get(`/keys/${id}`);
    expect([shown.status, shown.body]).toEqual([200, described]);
    expect(shown.headers.get('cache-control')).toBe('no-store');
  });

  test('gives one that works', async () => {
    const pages = pagesRig();
    const { key } = await made(pages);
    expect((await pages.call(key)).status).toBe(200);
  });

  test.each<[string, unknown, readonly string[]]>([
    ['nothing', {}, ['/partner', '/scopes']],
    ['a partner that is none', { ...order, partner: 'a b' }, ['/partner']],
    ['a scope that is none', { ...order, scopes: ['orders:read', 'all'] }, ['/scopes/1']],
    ['a range that is none', { ...order, ipAllow: ['10.0.0.0/33'] }, ['/ipAllow/0']],
    ['no range', { ...order, ipAllow: [] }, ['/ipAllow']],
    ['an environment that is none', { ...order, environment: 'LIVE' }, ['/environment']],
    ['a plan that is not there', { ...order, plan: 'gold' }, ['/plan']],
    ['an end in the past', { ...order, expiresInSeconds: 0 }, ['/expiresInSeconds']],
    ['an end in eleven years', { ...order, expiresInSeconds: 11 * 365 * 86_400 }, ['/expiresInSeconds']],
    ['a typing error', { ...order, scope: [] }, ['/']],
    ['a list', [], ['/']],
  ])('refuses %s', async (_what, body, pointers) => {
    const pages = pagesRig({ keys: { plans: ['free', 'pro'] } });
    const answer = await pages.post('/keys', body);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
    const errors = answer.body.errors as readonly { pointer: string }[];
    expect([answer.body.code, errors.map(({ pointer }) => pointer)]).toEqual(['validation-failed', pointers]);
    expect((await pages.keys.list()).keys).toEqual([]);
  });

  test('takes a plan that is there, or none', async () => {
    const pages = pagesRig({ keys: { plans: ['free', 'pro'] } });
    expect((await pages.post('/keys', { ...order, plan: 'pro' })).status).toBe(201);
    expect((await pages.post('/keys', order)).status).toBe(201);
    expect((await pages.post('/keys', { ...order, plan: 'gold' })).body.errors).toEqual([
      { pointer: '/plan', detail: 'must be one of free, pro' },
    ]);
  });

  test.each([
    ['a body that is no JSON', '{', {}, 400, 'invalid-json'],
    ['another type', '{}', { 'content-type': 'text/plain' }, 415, 'unsupported-media-type'],
    ['no type', '{}', { 'content-type': '' }, 415, 'unsupported-media-type'],
    ['a type like it', '{}', { 'content-type': 'application/jsonx' }, 415, 'unsupported-media-type'],
    [
      'it as a parameter',
      '{}',
      { 'content-type': 'text/plain; application/json' },
      415,
      'unsupported-media-type',
    ],
    ['16 KiB', `"${'x'.repeat(16_384)}"`, {}, 413, 'body-too-large'],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    const answer = await pagesRig().post('/keys', body, { 'bff-actor': 'ada', ...headers });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    if (status === 415) expect(answer.body.detail).toBe('The body must be application/json.');
  });

  test('a partner has five hundred keys at most', async () => {
    const pages = pagesRig();
    for (let count = 0; count < 500; count += 1) await pages.keys.create(order, 'ada');
    const answer = await pages.post('/keys', order);
    expect([answer.status, answer.body.detail]).toEqual([409, 'A partner has at most 500 keys.']);
    expect((await pages.post('/keys', { ...order, partner: 'other' })).status).toBe(201);
  });
});

describe('who does it', () => {
  test.each([
    ['nobody', {}],
    ['an empty name', { 'bff-actor': '' }],
    ['a name with a space', { 'bff-actor': 'a b' }],
    ['a name that is too long', { 'bff-actor': 'a'.repeat(65) }],
  ])('must be said: %s changes nothing', async (_who, headers) => {
    const pages = pagesRig();
    const { id } = await pages.keys.create(order, 'ada');
    for (const path of ['/keys', `/keys/${id}/rotate`, `/keys/${id}/revoke`]) {
      const answer = await pages.post(path, order, headers);
      expect([answer.status, answer.body.code]).toEqual([400, 'bad-request-header']);
      expect(answer.body.detail).toBe('Bff-Actor must say who does this, in 1 to 64 visible characters.');
    }
    expect((await pages.keys.list()).keys).toMatchObject([{ id, state: 'active' }]);
  });

  test('stands in the audit', async () => {
    const pages = pagesRig();
    const audit: AuditFact[] = [];
    pages.bff.events.on('audit', (fact) => audit.push(fact));
    const actor = { 'bff-actor': 'a'.repeat(64) };
    const { body } = await pages.post('/keys', order, actor);
    await pages.post(`/keys/${body.id}/rotate`, {}, actor);
    await pages.post(`/keys/${body.id}/revoke`, {}, actor);
    expect(audit.map(({ action, actor }) => [action, actor])).toEqual(
      ['key.create', 'key.rotate', 'key.revoke'].map((action) => [action, actor['bff-actor']]),
    );
  });
});

describe('lists', () => {
  test('have all keys, oldest first, or those of one partner', async () => {
    const pages = pagesRig();
    const ids: string[] = [];
    for (const partner of ['acme', 'other', 'acme', 'acme', 'other', 'acme', 'acme', 'acme']) {
      ids.push((await made(pages, { ...order, partner })).id);
      pages.clock.advance(1_000);
    }
    const listed = async (path: string): Promise<unknown> => {
      const { keys } = (await pages.get(path)).body as { keys: readonly { id: string }[] };
      return keys.map(({ id }) => id);
    };
    expect(await listed('/keys')).toEqual(ids);
    expect(await listed('/keys?partner=other')).toEqual([ids[1], ids[4]]);
    expect(await listed('/keys?partner=nobody')).toEqual([]);
  });

  test('refuse a partner that cannot be one', async () => {
    const answer = await pagesRig().get('/keys?partner=%7B');
    expect([answer.status, answer.body.code]).toEqual([400, 'validation-failed']);
    expect(answer.body.errors).toEqual([{ pointer: '/partner', detail: 'is no partner' }]);
  });
});

describe('a key that is not there', () => {
  test('is named where its id could be one, and nothing else is repeated', async () => {
    const pages = pagesRig();
    expect((await pages.get('/keys/aaaaaaaaaaaa')).body.detail).toBe("There is no key 'aaaaaaaaaaaa'.");
    expect((await pages.get('/keys/canary')).body.detail).toBe('The id of a key is 12 letters or digits.');
  });

  test('is not, although somebody notes a use of it', async () => {
    const pages = pagesRig();
    await pages.records.set('key:{aaaaaaaaaaaa}:used', '1');
    expect((await pages.get('/keys/aaaaaaaaaaaa')).status).toBe(404);
  });

  test.each(['aaaaaaaaaaaa', 'short', 'bffk_live_aaaaaaaaaaaa', '__proto__'])('%s is 404', async (id) => {
    const pages = pagesRig();
    expect((await pages.get(`/keys/${id}`)).status).toBe(404);
    for (const verb of ['rotate', 'revoke']) {
      const answer = await pages.post(`/keys/${id}/${verb}`);
      expect([answer.status, answer.body.code]).toEqual([404, 'not-found']);
    }
  });
});

describe('rotating', () => {
  test('answers 201 with the new key; the old one works a day unless told otherwise', async () => {
    const pages = pagesRig();
    const old = await made(pages);
    const answer = await pages.post(`/keys/${old.id}/rotate`);
    expect([answer.status, (await pages.call(answer.body.key as string)).status]).toEqual([201, 200]);
    expect((await pages.get(`/keys/${old.id}`)).body).toMatchObject({
      state: 'replaced',
      replacedBy: answer.body.id,
      graceUntil: '2026-11-02T00:00:00.000Z',
    });
  });

  test.each([
    [{ overlapSeconds: 0 }, '2026-11-01T00:00:00.000Z', 'expired'],
    [{ overlapSeconds: 30 * 86_400 }, '2026-12-01T00:00:00.000Z', 'replaced'],
  ])('%j', async (body, graceUntil, state) => {
    const pages = pagesRig();
    const old = await made(pages);
    expect((await pages.post(`/keys/${old.id}/rotate`, body)).status).toBe(201);
    expect((await pages.get(`/keys/${old.id}`)).body).toMatchObject({ state, graceUntil });
  });

  test.each([
    { overlapSeconds: -1 },
    { overlapSeconds: 30 * 86_400 + 1 },
    { overlap: 1 },
    { overlapSeconds: '1' },
  ])('refuses %j', async (body) => {
    const pages = pagesRig();
    const { id } = await made(pages);
    expect((await pages.post(`/keys/${id}/rotate`, body)).status).toBe(400);
    expect((await pages.get(`/keys/${id}`)).body).toMatchObject({ state: 'active' });
  });

  test('is refused for a key that was replaced, revoked or has expired', async () => {
    const pages = pagesRig();
    const replaced = await made(pages);
    const revoked = await made(pages);
    const expired = await made(pages, { ...order, expiresInSeconds: 1 });
    const { body } = await pages.post(`/keys/${replaced.id}/rotate`);
    await pages.post(`/keys/${revoked.id}/revoke`);
    pages.clock.advance(1_000);
    const refusalOf = async (id: string): Promise<unknown> => {
      const answer = await pages.post(`/keys/${id}/rotate`);
      return [answer.status, answer.body.detail];
    };
    expect(await refusalOf(replaced.id)).toEqual([409, `The key was replaced by '${body.id}'.`]);
    expect(await refusalOf(revoked.id)).toEqual([409, 'The key was revoked.']);
    expect(await refusalOf(expired.id)).toEqual([409, 'The key has expired.']);
    expect((await pages.keys.list()).keys).toHaveLength(4);
  });

  test('by two at once makes one new key', async () => {
    const pages = pagesRig();
    const { id } = await made(pages);
    const answers = await Promise.all([pages.post(`/keys/${id}/rotate`), pages.post(`/keys/${id}/rotate`)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409]);
    const { keys } = await pages.keys.list('acme');
    expect(keys.map(({ state }) => state).toSorted()).toEqual(['active', 'replaced']);
    const loser = answers.find(({ status }) => status === 409);
    expect(loser?.body.detail).toBe('Somebody else just replaced or revoked this key.');
  });
});

describe('revoking', () => {
  test('ends a key, and saying it again changes nothing', async () => {
    const pages = pagesRig();
    const { id, key } = await made(pages);
    const first = await pages.post(`/keys/${id}/revoke`, {});
    expect([first.status, first.body]).toMatchObject([
      200,
      { id, state: 'revoked', revokedAt: '2026-11-01T00:00:00.000Z' },
    ]);
    pages.clock.advance(60_000);
    expect((await pages.post(`/keys/${id}/revoke`)).body).toEqual(first.body);
    expect((await pages.call(key)).status).toBe(401);
  });

  test('wins against a rotation at the same time', async () => {
    const pages = pagesRig();
    const { id, key } = await made(pages);
    await Promise.all([pages.post(`/keys/${id}/rotate`), pages.post(`/keys/${id}/revoke`)]);
    expect((await pages.get(`/keys/${id}`)).body).toMatchObject({ state: 'revoked' });
    expect((await pages.call(key)).status).toBe(401);
  });

  test('a replaced key ends its overlap, and the new one goes on', async () => {
    const pages = pagesRig();
    const old = await made(pages);
    const fresh = (await pages.post(`/keys/${old.id}/rotate`)).body as { id: string; key: string };
    expect((await pages.post(`/keys/${old.id}/revoke`)).body).toMatchObject({ replacedBy: fresh.id });
    expect([(await pages.call(old.key)).status, (await pages.call(fresh.key)).status]).toEqual([401, 200]);
  });

  test('takes no body', async () => {
    const pages = pagesRig();
    const { id } = await made(pages);
    expect((await pages.post(`/keys/${id}/revoke`, { id })).status).toBe(400);
  });
});

test('the pages are told apart from those of others by their path', () => {
  expect(pagesRig().ways.admin?.pages).toEqual(['/keys']);
});

test('while the records are away every page is 503 with a time to try again', async () => {
  const pages = pagesRig();
  const { id } = await made(pages);
  pages.records.isAway = true;
  const answers = [
    await pages.get('/keys'),
    await pages.get(`/keys/${id}`),
    await pages.post('/keys', order),
    await pages.post(`/keys/${id}/rotate`),
    await pages.post(`/keys/${id}/revoke`),
  ];
  for (const { status, headers, body } of answers) {
    expect([status, headers.get('retry-after'), body.code]).toEqual([503, '1', 'dependency-unavailable']);
  }
});
