/**
 * A real Prometheus scrapes a running BFF with the generated rules, on windows 150 times shorter than in production:
 * silent while all is well, and alarmed within seconds of a fault.
 */
import { readFileSync } from 'node:fs';
import { setInterval as every, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { anyone, bind, endpoint, get, upstream } from 'bffkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
// @boundaries-ignore the rules as data, with a scale that the command does not offer
import { rulesOf } from '../../core/src/slo/rules.ts';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type Prometheus, startPrometheus } from '../support/prometheus.ts';
import { type ServedBff, served } from '../support/served.ts';

const intervalMs = 200;
const scale = 1 / 150; // five minutes are two seconds
const patienceMs = 60_000;

const Part = z.object({ id: z.string() });
const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
const home = endpoint('GET', '/home', {
  summary: 'Home.',
  access: anyone(),
  deadlineMs: 2_000,
  cost: 0,
  slo: { availability: 99.9, latency: { p: 50, ms: 1_900 } },
})
  .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
  .respond(Part, ({ part }) => part);

let service: FaultyUpstream;
let bff: ServedBff;
let prometheus: Prometheus;
let requests = 0;
const traffic = new AbortController();

/** Twenty requests a second, whatever they are answered. */
async function sendTraffic(): Promise<void> {
  for await (const _ of every(50, undefined, { signal: traffic.signal })) {
    void fetch(`${bff.url}/home`, { headers: { host: 'bff.test' } })
      .then((answer) => answer.arrayBuffer())
      .catch(() => {});
    requests += 1;
  }
}

/** Asks until the answer will do; fails with the last one when patience is over. */
async function until<T>(ask: () => Promise<T>, isEnough: (answer: T) => boolean): Promise<T> {
  const endMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (isEnough(answer) || performance.now() > endMs) return answer;
    await sleep(intervalMs);
  }
}

async function firing(): Promise<string[]> {
  const alerts = await prometheus.alerts();
  return alerts.flatMap(({ state, labels }) => (state === 'firing' ? [labels.alertname ?? ''] : []));
}

beforeAll(async () => {
  service = await faultyUpstream(faults.ok({ id: '1' }), { remembers: false });
  bff = await served({ endpoints: [home], upstreams: [bind(shop, { targets: service.url })] });
  prometheus = await startPrometheus({
    targets: [new URL(bff.adminUrl).host],
    rules: [rulesOf(bff.bff.graph, scale)],
    intervalMs,
  });
  void sendTraffic().catch(() => {}); // it ends by being aborted
}, 180_000);

afterAll(async () => {
  traffic.abort();
  await prometheus?.stop();
  await bff?.close();
  await service?.close();
});

test('while all is well no alert fires, and each of the seven figures is there', {
  timeout: 120_000,
}, async () => {
  const figures = [
    'bff:http_requests:rate5m',
    'bff:http_errors:ratio_rate5m',
    'bff:gateway_overhead_seconds:p99_5m',
    'bff_upstream:health:min',
    'bff:limit_hits:ratio_rate5m',
    'bff:auth_failures:ratio_rate5m',
    'bff_upstream:pool_use:max',
  ];
  const present = (): Promise<readonly unknown[][]> =>
    Promise.all(figures.map(async (figure) => [...(await prometheus.query(`${figure} >= 0`))]));
  const found = await until(present, (all) => all.every((samples) => samples.length > 0));
  expect(found.map((samples) => samples.length)).toEqual(figures.map(() => 1));
  // A whole hour of theirs, full of evaluations, each of which could have fired.
  const fired = 'count_over_time(ALERTS{alertname!="BffOverheadHigh"}[24s])';
  const evaluated = 'sum(count_over_time(bff:http_requests:rate5m[24s]))';
  await until(
    () => prometheus.query(evaluated),
    ([sample]) => (sample?.value ?? 0) >= 60,
  );
  expect(await prometheus.query(fired)).toEqual([]); // overhead apart: this machine may be slow, the rule is right
});

test('a fault fires the page of the objective and the alerts of the figures it hurts', {
  timeout: 120_000,
}, async () => {
  service.mode = faults.status(500);
  const expected = ['BffSloBurnsFast', 'BffServerErrors', 'BffUpstreamUnhealthy'];
  const fired = await until(firing, (names) => expected.every((name) => names.includes(name)));
  expect(fired).toEqual(expect.arrayContaining(expected));
  const page = (await prometheus.alerts()).find(({ labels }) => labels.alertname === 'BffSloBurnsFast');
  expect(page?.labels).toMatchObject({
    severity: 'page',
    owner: '@acme/test',
    method: 'GET',
    route: '/home',
    sli: 'availability',
    sloth_service: 'test',
    sloth_slo: 'GET /home availability',
  });
  expect(fired).not.toContain('BffNoRequests');
  expect(requests).toBeGreaterThan(100);
});

test('the expression of every panel of every dashboard is understood', async () => {
  const folder = fileURLToPath(new URL('../../docs/dashboards/', import.meta.url));
  for (const file of ['overview.json', 'upstreams.json', 'slos.json']) {
    const { panels } = JSON.parse(readFileSync(folder + file, 'utf8')) as {
      panels: { targets?: { expr: string }[] }[];
    };
    for (const { expr } of panels.flatMap(({ targets = [] }) => targets)) {
      const filled = expr
        .replaceAll('$__rate_interval', '2s')
        .replaceAll('"$bff"', '"test"')
        .replaceAll('"$upstream"', '"shop"');
      await expect(prometheus.query(filled), expr).resolves.toBeInstanceOf(Array);
    }
  }
});
