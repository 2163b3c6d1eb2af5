import { expect, test } from 'vitest';
import { objectivesOf } from './objectives.ts';
import { selector, spans } from './rule-file.ts';
import { rulesOf } from './rules.ts';

const graph = {
  name: 'web',
  owner: '@acme/web',
  endpoints: [
    { method: 'GET', path: '/a/:id', slo: { availability: 99.9, latency: { p: 95, ms: 250 } } },
    { method: 'GET', path: '/b', slo: { latency: { p: 99, ms: 100 } } },
    { method: 'GET', path: '/c' },
  ],
} as unknown as Parameters<typeof rulesOf>[0];

test('an endpoint has an objective for each thing it promises', () => {
  expect(
    objectivesOf(graph).map(({ path, sli, objective, budget }) => [path, sli, objective, budget]),
  ).toEqual([
    ['/a/:id', 'availability', 0.999, 0.001],
    ['/a/:id', 'latency', 0.95, 0.05],
    ['/b', 'latency', 0.99, 0.01],
  ]);
});

test('every ratio is recorded under the name that sloth gives it, over every window', () => {
  const records = rulesOf(graph).groups.flatMap(({ rules }) =>
    rules.flatMap((rule) =>
      'record' in rule && rule.labels?.sloth_slo === 'GET /b latency' ? [rule.record] : [],
    ),
  );
  expect(records).toEqual([
    ...['5m', '30m', '1h', '2h', '6h', '1d', '3d', '30d'].map(
      (window) => `slo:sli_error:ratio_rate${window}`,
    ),
    'slo:objective:ratio',
    'slo:error_budget:ratio',
    'slo:time_period:days',
    'slo:current_burn_rate:ratio',
    'slo:period_burn_rate:ratio',
    'slo:period_error_budget_remaining:ratio',
    'sloth_slo_info',
  ]);
});

test('an alert names both windows of each pace and the budget', () => {
  const alerts = rulesOf(graph)
    .groups.flatMap(({ rules }) => rules)
    .flatMap((rule) => ('alert' in rule && rule.labels.sli === 'availability' ? [rule] : []));
  expect(alerts.map(({ labels }) => labels.severity)).toEqual(['page', 'ticket']);
  const paces = alerts.map(({ expr }) =>
    [...expr.matchAll(/ratio_rate(\w+)\{[^}]*\} > \(([\d.]+) \* ([\d.]+)\)/g)].map(([, ...found]) =>
      found.join(' '),
    ),
  );
  expect(paces).toEqual([
    ['5m 14.4 0.001', '1h 14.4 0.001', '30m 6 0.001', '6h 6 0.001'],
    ['2h 3 0.001', '1d 3 0.001', '6h 1 0.001', '3d 1 0.001'],
  ]);
});

test('a BFF without objectives still has its key metrics and its problems, and nothing else', () => {
  const { groups } = rulesOf({ ...graph, endpoints: [] });
  expect(groups.map(({ name }) => name)).toEqual(['bffkit-key-metrics web', 'bffkit-problems web']);
});

test('the seven key metrics are recorded and have an alert each', () => {
  const [group] = rulesOf(graph).groups;
  const alerts = group?.rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : []));
  expect(alerts).toEqual([
    'BffNoRequests',
    'BffServerErrors',
    'BffOverheadHigh',
    'BffUpstreamUnhealthy',
    'BffLimitHits',
    'BffAuthFailures',
    'BffPoolUse',
  ]);
});

test('for a test all windows can be shorter by the same factor', () => {
  expect(['5m', '1h', '30d'].map(spans())).toEqual(['5m', '1h', '30d']);
  expect(['5m', '1h', '3d'].map(spans(1 / 600))).toEqual(['500ms', '6000ms', '432000ms']);
  const text = JSON.stringify(rulesOf(graph, 1 / 600));
  expect(text).not.toMatch(/\[\d+[smhd]\]|"for":"\d+[smhd]"/);
});

test('what a label says cannot end its selector', () => {
  expect(selector({ route: '/a"b\\c' })).toBe('{route="/a\\"b\\\\c"}');
});
