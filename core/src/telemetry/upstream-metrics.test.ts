import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type { CallFact } from '../context/events.ts';
import {
  countBreakerChanges,
  countCalls,
  registerUpstreamGauges,
  type UpstreamGauges,
} from './upstream-metrics.ts';

const good = { health: 'unknown', ejectedForMs: 0 };

function gaugesOf(overrides: Partial<UpstreamGauges> = {}): UpstreamGauges {
  return {
    upstream: 'shop',
    breakers: [{ state: 'closed' }],
    targets: [good],
    bulkhead: { running: 0, waiting: 0, limit: 64 },
    retryBudget: { spent: 0, allowed: 30 },
    ...overrides,
  };
}

/** The samples of a scrape, without comments. */
async function scrape(registry: Registry): Promise<string[]> {
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

async function scrapeGauges(...gauges: readonly UpstreamGauges[]): Promise<string[]> {
  const registry = new Registry();
  registerUpstreamGauges([registry], () => gauges);
  return scrape(registry);
}

describe('a scrape', () => {
  test('shows breakers, targets, places and the budget', async () => {
    const shop = gaugesOf({
      breakers: [{ state: 'closed' }, { operation: 'list', state: 'open' }],
      targets: [
        good,
        { health: 'healthy', ejectedForMs: 0 },
        { health: 'unhealthy', ejectedForMs: 0 },
        { health: 'healthy', ejectedForMs: 1 },
      ],
      bulkhead: { running: 3, waiting: 2, limit: 64 },
      retryBudget: { spent: 4, allowed: 30 },
    });
    expect(await scrapeGauges(shop)).toEqual([
      'bff_breaker_open{upstream="shop",operation=""} 0',
      'bff_breaker_open{upstream="shop",operation="list"} 1',
      'bff_upstream_targets{upstream="shop",state="good"} 2',
      'bff_upstream_targets{upstream="shop",state="bad"} 2',
      'bff_upstream_places{upstream="shop",kind="running"} 3',
      'bff_upstream_places{upstream="shop",kind="waiting"} 2',
      'bff_upstream_places{upstream="shop",kind="limit"} 64',
      'bff_upstream_retry_budget{upstream="shop",kind="spent"} 4',
      'bff_upstream_retry_budget{upstream="shop",kind="allowed"} 30',
    ]);
  });

  test.each([
    ['closed', 0],
    ['half-open', 0.5],
    ['open', 1],
    ['isolated', 1],
  ] as const)('shows a breaker that is %s as %d', async (state, value) => {
    const [line] = await scrapeGauges(gaugesOf({ breakers: [{ state }] }));
    expect(line).toBe(`bff_breaker_open{upstream="shop",operation=""} ${value}`);
  });

  test('asks anew every time', async () => {
    const registry = new Registry();
    let running = 1;
    registerUpstreamGauges([registry], () => [gaugesOf({ bulkhead: { running, waiting: 0, limit: 4 } })]);
    expect(await scrape(registry)).toContain('bff_upstream_places{upstream="shop",kind="running"} 1');
    running = 2;
    expect(await scrape(registry)).toContain('bff_upstream_places{upstream="shop",kind="running"} 2');
  });

  test('shows the connections of a transport that has some', async () => {
    const sockets = { running: 3, free: 2, queued: 1, limit: 64 };
    const lines = await scrapeGauges(gaugesOf({ sockets }));
    expect(lines.filter((line) => line.includes('_sockets'))).toEqual([
      'bff_upstream_sockets{upstream="shop",state="running"} 3',
      'bff_upstream_sockets{upstream="shop",state="free"} 2',
      'bff_upstream_sockets{upstream="shop",state="queued"} 1',
      'bff_upstream_sockets{upstream="shop",state="limit"} 64',
    ]);
  });

  test('keeps upstreams apart, and names no address', async () => {
    const lines = await scrapeGauges(gaugesOf(), gaugesOf({ upstream: 'users' }));
    expect(lines.filter((line) => line.includes('upstream="users"'))).toHaveLength(8);
    expect(lines.join()).not.toContain('http');
  });
});

describe('the requests sent for calls', () => {
  const fact = (attempts: number, hedges: number): CallFact => ({
    node: 'part',
    upstream: 'shop',
    operation: 'get',
    method: 'GET',
    outcome: 'ok',
    startMs: 0,
    durationMs: 1,
    attempts,
    hedges,
    sent: [],
    bytes: 0,
  });

  async function linesAfter(...facts: readonly CallFact[]): Promise<string[]> {
    const registry = new Registry();
    const count = countCalls([registry]);
    for (const each of facts) count(each);
    return (await scrape(registry)).filter((each) => each.includes('_attempts_total'));
  }
  const line = (kind: string, value: number): string =>
    `bff_upstream_attempts_total{upstream="shop",operation="get",kind="${kind}"} ${value}`;

  test('are first ones, retries and hedges', async () => {
    expect(await linesAfter(fact(1, 0))).toEqual([line('first', 1)]);
    expect(await linesAfter(fact(2, 0))).toEqual([line('first', 1), line('retry', 1)]);
    expect(await linesAfter(fact(2, 1))).toEqual([line('first', 1), line('hedge', 1)]);
    expect(await linesAfter(fact(5, 2))).toEqual([line('first', 1), line('hedge', 2), line('retry', 2)]);
  });

  test('are none for a call that was refused or skipped', async () => {
    expect(await linesAfter(fact(0, 0))).toEqual([]);
  });

  test('add up to what was sent', async () => {
    const facts = [fact(0, 0), fact(1, 0), fact(2, 1), fact(3, 1), fact(4, 0)];
    const lines = await linesAfter(...facts);
    const sum = lines.reduce((total, each) => total + Number(each.split(' ').at(-1)), 0);
    expect(sum).toBe(10);
  });
});

test('every change of a breaker counts, however short it was', async () => {
  const registry = new Registry();
  const count = countBreakerChanges([registry]);
  count({ upstream: 'shop', from: 'closed', to: 'open' });
  count({ upstream: 'shop', from: 'half-open', to: 'open' });
  count({ upstream: 'shop', operation: 'list', from: 'open', to: 'half-open' });
  expect(await scrape(registry)).toEqual([
    'bff_breaker_changes_total{upstream="shop",operation="",to="open"} 2',
    'bff_breaker_changes_total{upstream="shop",operation="list",to="half-open"} 1',
  ]);
});
