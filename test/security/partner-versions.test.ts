/**
 * Attacks on dated versions (A77, A78): two instances of the partner API with keys of their own and a clock that
 * a test moves.
 */
import { apiKeys, endpoint, memoryRecords, scopes } from 'bffkit';
import { manualClock, testBff } from 'bffkit/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { pepper } from '../support/key-bffs.ts';
import { refusal } from './standing.ts';

const orders = endpoint('GET', '/v1/orders', {
  summary: 'Orders.',
  access: scopes('orders:read'),
  deadlineMs: 1_000,
}).handle(z.object({ ok: z.boolean() }), async () => ({ ok: true }));

const dated = [
  { version: '2026-11-01', changes: [] },
  { version: '2026-06-01', changes: [], deprecatedAt: '2026-11-01', sunsetAt: '2027-06-01' },
  { version: '2026-01-15', changes: [], deprecatedAt: '2026-06-01', sunsetAt: '2026-11-01' },
];

let ask: (version?: string) => Promise<Response>;
const log: unknown[] = [];

beforeEach(async () => {
  const clock = manualClock();
  clock.advance(Date.parse('2026-11-22T00:00:00Z') - clock.wallMs());
  const ways = apiKeys({
    records: memoryRecords({ clock }),
    pepper,
    environment: 'live',
    clock,
    versions: dated.map(({ version }) => version),
  });
  const bff = testBff(
    [orders],
    {},
    { clock, identity: [ways], versions: { dated, docs: '/docs/changelog' } },
  );
  bff.events.on('request', (fact) => log.push(fact));
  const { key } = await ways.keys.create(
    { partner: 'acme', scopes: ['orders:read'], version: '2026-06-01' },
    'ada',
  );
  ask = async (version) =>
    bff.app.request('/v1/orders', {
      headers: {
        authorization: `Bearer ${key}`,
        ...(version === undefined ? {} : { 'api-version': version }),
      },
    });
});

describe('A77: a version', () => {
  test.each(['2099-01-01', '2026-06-02', '2026-6-1', '../2026-06-01', '__proto__', 'x'.repeat(2_000)])(
    'that never was (%.20s) is 400, is not repeated, and says which there are',
    async (version) => {
      const refused = await refusal(() => ask(version), { log, secrets: [version] });
      expect([refused.status, refused.code, refused.headers.get('api-version')]).toEqual([
        400,
        'unknown-version',
        null,
      ]);
      expect(refused.body.supported).toEqual(['2026-11-01', '2026-06-01']);
    },
  );

  test('that has ended is 410 and says where to read on', async () => {
    const refused = await refusal(() => ask('2026-01-15'), { log, secrets: ['bffk_'] });
    expect([refused.status, refused.code]).toEqual([410, 'version-sunset']);
    expect(refused.body.docs).toBe('/docs/changelog#2026-01-15');
  });

  test('that nobody named is the one the partner is pinned to, and it is echoed', async () => {
    const answers = [await ask(), await ask('2026-11-01')];
    expect(answers.map(({ status, headers }) => [status, headers.get('api-version')])).toEqual([
      [200, '2026-06-01'],
      [200, '2026-11-01'],
    ]);
    for (const { headers } of answers) expect(headers.get('vary')).toContain('API-Version');
  });
});

test('A78: a deprecated version says since when, until when at the earliest, and where to read on', async () => {
  const { headers } = await ask();
  const deprecated = Number(headers.get('deprecation')?.slice(1));
  const sunset = headers.get('sunset') ?? '';
  expect(headers.get('deprecation')).toMatch(/^@\d+$/);
  expect(new Date(sunset).toUTCString()).toBe(sunset);
  expect(Date.parse(sunset) / 1_000).toBeGreaterThanOrEqual(deprecated);
  const links = headers.get('link')?.split(', ') ?? [];
  expect(links).toEqual([
    expect.stringMatching(/^<[^>]+>; rel="deprecation"; type="text\/html"$/),
    expect.stringMatching(/^<[^>]+>; rel="sunset"; type="text\/html"$/),
  ]);
  expect((await ask('2026-11-01')).headers.get('deprecation')).toBeNull();
});
