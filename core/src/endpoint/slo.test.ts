import { expect, test } from 'vitest';
import { z } from 'zod';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/index.ts';
import { endpoint } from './endpoint.ts';
import { type SloOptions, shareOf, sloTargetOf } from './slo.ts';

function promising(slo: unknown) {
  const options = { summary: 'Home.', access: anyone(), deadlineMs: 1_000, slo: slo as SloOptions };
  return endpoint('GET', '/home', options).handle(z.object({}), async () => ({}));
}

test.each<[unknown, string]>([
  [{}, 'GET /home: slo promises nothing; declare availability, latency or both'],
  [{ availabilty: 99 }, "GET /home: slo: unknown option 'availabilty'; did you mean 'availability'?"],
  [{ availability: 0.999 }, 'GET /home: slo.availability must be a number from 50 to 99.999, got 0.999'],
  [{ availability: 100 }, 'slo.availability must be a number from 50 to 99.999, got 100'],
  [{ availability: '99' }, 'slo.availability must be a number from 50 to 99.999, got 99'],
  [{ latency: { p: 99 } }, 'GET /home: slo.latency.ms must be a number from 1 to 30000, got undefined'],
  [{ latency: { p: 100, ms: 1 } }, 'GET /home: slo.latency.p must be a number from 50 to 99.999, got 100'],
  [{ latency: { p: 99, ms: 0 } }, 'slo.latency.ms must be a number from 1 to 30000, got 0'],
  [{ latency: { p: 99, ms: 100, s: 1 } }, "GET /home: slo.latency: unknown option 's'"],
  [{ latency: { p: 99, ms: 1_000 } }, 'slo.latency.ms must be below deadlineMs 1000'],
])('the objective %j refuses to boot', (slo, message) => {
  expect(() => testBff([promising(slo)], {})).toThrow(RangeError);
  expect(() => testBff([promising(slo)], {})).toThrow(message);
});

test('an objective is part of the graph, and its counters are there before the first request', async () => {
  const slo = { availability: 99.9, latency: { p: 99, ms: 500 } };
  const bff = testBff([promising(slo)], {});
  expect(bff.graph.endpoints[0]?.slo).toEqual(slo);
  const zero = 'bff_slo_requests_total{method="GET",route="/home",sli="availability",bff="test"} 0';
  expect(await bff.metrics.text()).toContain(zero);
  await bff.app.request('/home');
  expect(await bff.metrics.text()).toContain(zero.replace(/0$/, '1'));
});

test('percents are shares without a tail', () => {
  expect([99.9, 99.95, 99.99, 95].map(shareOf)).toEqual([0.999, 0.9995, 0.9999, 0.95]);
});

test('an endpoint without an objective has no target', () => {
  const { slo: _, ...options } = promising({ availability: 99 }).options;
  expect(sloTargetOf({ ...promising({ availability: 99 }), options })).toEqual([]);
});
