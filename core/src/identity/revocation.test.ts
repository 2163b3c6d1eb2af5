import { Hono } from 'hono';
import { expect, test, vi } from 'vitest';
import { EventBus } from '../context/event-bus.ts';
import type { AuditFact } from '../context/events.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { type RevocationsOptions, revocations } from './revocation.ts';

const token = { issuer: 'https://idp.example', jti: 'token-1' };
const minute = 60_000;

/** Records that a test can hold up, break, and watch. */
function rig(options: RevocationsOptions = {}) {
  const clock = manualClock();
  const records = memoryRecords({ clock });
  const gaps: (() => void)[] = [];
  let state: 'fine' | 'broken' | 'slow' | 'slow and broken' = 'fine';
  let release = (): void => {};
  const broken = (): never => {
    throw new GatewayError('dependency-unavailable', { retryAfterMs: 1_000 });
  };
  const store: RecordStore = {
    ...records,
    get: vi.fn(async (key) => {
      if (state === 'broken') return broken();
      const asked = state;
      const found = await records.get(key);
      if (asked !== 'fine') {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
      }
      return asked === 'slow and broken' ? broken() : found;
    }),
    set: vi.fn(async (...args: Parameters<RecordStore['set']>) =>
      state === 'broken' ? broken() : records.set(...args),
    ),
    subscribe(channel, onMessage, onGap) {
      gaps.push(onGap);
      return records.subscribe(channel, onMessage, onGap);
    },
  };
  const open = () => revocations(store, { clock, ...options });
  return {
    clock,
    records,
    store,
    open,
    list: open(),
    expiresMs: clock.wallMs() + 10 * minute,
    asked: () => vi.mocked(store.get).mock.calls.length,
    become(next: typeof state) {
      state = next;
    },
    /** Lets the latest question that is held up go on. */
    release: () => release,
    gap() {
      for (const onGap of gaps) onGap();
    },
  };
}

test('a revoked token is refused on every instance, any other is not', async () => {
  const { list, open, expiresMs } = rig();
  const other = open();
  expect(await other.isRevoked(token)).toBe(false);
  await list.revoke({ ...token, expiresMs });
  expect(list.isRevoked(token)).toBe(true);
  expect(other.isRevoked(token)).toBe(true);
  expect(await open().isRevoked(token)).toBe(true);
  expect(await other.isRevoked({ ...token, jti: 'token-2' })).toBe(false);
  expect(await other.isRevoked({ ...token, issuer: 'https://other.example' })).toBe(false);
});

test('the record ends a minute after the token: clocks differ, and a token is accepted a little longer', async () => {
  const { list, open, clock, store, expiresMs } = rig();
  await list.revoke({ ...token, expiresMs });
  const [key, value, options] = vi.mocked(store.set).mock.calls[0] ?? [];
  expect(key).toMatch(/^deny:\{[\w-]{43}\}$/);
  expect([value, options]).toEqual([String(expiresMs), { ttlMs: 11 * minute }]);
  clock.advance(11 * minute - 1);
  expect(list.isRevoked(token)).toBe(true);
  expect(await open().isRevoked(token)).toBe(true);
  clock.advance(1);
  expect(await list.isRevoked(token)).toBe(false);
  expect(await open().isRevoked(token)).toBe(false);
});

test('neither issuer nor jti is in a key in clear, and no two tokens share one', async () => {
  const { list, store, expiresMs } = rig();
  await list.revoke({ issuer: 'a', jti: 'bc', expiresMs });
  await list.revoke({ issuer: 'ab', jti: 'c', expiresMs });
  const keys = vi.mocked(store.set).mock.calls.map(([key]) => key);
  expect(new Set(keys).size).toBe(2);
  expect(keys.join()).toMatch(/^deny:\{[\w-]{43}\},deny:\{[\w-]{43}\}$/);
});

test('a token that ended long ago needs no record', async () => {
  const { list, clock, store } = rig();
  await list.revoke({ ...token, expiresMs: clock.wallMs() - minute });
  expect(store.set).not.toHaveBeenCalled();
  await list.revoke({ ...token, expiresMs: clock.wallMs() - minute + 1 });
  expect(store.set).toHaveBeenCalledOnce();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, 8.64e15 + 1])(
  'an end of %d is refused',
  async (expiresMs) => {
    const { list, store } = rig();
    await expect(list.revoke({ ...token, expiresMs })).rejects.toThrow(
      /^revocations: expiresMs must be a (whole )?number from 0 to 8640000000000000, got/,
    );
    expect(store.set).not.toHaveBeenCalled();
  },
);

