import { describe, expect, test } from 'vitest';
import { EventBus } from '../context/event-bus.ts';
import type { ProblemFact } from '../context/events.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { type Obtained, TokenCache, type TokenCacheOptions } from './token-cache.ts';

/** A cache whose credentials the test makes by hand. */
function cacheRig(options: Partial<TokenCacheOptions> = {}) {
  const clock = manualClock();
  const events = new EventBus();
  const problems: ProblemFact[] = [];
  events.on('problem', (fact) => problems.push(fact));
  const context = testContext({}, { clock, events, deadlineMs: 30_000 });
  const cache = new TokenCache({ part: 'tokens', ...options });
  const asked: PromiseWithResolvers<Obtained>[] = [];
  const get = (key = 'a') =>
    cache.get(key, context, () => {
      const made = Promise.withResolvers<Obtained>();
      asked.push(made);
      return made.promise;
    });
  /** The same for those who wait in any case. */
  const waitFor = async (key?: string) => get(key);
  /** Answers the last request. */
  const give = (name: string, goodForMs = 60_000, refreshAfterMs = goodForMs) =>
    asked.at(-1)?.resolve({ headers: { authorization: name }, goodForMs, refreshAfterMs });
  const fill = async (name: string, goodForMs?: number, refreshAfterMs?: number) => {
    const waiting = get();
    give(name, goodForMs, refreshAfterMs);
    return waiting;
  };
  return { clock, cache, asked, get, waitFor, give, fill, problems };
}

const down = new GatewayError('dependency-unavailable', { retryAfterMs: 5_000, cause: new Error('down') });

describe('a credential', () => {
  test('is made once for everybody who waits, and is then at hand until its end', async () => {
    const { clock, asked, get, waitFor, give } = cacheRig();
    const waiting = Array.from({ length: 100 }, () => waitFor());
    give('one');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([{ authorization: 'one' }]));
    expect(asked).toHaveLength(1);
    clock.advance(59_999);
    expect(get()).toEqual({ authorization: 'one' });
    clock.advance(1);
    expect(get()).toBeInstanceOf(Promise);
    expect(asked).toHaveLength(2);
  });

  test('of one key is not that of another', async () => {
    const { asked, get, give } = cacheRig();
    const one = get('a');
    give('of a');
    const other = get('b');
    give('of b');
    expect([await one, await other]).toEqual([{ authorization: 'of a' }, { authorization: 'of b' }]);
    expect(asked).toHaveLength(2);
  });

  test('is made to its end though everybody who waited has left', async () => {
    const { asked, get, give } = cacheRig();
    const context = testContext();
    const leaving = context.cancellation.race(Promise.resolve(get()));
    context.cancellation.cancel(new GatewayError('client-gone'));
    await expect(leaving).rejects.toMatchObject({ code: 'client-gone' });
    const follower = get();
    give('one');
    expect(await follower).toEqual({ authorization: 'one' });
    expect(get()).toEqual({ authorization: 'one' });
    expect(asked).toHaveLength(1);
  });

  test('that is good for nothing afterwards serves those who wait, and is not kept', async () => {
    const { asked, get, waitFor, give } = cacheRig();
    const waiting = [waitFor(), waitFor()];
    give('short', 0);
    expect(await Promise.all(waiting)).toEqual([{ authorization: 'short' }, { authorization: 'short' }]);
    expect(get()).toBeInstanceOf(Promise);
    expect(asked).toHaveLength(2);
  });

  test('is renewed beside the calls before its end', async () => {
    const { clock, asked, get, give, fill } = cacheRig();
    await fill('old', 60_000, 48_000);
    clock.advance(48_000);
    expect(get()).toEqual({ authorization: 'old' });
    expect(get()).toEqual({ authorization: 'old' });
    expect(asked).toHaveLength(2);
    give('new');
    await asked[1]?.promise;
    await Promise.resolve();
    expect(get()).toEqual({ authorization: 'new' });
  });

  test('serves on while renewing fails, which is told once per try and tried again later', async () => {
    const { clock, asked, get, fill, problems } = cacheRig({ retryMs: 5_000 });
    await fill('old', 60_000, 48_000);
    clock.advance(48_000);
    void get();
    asked.at(-1)?.reject(down);
    await expect.poll(() => problems).toHaveLength(1);
    expect(problems).toEqual([{ part: 'tokens', error: new Error('down') }]);
    expect(get()).toEqual({ authorization: 'old' });
    expect(asked).toHaveLength(2);
    clock.advance(5_000);
    expect(get()).toEqual({ authorization: 'old' });
    expect(asked).toHaveLength(3);
    asked.at(-1)?.reject('no error at all');
    await expect.poll(() => problems).toHaveLength(2);
    clock.advance(7_000);
    await expect(get()).rejects.toMatchObject({ code: 'internal' });
  });

  test('of the caller seen longest ago makes room', async () => {
    const { asked, get, give } = cacheRig({ max: 2 });
    for (const key of ['a', 'b', 'c']) {
      const waiting = get(key);
      give(key);
      await waiting;
    }
    expect(get('c')).toEqual({ authorization: 'c' });
    expect(get('a')).toBeInstanceOf(Promise);
    expect(asked).toHaveLength(4);
  });
});

