import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/test-bff.ts';
import { change, down } from '../versions/change.ts';
import { versionsCommand } from './versions.ts';

const Order = z.object({ reference: z.string() });
const order = endpoint('GET', '/v1/orders', { summary: 'Orders.', access: anyone(), deadlineMs: 100 }).handle(
  Order,
  async () => ({ reference: 'A-1' }),
);
const renamed = change({
  name: 'order-reference',
  summary: 'The `reference` was `po`.',
  response: down(Order, {
    newer: { reference: z.string() },
    older: { po: z.string() },
    map: ({ reference }) => ({ po: reference }),
  }),
});
const bff = testBff(
  [order],
  {},
  {
    versions: {
      docs: '/docs',
      dated: [
        { version: '2026-11-01', changes: [renamed] },
        {
          version: '2026-06-01',
          changes: [],
          deprecatedAt: '2026-11-01',
          sunsetAt: '2027-06-01',
          brownouts: [{ from: '2027-05-04T08:00:00Z', until: '2027-05-04T10:00:00Z', status: 410 }],
        },
      ],
    },
  },
);
const plain = testBff([order], {});

function run(parameters: readonly string[], uses: readonly object[] = [], bffs = [bff, plain]) {
  const asked: string[] = [];
  const answer = versionsCommand(parameters, {
    load: async () => bffs,
    fetch: async (url) => {
      asked.push(String(url));
      return Response.json({ uses });
    },
    env: {},
    clock: { wallMs: () => Date.parse('2026-11-22T12:00:00Z') },
  });
  return { answer, asked };
}

const use = {
  version: '2026-06-01',
  partner: 'acme',
  key: '4fT9xLq2ZbRe',
  endpoint: 'GET /v1/orders',
  requests: 40,
};

describe('versions', () => {
  test('shows the chain, what each change does and where, and what will happen', async () => {
    expect(await run([]).answer).toBe(
      [
        'test',
        '  2026-11-01  newest',
        '    order-reference: The `reference` was `po`.',
        '      GET /v1/orders',
        '  2026-06-01  deprecated since 2026-11-01, ends 2027-06-01',
        '    answers 410 from 2027-05-04T08:00:00.000Z until 2027-05-04T10:00:00.000Z',
        'who calls which: --admin URL of a BFF that runs',
        '',
      ].join('\n'),
    );
  });

  test('shows which keys called which version in thirty days', async () => {
    const { answer, asked } = run(
      ['test', '--admin', 'http://127.0.0.1:9003'],
      [
        { ...use, lastDay: '2026-11-20' },
        { ...use, endpoint: 'POST /v1/orders', requests: 2, lastDay: '2026-11-21' },
        { ...use, version: '2025-01-01', partner: 'bolt', lastDay: '2026-11-02' },
        { ...use, version: null, lastDay: '2026-11-02' },
      ],
    );
    const text = await answer;
    expect(asked).toEqual(['http://127.0.0.1:9003/usage/versions?from=2026-10-24&to=2026-11-22']);
    expect(text).toContain('    nobody called it in 30 days\n');
    expect(text).toMatch(/called in 30 days by\n.*\n {6}acme {5}4fT9xLq2ZbRe {2}42 {8}2026-11-21\n/);
    expect(text).toMatch(/no longer declared, and still called\n.*\n {6}bolt/);
  });

  test('gives data', async () => {
    const [{ versions, callers }] = JSON.parse(
      await run(['--json', '--admin', 'http://a'], [{ ...use, lastDay: '2026-11-20' }]).answer,
    );
    expect(versions[0]).toMatchObject({ version: '2026-11-01', changes: [{ name: 'order-reference' }] });
    expect(callers).toMatchObject([{ partner: 'acme', requests: 40 }]);
  });

  test('says when there are none, and what was typed wrong', async () => {
    expect(await run([], [], [plain]).answer).toBe('no BFF has versions\n');
    await expect(run(['a', 'b']).answer).rejects.toThrow('versions takes one BFF');
    await expect(run(['--admin', 'http://a'], [], [bff, bff]).answer).rejects.toThrow('say which BFF');
  });
});
