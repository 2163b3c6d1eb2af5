/** `bffkit cache purge` against the admin pages of a BFF. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { AuditFact } from '../context/events.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { adminApp } from '../node/admin.ts';
import { countedRecords } from '../testing/key-rig.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testBff } from '../testing/test-bff.ts';
import { cacheCommand } from './cache.ts';
import { CommandFailed } from './command-failed.ts';
import { UsageError } from './usage-error.ts';

let made = 0;
const counter = endpoint('GET', '/counter', {
  summary: 'Counter.',
  access: anyone(),
  deadlineMs: 500,
  cache: { scope: 'public', ttlMs: 60_000, tags: ['counter'] },
}).handle(z.object({ made: z.number() }), async () => {
  made += 1;
  return { made };
});

function running() {
  const clock = manualClock();
  const records = countedRecords(clock);
  const bff = testBff([counter], {}, { clock, cache: { records } });
  const audits: AuditFact[] = [];
  bff.events.on('audit', (fact) => audits.push(fact));
  const admin = adminApp(bff, () => true);
  const world = {
    fetch: ((url: string, init: RequestInit) => admin.request(url, init)) as typeof fetch,
    env: { BFFKIT_ADMIN: 'http://127.0.0.1:9001' },
    user: () => 'ada ',
  };
  const read = async (): Promise<number> =>
    ((await (await bff.app.request('/counter')).json()) as { made: number }).made;
  return { clock, records, admin, audits, world, read };
}

test('a purge ends what has the tag and says who did it', async () => {
  const { clock, read, world, audits } = running();
  const first = await read();
  expect(await read()).toBe(first);
  expect(await cacheCommand(['purge', 'counter'], world)).toBe('purged counter\n');
  clock.advance(1);
  expect(await read()).toBe(first + 1);
  expect(audits).toMatchObject([{ actor: 'ada_', action: 'cache.purge', target: 'counter' }]);
  expect(await cacheCommand(['purge', 'counter', '--json', '--actor', 'grace'], world)).toBe(
    '{\n  "tag": "counter"\n}\n',
  );
  expect(audits[1]?.actor).toBe('grace');
});

test('when the records are away only this instance was told, and the operator hears of it', async () => {
  const { clock, records, read, world, audits } = running();
  const first = await read();
  records.isAway = true;
  await expect(cacheCommand(['purge', 'counter'], world)).rejects.toThrow(CommandFailed);
  clock.advance(1);
  expect(await read()).toBe(first + 1);
  expect(audits).toEqual([]);
});

test.each([[[]], [['purge']], [['drop', 'a']], [['purge', 'a', 'b']]])(
  'what cannot be done is said: %j',
  async (parameters) => {
    await expect(cacheCommand(parameters, running().world)).rejects.toThrow(UsageError);
  },
);

test('without an address nothing is purged', async () => {
  await expect(cacheCommand(['purge', 'a'], { ...running().world, env: {} })).rejects.toThrow(
    'cache purge needs --admin URL',
  );
});

test.each([
  [{ 'content-type': 'application/json', 'bff-actor': 'ada' }, '{"tag":" "}', 400],
  [{ 'content-type': 'application/json', 'bff-actor': 'ada' }, '{"tag":"a","all":true}', 400],
  [{ 'content-type': 'application/json', 'bff-actor': 'ada' }, '{', 400],
  [{ 'content-type': 'application/json' }, '{"tag":"a"}', 400],
  [{ 'content-type': 'text/plain', 'bff-actor': 'ada' }, '{"tag":"a"}', 415],
  [{ 'content-type': 'application/json', 'bff-actor': 'ada' }, `{"tag":"${'a'.repeat(5_000)}"}`, 413],
])('the page refuses %j %s', async (headers, body, status) => {
  const { admin } = running();
  const answer = await admin.request('http://127.0.0.1:9001/cache/purge', {
    method: 'POST',
    headers: headers as never,
    body,
  });
  expect(answer.status).toBe(status);
});