test('a part of a millisecond is rounded up, so that every instance reads the same end', async () => {
  const { list, store, open, expiresMs } = rig();
  const other = open();
  await list.revoke({ ...token, expiresMs: expiresMs - 0.5 });
  expect(vi.mocked(store.set).mock.calls[0]?.[1]).toBe(String(expiresMs));
  expect(other.isRevoked(token)).toBe(true);
});

test('a clearance is remembered for less than five seconds, counted from the question', async () => {
  const { list, asked, clock, become, release } = rig();
  become('slow');
  const asking = list.isRevoked(token);
  await vi.waitFor(() => expect(asked()).toBe(1));
  clock.advance(2_000);
  await new Promise(setImmediate);
  release()();
  expect(await asking).toBe(false);
  become('fine');
  clock.advance(2_499);
  expect(list.isRevoked(token)).toBe(false);
  clock.advance(1);
  expect(await list.isRevoked(token)).toBe(false);
  expect(asked()).toBe(2);
});

test('many who ask for the same token at once ask the records once', async () => {
  const { list, asked } = rig();
  const answers = await Promise.all(Array.from({ length: 20 }, async () => list.isRevoked(token)));
  expect(new Set(answers)).toEqual(new Set([false]));
  expect(asked()).toBe(1);
});

test('a revocation that overtakes the answer to an older question wins', async () => {
  const { list, open, become, release, expiresMs } = rig();
  const other = open();
  become('slow');
  const asking = other.isRevoked(token);
  await new Promise(setImmediate);
  await list.revoke({ ...token, expiresMs });
  release()();
  expect(await asking).toBe(true);
  expect(other.isRevoked(token)).toBe(true);
});

test('a refusal that was asked for is remembered', async () => {
  const { list, open, asked, expiresMs } = rig();
  await list.revoke({ ...token, expiresMs });
  const other = open();
  expect(await other.isRevoked(token)).toBe(true);
  expect(other.isRevoked(token)).toBe(true);
  expect(asked()).toBe(1);
});

test('after a gap every clearance is asked anew, and no refusal is forgotten', async () => {
  const { list, asked, gap, expiresMs } = rig();
  const denied = { ...token, jti: 'token-2' };
  await list.revoke({ ...denied, expiresMs });
  expect(await list.isRevoked(token)).toBe(false);
  expect(list.isRevoked(token)).toBe(false);
  gap();
  expect(list.isRevoked(denied)).toBe(true);
  expect(await list.isRevoked(token)).toBe(false);
  expect(asked()).toBe(2);
});

test('an answer to a question from before a gap clears nobody', async () => {
  const { list, asked, gap, become, release } = rig();
  become('slow');
  const before = list.isRevoked(token);
  await new Promise(setImmediate);
  gap();
  const releaseFirst = release();
  become('fine');
  const after = list.isRevoked(token);
  expect(asked()).toBe(2);
  expect(await after).toBe(false);
  releaseFirst();
  expect(await before).toBe(false);
  expect(list.isRevoked(token)).toBe(false); // by the second answer
});

test('an answer from before a gap ends no question from after it', async () => {
  const { list, asked, gap, become, release } = rig();
  become('slow');
  const before = list.isRevoked(token);
  await new Promise(setImmediate);
  const releaseBefore = release();
  gap();
  const after = list.isRevoked(token);
  await new Promise(setImmediate);
  releaseBefore();
  await before;
  const joined = list.isRevoked(token);
  release()();
  expect([await after, await joined, asked()]).toEqual([false, false, 2]);
});

test('an answer from before a gap does not clear later callers', async () => {
  const { list, asked, gap, become, release } = rig();
  become('slow');
  const before = list.isRevoked(token);
  await new Promise(setImmediate);
  gap();
  become('fine');
  release()();
  expect(await before).toBe(false);
  expect(await list.isRevoked(token)).toBe(false);
  expect(asked()).toBe(2);
});

test.each(['deny:{short} 1', 'x<key> <end>', '<key> <end>x', '<key>'])(
  'the message %s is none, and counts as a gap',
  async (form) => {
    const { list, open, asked, records, store, expiresMs } = rig();
    await open().revoke({ ...token, jti: 'token-2', expiresMs });
    const key = vi.mocked(store.set).mock.calls[0]?.[0] ?? '';
    const other = { ...token, jti: 'token-2' };
    await records.delete(key);
    const fresh = open();
    expect([await list.isRevoked(token), await fresh.isRevoked(other)]).toEqual([false, false]);
    await records.publish('revocations', form.replace('<key>', key).replace('<end>', String(expiresMs)));
    expect([await list.isRevoked(token), await fresh.isRevoked(other)]).toEqual([false, false]);
    expect(asked()).toBe(4);
  },
);

