import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { signedIn } from '../identity/access.ts';
import { memoryStore } from '../limit/memory-store.ts';
import { adminApp } from '../node/admin.ts';
import { memoryRecords } from '../records/memory-records.ts';
import { asCaller } from '../testing/callers.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testBff } from '../testing/test-bff.ts';
import { usageMeter } from '../usage/usage-meter.ts';
import { usageCommand } from './usage.ts';

const orders = endpoint('GET', '/v1/orders/:id', {
  summary: 'X.',
  access: signedIn(),
  deadlineMs: 1_000,
}).handle(z.object({}), async () => ({}));

async function rig(calls: readonly (readonly [partner: string, key: string])[] = []) {
  const clock = manualClock(Date.UTC(2026, 10, 30));
  const meter = usageMeter({ records: memoryRecords({ clock }), environment: 'live' });
  const bff = testBff([orders], {}, { clock, meter, limitStore: memoryStore({ clock }) });
  for (const [subject, clientId] of calls) {
    await bff.app.request('/v1/orders/1', { headers: asCaller({ subject, clientId, kind: 'partner' }) });
  }
  await meter.flush();
  const app = adminApp(bff, () => true);
  const fetch = (async (url: string, init: RequestInit) => app.request(url, init)) as typeof globalThis.fetch;
  return {
    clock,
    bffkit: (line: string) => usageCommand(line.split(' ').filter(Boolean), { fetch, env: {} }),
  };
}

const calls = [
  ['acme', 'key1'],
  ['acme', 'key2'],
  ['other', 'key3'],
  ['acme', 'key1'],
] as const;

test('without a partner it is the total of each, this month', async () => {
  const { bffkit } = await rig(calls);
  expect(await bffkit('')).toBe(
    '2026-11-01 to 2026-11-30, days of UTC\npartner  requests\nacme     3\nother    1\n',
  );
});

test('of one partner it is every day and endpoint, every key, every version', async () => {
  const { bffkit } = await rig(calls);
  expect(await bffkit('--partner acme --month 2026-11')).toBe(
    [
      'acme, 2026-11-01 to 2026-11-30, days of UTC: 3 requests',
      '',
      'day         endpoint            requests',
      '2026-11-30  GET /v1/orders/:id  3',
      '',
      'key   requests',
      'key1  2',
      'key2  1',
      '',
      'version  requests',
      'none     3',
      '',
    ].join('\n'),
  );
});

test('a month is exact: the day after it is of the next', async () => {
  const { bffkit, clock } = await rig(calls);
  clock.advance(86_400_000);
  expect(await bffkit('')).toBe('2026-12-01 to 2026-12-31, days of UTC\nnobody used anything\n');
  expect(JSON.parse(await bffkit('--partner acme --month 2026-11 --json'))).toMatchObject({
    partner: 'acme',
    requests: 3,
  });
  expect(await bffkit('--partner acme --from 2026-12-01 --to 2026-12-02')).toBe(
    'acme, 2026-12-01 to 2026-12-02, days of UTC: 0 requests\n',
  );
});

test.each([
  ['--month 2026-13', 'month must look like 2026-11'],
  ['--from 2026-11-31 --to x', 'must look like 2026-11-22'],
  ['--from 2026-01-01 --to 2026-11-30', 'must be at most 92 days'],
  ['--month 2026-11 --from 2026-11-01', '--month, or --from and --to'],
])('%s is refused', async (line, message) => {
  await expect((await rig()).bffkit(line)).rejects.toThrow(message);
});

test('a BFF that counts nothing says so', async () => {
  const app = adminApp(testBff([orders], {}), () => true);
  const fetch = (async (url: string) => app.request(url)) as typeof globalThis.fetch;
  await expect(usageCommand([], { fetch, env: {} })).rejects.toThrow('this BFF does not count usage (404)');
});

test('the admin port says who called which version', async () => {
  const clock = manualClock();
  const meter = usageMeter({ records: memoryRecords({ clock }), environment: 'live' });
  const bff = testBff([orders], {}, { clock, meter });
  const headers = asCaller({ subject: 'acme', clientId: 'key1', kind: 'partner' });
  await bff.app.request('/v1/orders/1', { headers });
  await meter.flush();
  const app = adminApp(bff, () => true);
  expect(await (await app.request('http://127.0.0.1/usage/versions?from=2026-11-01')).json()).toEqual({
    from: '2026-11-01',
    to: '2026-11-01',
    uses: [
      {
        version: null,
        partner: 'acme',
        key: 'key1',
        endpoint: 'GET /v1/orders/:id',
        requests: 1,
        lastDay: '2026-11-01',
      },
    ],
  });
});
