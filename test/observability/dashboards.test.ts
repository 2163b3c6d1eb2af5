/**
 * Dashboards and rules name what a running BFF exports, and nothing else.
 */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { anyone, endpoint } from 'bffkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
// @boundaries-ignore the rules as data; the command prints them
import { rulesOf } from '../../core/src/slo/rules.ts';
import { namesExported, namesIn } from '../support/rule-names.ts';
import { type ServedBff, served } from '../support/served.ts';

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly targets?: readonly { readonly expr: string }[];
  }[];
}

const folder = fileURLToPath(new URL('../../docs/dashboards/', import.meta.url));
const files = globSync('*.json', { cwd: folder });

const home = endpoint('GET', '/home', {
  summary: 'Home.',
  access: anyone(),
  deadlineMs: 1_000,
  slo: { availability: 99.9, latency: { p: 99, ms: 500 } },
}).handle(z.object({}), async () => ({}));

let bff: ServedBff;
let exported: ReadonlySet<string>;

beforeAll(async () => {
  bff = await served({ endpoints: [home], upstreams: [] });
  exported = namesExported(await (await fetch(`${bff.adminUrl}/metrics`)).text());
});

afterAll(() => bff.close());

function rules() {
  return rulesOf(bff.bff.graph).groups.flatMap((group) => group.rules);
}

function recorded(): string[] {
  return rules().flatMap((rule) => ('record' in rule ? [rule.record] : []));
}

test('every name in a rule is exported, or recorded by another rule', () => {
  const known = new Set([...exported, ...recorded()]);
  const named = new Set(rules().flatMap(({ expr }) => namesIn(expr)));
  expect([...named].filter((name) => !known.has(name))).toEqual([]);
  expect(named.size).toBeGreaterThan(15);
});

test('there is a dashboard for the overview, for upstreams and for objectives', () => {
  expect(files.sort()).toEqual(['overview.json', 'slos.json', 'upstreams.json']);
});

describe.each(files)('the dashboard %s', (file) => {
  const { uid, panels } = JSON.parse(readFileSync(folder + file, 'utf8')) as Dashboard;

  test('has a name that stays, and panels with numbers of their own', () => {
    expect(uid).toMatch(/^bffkit-[a-z]+$/);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  test('names in every panel what is exported or recorded', () => {
    const known = new Set([...exported, ...recorded()]);
    const unknown = panels.flatMap(({ title, targets = [] }) =>
      targets.flatMap(({ expr }) => {
        const names = namesIn(expr);
        return names.length === 0 || names.some((name) => !known.has(name)) ? [`${title}: ${expr}`] : [];
      }),
    );
    expect(unknown).toEqual([]);
  });
});

test('the overview shows each of the seven key metrics', () => {
  const text = readFileSync(`${folder}overview.json`, 'utf8');
  const [group] = rulesOf(bff.bff.graph).groups;
  const seven = group?.rules.flatMap(
    (rule) => ('alert' in rule ? namesIn(rule.expr).at(-1) : undefined) ?? [],
  );
  expect(seven).toHaveLength(7);
  expect(seven?.filter((name) => !text.includes(name))).toEqual([]);
});
