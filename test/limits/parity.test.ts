/** The Lua script and the functions of `core/src/limit` give the same figures, field for field. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  fixedWindow,
  leakyBucket,
  monthlyQuota,
  type RateLimit,
  slidingCounter,
  slidingLog,
  tokenBucket,
} from 'bffkit';
import { redisStore } from 'bffkit/redis';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
// @boundaries-ignore the definition that the servers are held against
import { takeAll } from '../../core/src/limit/memory-store.ts';
// @boundaries-ignore the script itself is what is tested
import { takeScriptFor } from '../../core/src/redis/take-script.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

let server: RedisServer;

beforeAll(async () => {
  server = await startRedis();
}, 60_000);

afterAll(() => server.kill());

const max = fc.integer({ min: 1, max: 40 });
const windows = fc.record({ max, windowSeconds: fc.integer({ min: 1, max: 2 }) });
const anyLimit: fc.Arbitrary<RateLimit> = fc.oneof(
  fc
    .record({ capacity: max, refillPerSecond: fc.double({ min: 0.1, max: 2_000, noNaN: true }) })
    .map(tokenBucket),
  windows.map(fixedWindow),
  windows.map(slidingLog),
  windows.map(slidingCounter),
  fc.double({ min: 1, max: 1_000, noNaN: true }).map((ratePerSecond) => leakyBucket({ ratePerSecond })),
  max.map((most) => monthlyQuota({ max: most })),
);
const histories = fc.record({
  limits: fc.array(anyLimit, { minLength: 1, maxLength: 4 }),
  steps: fc.array(
    fc.record({ cost: fc.integer({ min: 0, max: 3 }), pauseMs: fc.constantFrom(0, 0, 0, 0, 1, 7, 60) }),
    { minLength: 5, maxLength: 40 },
  ),
});

test('over random limits, costs and pauses', async () => {
  const store = redisStore({ url: server.url, timeoutMs: 1_000 });
  let run = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(histories, async ({ limits, steps }) => {
      run += 1;
      const named = limits.map((limit, index): RateLimit => ({ ...limit, name: `l${index}` }));
      const states = new Map<string, object>();
      for (const { cost, pauseMs } of steps) {
        if (pauseMs > 0) await sleep(pauseMs);
        const claims = named.map((limit) => {
          const most =
            limit.kind === 'token-bucket' ? limit.capacity : limit.kind === 'leaky-bucket' ? 3 : limit.max;
          return { limit, subject: `run-${run}`, cost: Math.min(cost, most) };
        });
        const { allowed, admissions, atMs, order, standIn } = await store.take(claims);
        expect(standIn).toBeUndefined();
        const model = takeAll(states, claims, { atMs, order });
        expect({ allowed, admissions }).toEqual({ allowed: model.allowed, admissions: model.admissions });
        if (!allowed) refused += 1;
      }
    }),
    { numRuns: 60 },
  );
  store.close?.();
  expect(refused).toBeGreaterThan(50);
}, 60_000);

test('a clock of Redis that stepped back gives nothing back', async () => {
  const store = redisStore({ url: server.url, timeoutMs: 1_000 });
  const client = new Redis(server.url);
  const limit = tokenBucket({ name: 'back', capacity: 5, refillPerSecond: 1_000 });
  const claims = [{ limit, subject: 'ada', cost: 5 }];
  const { atMs } = await store.take(claims);
  const [key = ''] = await client.keys('*:token-bucket:back');
  await client.set(key, `0 ${atMs + 3_600_000}`); // as if the take had been an hour later
  const { allowed, admissions } = await store.take(claims);
  expect([allowed, admissions[0]?.remaining]).toEqual([false, 0]);
  expect(admissions[0]?.retryAfterMs).toBeGreaterThan(3_590_000);
  client.disconnect();
  store.close?.();
});

test.each([
  [Date.UTC(2024, 1, 29, 12), Date.UTC(2024, 2, 1)],
  [Date.UTC(2025, 11, 31, 23, 59, 59, 999), Date.UTC(2026, 0, 1)],
  [Date.UTC(2026, 1, 28, 23), Date.UTC(2026, 2, 1)],
  [Date.UTC(2100, 1, 28, 23), Date.UTC(2100, 2, 1)],
  [Date.UTC(2000, 1, 29), Date.UTC(2000, 2, 1)],
  [Date.UTC(2026, 6, 31), Date.UTC(2026, 7, 1)],
])('months in Lua are those of the calendar: %d', async (nowMs, endMs) => {
  const at = takeScriptFor(['monthly-quota']).replace(
    "redis.call('TIME')",
    `{ '${Math.floor(nowMs / 1_000)}', '${(nowMs % 1_000) * 1_000}' }`,
  );
  const client = new Redis(server.url);
  const reply = (await client.eval(at, 1, `{calendar}${nowMs}`, 1, 'monthly-quota', 1, 5, 0)) as string[];
  client.disconnect();
  expect(Number(reply.at(-1))).toBe(endMs - nowMs);
});
