import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { KeyCache, type KnownKey } from './key-cache.ts';
import { type KeyRecord, recordOf } from './key-record.ts';

const record = recordOf({
  id: 'aaaaaaaaaaaa',
  hash: '0'.repeat(64),
  partner: 'acme',
  environment: 'live',
  scopes: ['orders:read'],
  createdMs: 1,
});

/** A cache whose questions a test answers by hand. */
function rig() {
  const clock = manualClock();
  const asked: PromiseWithResolvers<KeyRecord | undefined>[] = [];
  const cache = new KeyCache(() => {
    const answer = Promise.withResolvers<KeyRecord | undefined>();
    asked.push(answer);
    return answer.promise;
  }, clock);
  /** Asks and answers in one. */
  const fill = async (answer: KeyRecord | undefined): Promise<KnownKey | undefined> => {
    const got = cache.get(record.id);
    asked.at(-1)?.resolve(answer);
    return got;
  };
  return { clock, asked, cache, fill };
}

test('a key is remembered for five seconds, from when it was asked for', async () => {
  const { clock, asked, cache } = rig();
  const got = cache.get(record.id);
  clock.advance(2_000);
  asked[0]?.resolve(record);
  expect(await got).toMatchObject({ record, principal: { subject: 'acme', clientId: record.id } });
  clock.advance(2_999);
  expect(cache.get(record.id)).toBe(await got);
  expect(asked).toHaveLength(1);
  clock.advance(1);
  void cache.get(record.id);
  expect(asked).toHaveLength(2);
});

test('an unknown id is remembered for one second', async () => {
  const { clock, asked, cache, fill } = rig();
  expect(await fill(undefined)).toBeUndefined();
  clock.advance(999);
  expect(cache.get(record.id)).toBeUndefined();
  expect(asked).toHaveLength(1);
  clock.advance(1);
  expect(await fill(record)).toMatchObject({ record });
  expect(asked).toHaveLength(2);
  clock.advance(4_999);
  expect(cache.get(record.id)).toMatchObject({ record });
});

test('a known key that is gone is unknown', async () => {
  const { clock, cache, fill } = rig();
  await fill(record);
  clock.advance(5_000);
  await fill(undefined);
  expect(cache.get(record.id)).toBeUndefined();
});

test('those who ask at the same time ask once', async () => {
  const { asked, cache } = rig();
  const all = Array.from({ length: 3 }, async () => cache.get(record.id));
  asked[0]?.resolve(record);
  expect(new Set(await Promise.all(all)).size).toBe(1);
  expect(asked).toHaveLength(1);
});

test('a failure is not remembered', async () => {
  const { asked, cache, fill } = rig();
  const got = cache.get(record.id);
  asked[0]?.reject(new Error('away'));
  await expect(got).rejects.toThrow('away');
  expect(await fill(record)).toMatchObject({ record });
});

test.each([
  ['a change of the key', (cache: KeyCache) => cache.forget(record.id)],
  ['a gap', (cache: KeyCache) => cache.flush()],
])('after %s it is asked for again', async (_what, change) => {
  const { asked, cache, fill } = rig();
  await fill(record);
  change(cache);
  void cache.get(record.id);
  expect(asked).toHaveLength(2);
});

test.each([
  ['a change of the key', (cache: KeyCache) => cache.forget(record.id)],
  ['a gap', (cache: KeyCache) => cache.flush()],
])('what was asked before %s is neither remembered nor shared after it', async (_what, change) => {
  const { asked, cache } = rig();
  const old = cache.get(record.id);
  change(cache);
  const fresh = cache.get(record.id);
  expect(asked).toHaveLength(2);
  asked[1]?.resolve({ ...record, status: 'revoked' });
  expect(await fresh).toMatchObject({ record: { status: 'revoked' } });
  asked[0]?.resolve(record);
  expect(await old).toMatchObject({ record: { status: 'active' } });
  expect(cache.get(record.id)).toMatchObject({ record: { status: 'revoked' } });
});

test.each([
  ['a change of the key', (cache: KeyCache) => cache.forget(record.id)],
  ['a gap', (cache: KeyCache) => cache.flush()],
])('after %s an unknown id is asked for again: it may be a new key', async (_what, change) => {
  const { cache, fill } = rig();
  expect(await fill(undefined)).toBeUndefined();
  change(cache);
  expect(await fill(record)).toMatchObject({ record });
});

test('an answer from before a change ends no question from after it', async () => {
  const { asked, cache } = rig();
  const old = cache.get(record.id);
  cache.forget(record.id);
  const fresh = cache.get(record.id);
  asked[0]?.resolve(record);
  await old;
  const joined = cache.get(record.id);
  expect(asked).toHaveLength(2);
  asked[1]?.resolve(record);
  expect(await joined).toBe(await fresh);
});

test('after a change even the one question under way is not remembered', async () => {
  const { asked, cache } = rig();
  const old = cache.get(record.id);
  cache.flush();
  asked[0]?.resolve(undefined);
  await old;
  void cache.get(record.id);
  expect(asked).toHaveLength(2);
});

test('a change of another key costs this one nothing', async () => {
  const { asked, cache } = rig();
  const got = cache.get(record.id);
  cache.forget('bbbbbbbbbbbb');
  asked[0]?.resolve(record);
  expect(cache.get(record.id)).toBe(got);
  await got;
  expect(cache.get(record.id)).toBe(await got);
});

test('made-up ids push no known key out', async () => {
  const { clock, asked, cache, fill } = rig();
  await fill(record);
  for (let id = 0; id < 10_001; id += 1) {
    const got = cache.get(`made-up-${id}`);
    asked.at(-1)?.resolve(undefined);
    await got;
  }
  clock.advance(4_000);
  expect(cache.get(record.id)).toMatchObject({ record });
});
