import fc from 'fast-check';
import { expect, test } from 'vitest';
import { criticalPath, type NodeOrder, type TimedCall } from './critical-path.ts';

const home: NodeOrder = {
  nodes: [
    { name: 'profile', dependencies: [] },
    { name: 'recent', dependencies: ['profile'] },
    { name: 'recommended', dependencies: ['profile'] },
    { name: 'productIds', dependencies: ['recent'] },
    { name: 'products', dependencies: ['productIds'] },
  ],
};

test('the path is what the answer waited for, and every other node has slack', () => {
  const calls = [
    { node: 'profile', startMs: 1, durationMs: 10 },
    { node: 'recommended', startMs: 11, durationMs: 25 },
    { node: 'recent', startMs: 11, durationMs: 20 },
    { node: 'products', startMs: 32, durationMs: 30 },
  ];
  expect(criticalPath(home, calls)).toEqual({
    path: ['profile', 'recent', 'productIds', 'products'],
    slackMs: { profile: 0, recent: 0, recommended: 26, products: 0 },
  });
});

test('the chunks of one node count from the first start to the last end', () => {
  const calls = [
    { node: 'profile', startMs: 0, durationMs: 5 },
    { node: 'products', startMs: 5, durationMs: 40 },
    { node: 'products', startMs: 6, durationMs: 10 },
  ];
  expect(criticalPath(home, calls).slackMs).toEqual({ profile: 0, products: 0 });
});

test('what never ran is not on the path', () => {
  const calls = [{ node: 'profile', startMs: 0, durationMs: 5 }];
  expect(criticalPath(home, calls)).toEqual({ path: ['profile'], slackMs: { profile: 0 } });
});

test('a node that was kept in the cache links those before and after it', () => {
  const calls = [
    { node: 'profile', startMs: 0, durationMs: 5 },
    { node: 'products', startMs: 6, durationMs: 9 },
  ];
  expect(criticalPath(home, calls).path).toEqual(['profile', 'recent', 'productIds', 'products']);
});

test('a call behind a stale answer holds nobody up', () => {
  const calls = [
    { node: 'profile', startMs: 0, durationMs: 30 },
    { node: 'recent', startMs: 1, durationMs: 40 },
  ];
  expect(criticalPath(home, calls).slackMs).toEqual({ profile: 11, recent: 0 });
});

test('nothing called, and an endpoint whose plan nobody knows, have no path', () => {
  expect(criticalPath(home, [])).toEqual({ path: [], slackMs: {} });
  expect(criticalPath({ nodes: [] }, [{ node: 'a', startMs: 0, durationMs: 5 }])).toEqual({
    path: [],
    slackMs: {},
  });
});

interface Step {
  readonly needs: readonly number[];
  readonly waitMs: number;
  readonly workMs: number;
  /** False for `derive`: it takes no time. */
  readonly calls: boolean;
}

const step = fc.record({
  needs: fc.array(fc.nat(30), { maxLength: 3 }),
  waitMs: fc.nat(5),
  workMs: fc.nat(50),
  calls: fc.boolean(),
});
const plans = fc.array(step, { minLength: 1, maxLength: 12 });
const nameOf = (index: number): string => `n${index}`;

/** Runs a plan on paper; each node later by what `lateMs` says. */
function run(
  steps: readonly Step[],
  lateMs: (index: number) => number = () => 0,
): { readonly graph: NodeOrder; readonly calls: TimedCall[]; readonly endMs: number } {
  const ends: number[] = [];
  const calls: TimedCall[] = [];
  const nodes = steps.map(({ needs, waitMs, workMs, calls: isCall }, index) => {
    const before = [...new Set(needs.map((need) => need % (index + 1)).filter((need) => need < index))];
    const readyMs = Math.max(0, ...before.map((need) => ends[need] ?? 0));
    const startMs = readyMs + waitMs;
    const durationMs = workMs + lateMs(index);
    ends.push(isCall ? startMs + durationMs : readyMs);
    if (isCall) calls.push({ node: nameOf(index), startMs, durationMs });
    return { name: nameOf(index), dependencies: before.map(nameOf) };
  });
  return { graph: { nodes }, calls, endMs: Math.max(0, ...ends) };
}

test('a node may end later by its slack without delaying the answer, and not by more', () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 1, max: 20 }), (steps, moreMs) => {
      const { graph, calls, endMs } = run(steps);
      const { slackMs } = criticalPath(graph, calls);
      for (const [index, { calls: isCall }] of steps.entries()) {
        if (!isCall) continue;
        const slack = slackMs[nameOf(index)] ?? Number.NaN;
        const late = (byMs: number): number => run(steps, (at) => (at === index ? byMs : 0)).endMs;
        expect(late(slack)).toBe(endMs);
        expect(late(slack + moreMs)).toBe(endMs + moreMs);
      }
    }),
  );
});

test('every call on the path is without slack, linked to the next, and the last one ends last', () => {
  fc.assert(
    fc.property(plans, (steps) => {
      const { graph, calls } = run(steps);
      const { path, slackMs } = criticalPath(graph, calls);
      for (const [at, name] of path.entries()) {
        expect(slackMs[name] ?? 0).toBe(0);
        const next = graph.nodes.find((node) => node.name === path[at + 1]);
        if (next !== undefined) expect(next.dependencies).toContain(name);
      }
      const endOf = new Map(calls.map(({ node, startMs, durationMs }) => [node, startMs + durationMs]));
      const lastMs = Math.max(...endOf.values());
      if (calls.length > 0) expect(endOf.get(path.at(-1) ?? '')).toBe(lastMs);
    }),
  );
});

test('times that no plan explains never give a negative slack', () => {
  const wild = fc.array(
    fc.record({ node: fc.nat(11).map(nameOf), startMs: fc.nat(50), durationMs: fc.nat(50) }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(plans, wild, (steps, calls) => {
      const slacks = Object.values(criticalPath(run(steps).graph, calls).slackMs);
      expect(slacks.every((slack) => slack >= 0)).toBe(true);
    }),
  );
});
