/**
 * More than a service, or this process, can do: what is required goes on, what is optional is left out
 * in the order of its value, and nobody waits past the deadline.
 */
import { anyone, bind, type ConcurrencyOptions, endpoint, get, upstream } from 'bffkit';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { limited } from '../support/limited-upstream.ts';
import { byStatus, type LoadAnswer, load, offer, quantile } from '../support/load.ts';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';

const deadlineMs = 1_000;
const good = { id: '1' };
const Part = z.object({ id: z.string() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const options = { summary: 'A screen.', access: anyone(), deadlineMs, cost: 0 } as const;
const fallback = () => ({ id: '' });
const screen = endpoint('GET', '/screen', options)
  .plan(({ call, optional }) => ({
    part: call(shop.get, () => ({})),
    one: optional(shop.get, () => ({}), { value: 1, fallback }),
    five: optional(shop.get, () => ({}), { value: 5, fallback }),
    nine: optional(shop.get, () => ({}), { value: 9, fallback }),
  }))
  .respond(Part, ({ part }) => part);
const callsPerScreen = 4;

let watch: ProcessWatch;
let service: FaultyUpstream;
const agent = new Agent({ connections: 512 });

beforeAll(async () => {
  watch = watchProcess();
  service = await faultyUpstream(faults.ok(good));
});

afterAll(async () => {
  await agent.close();
  await service.quiet();
  await service.close();
  watch.stop();
  expect(watch.complaints).toEqual([]);
});

/** How many answers came without each part. */
function missing(answers: readonly LoadAnswer[]) {
  const counts = { one: 0, five: 0, nine: 0 };
  for (const { degraded = '' } of answers) {
    for (const part of degraded.split(', ')) if (part in counts) counts[part as keyof typeof counts] += 1;
  }
  return counts;
}

describe.each<[string, ConcurrencyOptions]>([
  ['a fixed number of places', { running: 8 }],
  ['places that follow the latency', { running: 'adaptive' }],
])('at twice the capacity of a service, with %s', (_name, concurrency) => {
  test('99 % of what is required succeeds, and optional parts go in the order of their value', async () => {
    const capacity = { concurrency: 4, serviceMs: 20 };
    service.mode = limited(good, capacity);
    const bff = await served({
      pressure: { level: () => 0 }, // that of this machine is another matter
      endpoints: [screen],
      upstreams: [bind(shop, { targets: service.url, breaker: neverOpens, concurrency })],
    });
    try {
      const perSecond = await callsPerSecond();
      const calm = await load(`${bff.url}/screen`, { agent, requests: 40, concurrency: 1 });
      expect(missing(calm)).toEqual({ one: 0, five: 0, nine: 0 });
      const answers = await bestRound(`${bff.url}/screen`, (2 * perSecond) / callsPerScreen);
      expect(answered(answers)).toBeGreaterThanOrEqual(0.99);
      const without = missing(answers);
      expect(without.one).toBeGreaterThan(answers.length / 2);
      expect(without.one).toBeGreaterThanOrEqual(without.five);
      expect(without.five).toBeGreaterThan(without.nine);
      expect(quantile(answers, 0.99)).toBeLessThanOrEqual(deadlineMs);
    } finally {
      await bff.close();
    }
  });
});

function answered(answers: readonly LoadAnswer[]): number {
  return (byStatus(answers)[200] ?? 0) / answers.length;
}

/** The first of three rounds in which nearly everything was answered: the machine may be busy with other things. */
async function bestRound(url: string, perSecond: number): Promise<LoadAnswer[]> {
  let best: LoadAnswer[] = [];
  for (let round = 0; round < 3; round += 1) {
    const answers = await offer(url, { agent, requests: 240, perSecond });
    if (best.length === 0 || answered(answers) > answered(best)) best = answers;
    if (answered(best) >= 0.99) break;
  }
  return best;
}

/** What the service does when it is asked without pause: measured, since a busy machine is slower than planned. */
async function callsPerSecond(): Promise<number> {
  const startMs = performance.now();
  await load(`${service.url}/part`, { agent, requests: 100, concurrency: 8 });
  return 100 / ((performance.now() - startMs) / 1_000);
}

describe('a process under pressure', () => {
  let bff: ServedBff;
  let level = 0;
  const priorities = ['low', 'normal', 'high'] as const;

  beforeAll(async () => {
    service.mode = faults.ok(good);
    bff = await served({
      pressure: { level: () => level },
      endpoints: [
        screen,
        ...priorities.map((priority) =>
          endpoint('GET', `/${priority}`, { ...options, priority }).handle(Part, async () => good),
        ),
      ],
      upstreams: [bind(shop, { targets: service.url })],
    });
  });

  afterAll(async () => {
    await bff.close();
  });

  async function ask(url: string) {
    const { statusCode, headers, body } = await request(url, { dispatcher: agent });
    await body.dump();
    return { status: statusCode, degraded: headers['bff-degraded'], retryAfter: headers['retry-after'] };
  }

  test.each([
    [0, undefined],
    [0.99, undefined],
    [1, 'one'],
    [1.5, 'five, one'],
    [1.9, 'five, nine, one'],
  ])('at level %d every endpoint answers, without the parts: %s', async (now, degraded) => {
    level = now;
    const before = service.requests.length;
    expect(await ask(`${bff.url}/screen`)).toEqual({ status: 200, degraded, retryAfter: undefined });
    expect(service.requests.length - before).toBe(callsPerScreen - (degraded?.split(', ').length ?? 0));
    for (const priority of priorities) expect((await ask(`${bff.url}/${priority}`)).status).toBe(200);
    expect((await ask(`${bff.adminUrl}/livez`)).status).toBe(200);
  });

  test.each([
    [2, ['low']],
    [3, ['low', 'normal']],
    [100, ['low', 'normal']],
  ])(
    'at level %d endpoints of priority %s are refused, with a time to come back; health stays up',
    async (now, refused) => {
      level = now;
      const before = service.requests.length;
      for (const priority of priorities) {
        const { status, retryAfter } = await ask(`${bff.url}/${priority}`);
        expect(status).toBe(refused.includes(priority) ? 503 : 200);
        if (status === 503) expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
      }
      expect((await ask(`${bff.url}/screen`)).status).toBe(refused.includes('normal') ? 503 : 200);
      expect(service.requests.length - before).toBe(refused.includes('normal') ? 0 : 1);
      for (const page of ['/livez', '/readyz']) expect((await ask(bff.adminUrl + page)).status).toBe(200);
    },
  );

  test('when the pressure is gone everything is served again', async () => {
    level = 3;
    expect((await ask(`${bff.url}/screen`)).status).toBe(503);
    level = 0;
    expect(await ask(`${bff.url}/screen`)).toMatchObject({ status: 200, degraded: undefined });
    expect((await ask(`${bff.url}/low`)).status).toBe(200);
  });
});
