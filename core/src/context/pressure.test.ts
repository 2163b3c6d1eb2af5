import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { adminApp } from '../node/admin.ts';
import { type FakeUpstream, testBff } from '../testing/index.ts';
import { get, upstream } from '../upstream/operation.ts';
import { noPressure, type Priority, shedsEndpoint, shedsOptional } from './pressure.ts';

const levels = fc.double({ min: 0, max: 5, noNaN: true });
const values = fc.integer({ min: 1, max: 10 });

describe('optional parts', () => {
  test('all stay below level 1, all go from 2 on', () => {
    fc.assert(
      fc.property(levels, values, (level, value) => {
        if (level < 1) expect(shedsOptional(level, value)).toBe(false);
        if (level >= 2) expect(shedsOptional(level, value)).toBe(true);
      }),
    );
  });

  test('go in the order of their value', () => {
    expect(
      [1, 1.12, 1.5, 1.9, 2].map((level) => upToTen().filter((value) => shedsOptional(level, value))),
    ).toEqual([[1], [1, 2], [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9], upToTen()]);
    fc.assert(
      fc.property(levels, values, values, (level, one, other) => {
        if (one < other && shedsOptional(level, other)) expect(shedsOptional(level, one)).toBe(true);
      }),
    );
  });

  test('stay gone while the level rises', () => {
    fc.assert(
      fc.property(levels, levels, values, (one, other, value) => {
        if (one < other && shedsOptional(one, value)) expect(shedsOptional(other, value)).toBe(true);
      }),
    );
  });
});

test('endpoints go from level 2 on when they are low, from 3 on when normal, high ones never', () => {
  const priorities = ['low', 'normal', 'high'] as const;
  const gone = (level: number): Priority[] => priorities.filter((priority) => shedsEndpoint(level, priority));
  expect([0, 1.999, 2, 2.999, 3, 1_000, Number.POSITIVE_INFINITY].map(gone)).toEqual([
    [],
    [],
    ['low'],
    ['low'],
    ['low', 'normal'],
    ['low', 'normal'],
    ['low', 'normal'],
  ]);
});

test('without a source there is no pressure', () => {
  expect(noPressure.level()).toBe(0);
});

describe('a BFF under pressure', () => {
  const Part = z.object({ id: z.string() });
  const shop = upstream('shop', {
    operations: {
      main: get('/main', { response: Part }),
      side: get('/side', { response: Part }),
      extra: get('/extra', { response: Part }),
    },
  });
  const of = (priority: Priority) =>
    endpoint('GET', `/${priority}`, { summary: 'A part.', access: anyone(), deadlineMs: 1_000, priority })
      .plan(({ call, optional }) => ({
        main: call(shop.main, () => ({})),
        side: optional(shop.side, () => ({}), { value: 9, fallback: () => ({ id: 'none' }) }),
        extra: optional(shop.extra, () => ({}), { value: 2, fallback: () => ({ id: 'none' }) }),
      }))
      .respond(z.array(z.string()), ({ main, side, extra }) => [main.id, side.id, extra.id]);
  const endpoints = [of('low'), of('normal'), of('high')];
  const fakes: Record<string, FakeUpstream> = { shop: ({ operation }) => ({ body: { id: operation } }) };
  const bffAt = (level: number) => testBff(endpoints, fakes, { pressure: { level: () => level } });

  test.each([
    [0, null, ['main', 'side', 'extra']],
    [1.2, 'extra', ['main', 'side', 'none']],
    [2, 'extra, side', ['main', 'none', 'none']],
    [100, 'extra, side', ['main', 'none', 'none']],
  ])(
    'at level %d leaves out the least valuable parts, and asks nobody for them',
    async (level, degraded, body) => {
      const bff = bffAt(level);
      const answer = await bff.app.request('/high');
      expect(answer.status).toBe(200);
      expect(answer.headers.get('bff-degraded')).toBe(degraded);
      expect(await answer.json()).toEqual(body);
      expect(bff.requests.map(({ operation }) => operation)).toEqual(body.filter((id) => id !== 'none'));
      expect(bff.clock.pending()).toBe(0);
    },
  );

  test.each([
    [1.999, [200, 200, 200]],
    [2, [503, 200, 200]],
    [3, [503, 503, 200]],
  ])('at level %d refuses by priority', async (level, statuses) => {
    const bff = bffAt(level);
    const answers = await Promise.all(
      ['/low', '/normal', '/high'].map(async (path) => bff.app.request(path)),
    );
    expect(answers.map(({ status }) => status)).toEqual(statuses);
    for (const answer of answers.filter(({ status }) => status === 503)) {
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await answer.json()).toMatchObject({ code: 'overloaded' });
    }
    expect(bff.requests.filter(({ operation }) => operation === 'main')).toHaveLength(
      statuses.filter((status) => status === 200).length,
    );
  });

  test('stays up for its operators', async () => {
    const bff = bffAt(Number.POSITIVE_INFINITY);
    const admin = adminApp(bff, () => true);
    const paths = ['/livez', '/readyz', '/metrics', '/'];
    const answers = await Promise.all(paths.map(async (path) => admin.request(path)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });

  test('listens to whoever measures last', async () => {
    const bff = testBff(endpoints, fakes);
    expect((await bff.app.request('/low')).status).toBe(200);
    bff.usePressure({ level: () => 2 });
    expect((await bff.app.request('/low')).status).toBe(503);
    bff.usePressure(noPressure);
    expect((await bff.app.request('/low')).status).toBe(200);
  });
});

function upToTen(): number[] {
  return Array.from({ length: 10 }, (_, index) => index + 1);
}