test('while the records cannot be asked, what is known holds and the rest is 503', async () => {
  const { list, clock, become, expiresMs } = rig();
  const [cleared, denied] = [
    { ...token, jti: 'cleared' },
    { ...token, jti: 'denied' },
  ];
  await list.isRevoked(cleared);
  await list.revoke({ ...denied, expiresMs });
  become('broken');
  expect(list.isRevoked(cleared)).toBe(false);
  expect(list.isRevoked(denied)).toBe(true);
  await expect(list.isRevoked(token)).rejects.toMatchObject({ code: 'dependency-unavailable' });
  clock.advance(4_500);
  await expect(list.isRevoked(cleared)).rejects.toMatchObject({ code: 'dependency-unavailable' });
  become('fine');
  expect(await list.isRevoked(cleared)).toBe(false);
});

test('an open list accepts what it knows nothing about, and asks again', async () => {
  const { list, become, expiresMs, asked } = rig({ onStoreError: 'open' });
  const denied = { ...token, jti: 'denied' };
  await list.revoke({ ...denied, expiresMs });
  become('broken');
  expect(await list.isRevoked(token)).toBe(false);
  expect(list.isRevoked(denied)).toBe(true);
  become('fine');
  expect(await list.isRevoked(token)).toBe(false);
  expect(asked()).toBe(2);
});

test('a refusal that is heard while the question fails is a refusal', async () => {
  const { list, open, become, release, expiresMs } = rig();
  const other = open();
  become('slow and broken');
  const asking = other.isRevoked(token);
  await new Promise(setImmediate);
  become('fine');
  await list.revoke({ ...token, expiresMs });
  release()();
  expect(await asking).toBe(true);
});

test('a revocation that could not be written fails and refuses nothing', async () => {
  const { list, become, expiresMs } = rig();
  become('broken');
  await expect(list.revoke({ ...token, expiresMs })).rejects.toMatchObject({
    code: 'dependency-unavailable',
  });
  become('fine');
  expect(await list.isRevoked(token)).toBe(false);
});

test('a revocation that was written but not told stands; others learn of it in five seconds', async () => {
  const { open, store, clock, expiresMs } = rig();
  const [mute, other] = [
    revocations({ ...store, publish: () => Promise.reject(new Error('lost')) }, { clock }),
    open(),
  ];
  expect(await other.isRevoked(token)).toBe(false);
  await mute.revoke({ ...token, expiresMs });
  expect(mute.isRevoked(token)).toBe(true);
  clock.advance(4_499);
  expect(other.isRevoked(token)).toBe(false);
  clock.advance(1);
  expect(await other.isRevoked(token)).toBe(true);
});

test('a record with an end that cannot be read refuses', async () => {
  const { list, store, records, expiresMs } = rig();
  await list.revoke({ ...token, expiresMs });
  const key = vi.mocked(store.set).mock.calls[0]?.[0] ?? '';
  await records.set(key, 'rubbish');
  const fresh = revocations(store);
  expect(await fresh.isRevoked(token)).toBe(true);
  expect(await fresh.isRevoked(token)).toBe(true);
});

test('a closed list hears nothing more', async () => {
  const { list, open, expiresMs } = rig();
  const other = open();
  await other.isRevoked(token);
  other.close();
  await list.revoke({ ...token, expiresMs });
  expect(other.isRevoked(token)).toBe(false);
});

test.each([
  [{ onStoreError: 'local' }, "revocations: onStoreError must be closed or open, got 'local'"],
  [{ onError: 'open' }, "revocations: unknown option 'onError'"],
])('%j is refused at boot', (options, message) => {
  expect(() => revocations(memoryRecords(), options as RevocationsOptions)).toThrow(message);
});

function adminRig() {
  const parts = rig();
  const facts: AuditFact[] = [];
  const events = new EventBus();
  events.on('audit', (fact) => facts.push(fact));
  parts.list.watch(events);
  const app = new Hono();
  app.onError(() => new Response(undefined, { status: 500 }));
  parts.list.admin.mount(app);
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    app.request('/revocations', {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'bff-actor': 'ben', ...headers },
    });
  return { ...parts, facts, post };
}

test('an operator revokes on the admin port, and it is kept for the audit', async () => {
  const { list, post, facts, clock, expiresMs } = adminRig();
  const expiresAt = new Date(expiresMs).toISOString();
  const answer = await post({ ...token, expiresAt }, { 'bff-actor': 'ada' });
  expect([answer.status, await answer.json()]).toEqual([200, { ...token, revokedUntil: expiresAt }]);
  expect(list.isRevoked(token)).toBe(true);
  expect(facts).toEqual([
    {
      actor: 'ada',
      action: 'token.revoke',
      target: expect.stringMatching(/^deny:\{[\w-]{43}\}$/),
      atMs: clock.wallMs(),
      details: { ...token, expiresAt },
    },
  ]);
  expect(list.admin.pages).toEqual(['/revocations']);
});

