/** Usage of two instances in one Redis: all of it, once, also when answers of Redis do not come. */
import { endpoint, type ProblemFact, scopes, tokenBucket, usageMeter } from 'bffkit';
import { redisRecords } from 'bffkit/redis';
import { asCaller, testBff } from 'bffkit/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { type RedisServer, startRedis } from '../support/redis-server.ts';

const orders = endpoint('GET', '/v1/orders/:id', {
  summary: 'X.',
  access: scopes('orders:read'),
  deadlineMs: 1_000,
}).handle(z.object({}), async () => ({}));

let server: RedisServer;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.kill());

function instance() {
  const records = redisRecords({ url: server.url });
  const meter = usageMeter({ records, environment: 'live' });
  const bff = testBff([orders], {}, { meter, limits: tokenBucket({ capacity: 10_000 }) });
  const problems: ProblemFact[] = [];
  bff.events.on('problem', (fact) => problems.push(fact));
  return {
    meter,
    problems,
    async call(subject: string, clientId: string) {
      const who = { subject, clientId, kind: 'partner', scopes: ['orders:read'] } as const;
      expect((await bff.app.request('/v1/orders/1', { headers: asCaller(who) })).status).toBe(200);
    },
    async close() {
      await bff.close();
      await records.close();
    },
  };
}

test('a Redis that stalls again and again makes two instances lose nothing and count nothing twice', async () => {
  const instances = [instance(), instance()] as const;
  const [one, other] = instances;
  const sent = new Map<string, number>();
  const send = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) {
      const [partner, key] = [`p${index % 3}`, `key${index % 2}`];
      await instances[index % 2]?.call(partner, key);
      sent.set(partner, (sent.get(partner) ?? 0) + 1);
    }
  };
  await vi.waitFor(() => one.meter.of('p0', { from: '2026-11-01', to: '2026-11-01' }), 5_000);
  await send(60);
  await Promise.all(instances.map(({ meter }) => meter.flush()));
  for (let stall = 0; stall < 3; stall += 1) {
    await send(60);
    server.process.kill('SIGSTOP'); // what is asked now is done later, and nobody hears of it
    await Promise.all(instances.map(({ meter }) => meter.flush()));
    await send(6);
    server.process.kill('SIGCONT');
    for (const { meter } of instances) {
      await vi.waitFor(
        async () => {
          await meter.flush();
          await meter.of('p0', { from: '2026-11-01', to: '2026-11-01' });
        },
        { timeout: 10_000, interval: 100 },
      );
    }
  }
  expect([one, other].every(({ problems }) => problems.length > 0)).toBe(true);
  await vi.waitFor(
    async () => {
      for (const [partner, count] of sent) {
        await Promise.all(instances.map(({ meter }) => meter.flush()));
        const { requests } = await one.meter.of(partner, { from: '2026-11-01', to: '2026-11-01' });
        expect([partner, requests]).toEqual([partner, count]);
      }
    },
    { timeout: 10_000, interval: 200 },
  );
  const uses = await other.meter.byVersion({ from: '2026-11-01', to: '2026-11-01' });
  expect(new Set(uses.map(({ key }) => key))).toEqual(new Set(['key0', 'key1']));
  expect(uses.reduce((sum, { requests }) => sum + requests, 0)).toBe(258);
  for (const { close } of instances) await close();
});