describe('a failure', () => {
  test('is everybody’s who waits, and for a second of those who come', async () => {
    const { clock, asked, get } = cacheRig();
    const waiting = [get(), get()];
    asked[0]?.reject(down);
    for (const one of waiting) await expect(one).rejects.toBe(down);
    clock.advance(400);
    await expect(get()).rejects.toMatchObject({
      code: 'dependency-unavailable',
      options: { retryAfterMs: 600, cause: down.options.cause },
    });
    expect(asked).toHaveLength(1);
    clock.advance(600);
    void get();
    expect(asked).toHaveLength(2);
  });

  test('that is a definite no holds for ten seconds, and says no time', async () => {
    const { clock, asked, get } = cacheRig();
    const waiting = get();
    asked[0]?.reject(new GatewayError('upstream-rejected'));
    await expect(waiting).rejects.toMatchObject({ code: 'upstream-rejected' });
    clock.advance(9_999);
    await expect(get()).rejects.toMatchObject({ code: 'upstream-rejected', options: {} });
    clock.advance(1);
    void get();
    expect(asked).toHaveLength(2);
  });

  test('is nobody else’s', async () => {
    const { asked, get, give } = cacheRig();
    const failing = get('a');
    asked[0]?.reject(down);
    await expect(failing).rejects.toBe(down);
    const other = get('b');
    give('fine');
    expect(await other).toEqual({ authorization: 'fine' });
  });

  test('of too many requests under way comes at once', async () => {
    const { asked, get, waitFor, give } = cacheRig();
    const waiting = Array.from({ length: 1_000 }, (_, index) => waitFor(`k${index}`));
    await expect(get('one more')).rejects.toMatchObject({ code: 'dependency-unavailable' });
    expect(asked).toHaveLength(1_000);
    for (const made of asked) made.resolve({ headers: {}, goodForMs: 1 });
    await Promise.all(waiting);
    const next = get('one more');
    give('fine');
    expect(await next).toEqual({ authorization: 'fine' });
  });
});

describe('a credential that was refused', () => {
  test('is forgotten, unless it is younger than five seconds', async () => {
    const { clock, cache, get, fill } = cacheRig();
    const headers = await fill('one');
    clock.advance(4_999);
    expect(cache.drop('a', headers, clock.monotonicMs())).toBe(false);
    expect(get()).toBe(headers);
    clock.advance(1);
    expect(cache.drop('a', headers, clock.monotonicMs())).toBe(true);
    expect(get()).toBeInstanceOf(Promise);
  });

  test('does not take the next one with it', async () => {
    const { clock, cache, get, fill } = cacheRig();
    const old = await fill('old', 10_000);
    clock.advance(10_000);
    const next = await fill('new');
    clock.advance(10_000);
    expect(cache.drop('a', old, clock.monotonicMs())).toBe(true);
    expect(get()).toBe(next);
  });

  test('may already be gone', () => {
    const { cache } = cacheRig();
    expect(cache.drop('a', { authorization: 'gone' }, 0)).toBe(true);
  });
});