test('the end may be a date of any place', async () => {
  const { list, post, expiresMs } = adminRig();
  const expiresAt = new Date(expiresMs + 120 * minute).toISOString().replace('Z', '+02:00');
  const answer = await post({ ...token, expiresAt });
  expect(await answer.json()).toEqual({ ...token, revokedUntil: new Date(expiresMs).toISOString() });
  expect(list.isRevoked(token)).toBe(true);
});

test('the end may be the number of the exp claim', async () => {
  const { list, post, expiresMs } = adminRig();
  expect((await post({ ...token, expiresAt: expiresMs / 1_000 })).status).toBe(200);
  expect(list.isRevoked(token)).toBe(true);
});

test.each(['', 'a'.repeat(65), 'ada lovelace'])(
  'an actor %j answers 400 and revokes nothing',
  async (actor) => {
    const { post, store, facts, expiresMs } = adminRig();
    const answer = await post({ ...token, expiresAt: expiresMs / 1_000 }, { 'bff-actor': actor });
    expect([answer.status, await answer.json()]).toEqual([
      400,
      { error: 'Bff-Actor must say who does this, in 1 to 64 visible characters' },
    ]);
    expect(store.set).not.toHaveBeenCalled();
    expect(facts).toEqual([]);
  },
);

test('a revocation of the gateway itself is kept for the audit, too', async () => {
  const { list, facts, expiresMs } = adminRig();
  await list.revoke({ ...token, expiresMs });
  expect(facts.map(({ actor }) => actor)).toEqual(['gateway']);
});

test.each([
  ['no JSON', '{'],
  ['no end', { ...token }],
  ['no jti', { issuer: 'a', expiresAt: 1_800_000_000 }],
  ['an empty jti', { issuer: 'a', jti: '', expiresAt: 1_800_000_000 }],
  ['a control character', { issuer: 'a\u0000b', jti: 'c', expiresAt: 1_800_000_000 }],
  ['a long issuer', { issuer: 'a'.repeat(1_025), jti: 'c', expiresAt: 1_800_000_000 }],
  ['milliseconds', { ...token, expiresAt: 1_800_000_000_000 }],
  ['a date that is none', { ...token, expiresAt: 'tomorrow' }],
  ['a date without an offset', { ...token, expiresAt: '2026-11-01T00:00:00' }],
  ['an unknown field', { ...token, expiresAt: 1_800_000_000, scope: 'all' }],
])('%s answers 400 and revokes nothing', async (_what, body) => {
  const { post, store, facts } = adminRig();
  const answer = await post(body);
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({ error: 'issuer, jti and expiresAt are required' }),
  ]);
  expect(store.set).not.toHaveBeenCalled();
  expect(facts).toEqual([]);
});

test('a form from a page in the operator’s browser answers 415', async () => {
  const { post, store, expiresMs } = adminRig();
  const body = { ...token, expiresAt: expiresMs / 1_000 };
  const answer = await post(body, { 'content-type': 'text/plain' });
  expect([answer.status, await answer.json()]).toEqual([415, { error: 'the body must be application/json' }]);
  expect((await post(body, { 'content-type': 'text/plain; application/json' })).status).toBe(415);
  expect((await post(body, { 'content-type': 'application/jsonp' })).status).toBe(415);
  expect((await post(body, { 'content-type': '' })).status).toBe(415);
  expect(store.set).not.toHaveBeenCalled();
  expect((await post(body, { 'content-type': 'application/json; charset=utf-8' })).status).toBe(200);
});

test('a body of more than 8 KiB answers 413', async () => {
  const { post } = adminRig();
  const answer = await post({ ...token, jti: 'x'.repeat(9_000) });
  expect([answer.status, await answer.json()]).toEqual([
    413,
    { error: 'the body must have at most 8192 bytes' },
  ]);
});

test('a revocation that cannot be written answers 503, and is no fact', async () => {
  const { post, become, facts, expiresMs } = adminRig();
  become('broken');
  const answer = await post({ ...token, expiresAt: expiresMs / 1_000 });
  expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
    503,
    '1',
    { error: 'the records cannot be written now; try again' },
  ]);
  expect(facts).toEqual([]);
});

test('what the records throw by mistake is not taken for an outage', async () => {
  const { post, store, expiresMs } = adminRig();
  vi.mocked(store.set).mockRejectedValueOnce(new TypeError('a mistake'));
  const answer = await post({ ...token, expiresAt: expiresMs / 1_000 });
  expect([answer.status, answer.headers.get('retry-after'), await answer.text()]).toEqual([500, null, '']);
});
