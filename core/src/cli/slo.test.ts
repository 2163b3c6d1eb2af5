import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { BffGraph } from '../graph.ts';
import type { RuleFile } from '../slo/rule-file.ts';
import { sloCommand } from './slo.ts';

const graphs = ['mobile', 'web'].map((name) => ({
  name,
  owner: `@acme/${name}`,
  endpoints: [
    { method: 'GET', path: '/home', slo: { availability: 99.9, latency: { p: 99, ms: 500 } } },
    { method: 'GET', path: '/plain' },
  ],
})) as unknown as BffGraph[];

function slo(line: string, found = graphs): Promise<string> {
  const load = async (name?: string): Promise<BffGraph[]> =>
    found.filter((graph) => name === undefined || graph.name === name);
  return sloCommand(
    line.split(' ').filter((word) => word !== ''),
    load,
  );
}

test('shows what endpoints promise, and what that allows', async () => {
  expect(await slo('web')).toBe(
    [
      'bff  endpoint   promise                   may be bad in 30 days',
      'web  GET /home  99.9 % do not fail        0.1 % of requests, or 43 min',
      'web  GET /home  99 % take at most 500 ms  1 % of requests',
      '',
    ].join('\n'),
  );
});

test('shows those of every BFF, and says so where there are none', async () => {
  expect((await slo('')).match(/^(?:mobile|web) /gm)).toHaveLength(4);
  expect(await slo('nobody')).toBe('no endpoint declares slo\n');
});

test('--json is the same as data', async () => {
  expect(JSON.parse(await slo('web --json'))).toMatchObject([
    { bff: 'web', method: 'GET', path: '/home', sli: 'availability', objective: 0.999, budget: 0.001 },
    { sli: 'latency', objective: 0.99, budget: 0.01 },
  ]);
});

test('rules are a Prometheus file in YAML, of one BFF or of all', async () => {
  const file = parse(await slo('rules web')) as RuleFile;
  expect(file).toEqual(JSON.parse(await slo('rules web --json')));
  expect(JSON.stringify(file)).not.toContain('mobile');
  const names = (parse(await slo('rules')) as RuleFile).groups.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['bffkit-key-metrics mobile', 'bffkit-key-metrics web']));
  expect(new Set(names).size).toBe(names.length); // Prometheus refuses two groups of one name
});

test('what it does not understand it says', async () => {
  await expect(slo('rules web mobile')).rejects.toThrow('slo needs `[BFF]` or `rules [BFF]`');
});
