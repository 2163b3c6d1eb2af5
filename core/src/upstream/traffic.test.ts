import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileTraffic, type TrafficFacts, type TrafficPolicy, versionFor } from './traffic.ts';

function factsOf(subject: string, headers: Readonly<Record<string, string>> = {}): TrafficFacts {
  return { subject, header: (name) => headers[name] };
}

const subjects = Array.from({ length: 20_000 }, (_, index) => `usr_${index}`);

/** The version of every subject under a policy. */
function versionsOf(policy: TrafficPolicy, upstream = 'orders'): (string | undefined)[] {
  const traffic = compileTraffic(upstream, policy);
  return subjects.map((subject) => versionFor(traffic, factsOf(subject)));
}

function shareOf(versions: readonly (string | undefined)[], version: string): number {
  return versions.filter((one) => one === version).length / versions.length;
}

test('a policy that says nothing leaves the choice to the weights of the targets', () => {
  expect(versionFor(compileTraffic('orders', {}), factsOf('usr_1'))).toBeUndefined();
});

describe('a rule', () => {
  const decide = (policy: TrafficPolicy, headers: Record<string, string> = {}): string | undefined =>
    versionFor(compileTraffic('orders', policy), factsOf('usr_1', headers));

  test('without a condition decides for everyone', () => {
    expect(decide({ rules: [{ version: 'v2' }], weights: { v1: 1 } })).toBe('v2');
  });

  test('decides by a header with exactly its value, in any spelling of the name', () => {
    const policy = { rules: [{ match: { header: { name: 'X-Canary', value: 'yes' } }, version: 'v2' }] };
    expect(decide(policy, { 'x-canary': 'yes' })).toBe('v2');
    expect(decide(policy, { 'x-canary': 'yes, yes' })).toBeUndefined();
    expect(decide(policy, { 'x-canary': 'Yes' })).toBeUndefined();
    expect(decide(policy)).toBeUndefined();
  });

  test.each<[string, string | undefined]>([
    ['track=beta', 'v2'],
    ['a=1; track=beta; b=2', 'v2'],
    ['a=1;track=beta', 'v2'],
    ['track=beta; track=stable', 'v2'],
    ['track=stable; track=beta', undefined],
    ['track=beta2', undefined],
    ['xtrack=beta', undefined],
    ['a=track=beta', undefined],
    ['track', undefined],
    ['', undefined],
  ])('decides by a cookie: %j gives %j', (cookie, version) => {
    const policy = { rules: [{ match: { cookie: { name: 'track', value: 'beta' } }, version: 'v2' }] };
    expect(decide(policy, { cookie })).toBe(version);
  });

  test('does not take a word without a value for a cookie', () => {
    const policy = { rules: [{ match: { cookie: { name: 'bet', value: 'beta' } }, version: 'v2' }] };
    expect(decide(policy, { cookie: 'beta' })).toBeUndefined();
  });

  test('with several conditions needs them all', () => {
    const match = { header: { name: 'x-a', value: '1' }, cookie: { name: 'b', value: '2' } };
    const policy = { rules: [{ match, version: 'v2' }] };
    expect(decide(policy, { 'x-a': '1', cookie: 'b=2' })).toBe('v2');
    expect(decide(policy, { 'x-a': '1' })).toBeUndefined();
    expect(decide(policy, { cookie: 'b=2' })).toBeUndefined();
    const never = { rules: [{ match: { ...match, percentage: 0 }, version: 'v2' }] };
    expect(decide(never, { 'x-a': '1', cookie: 'b=2' })).toBeUndefined();
  });

  test('comes before the rules after it and before the weights', () => {
    const rules = [
      { match: { header: { name: 'x-a', value: '1' } }, version: 'first' },
      { match: { header: { name: 'x-b', value: '1' } }, version: 'second' },
    ];
    const policy = { rules, weights: { third: 1 } };
    expect(decide(policy, { 'x-a': '1', 'x-b': '1' })).toBe('first');
    expect(decide(policy, { 'x-b': '1' })).toBe('second');
    expect(decide(policy)).toBe('third');
  });
});

describe('a percentage', () => {
  const canary = (percentage: number): TrafficPolicy => ({
    rules: [{ match: { percentage }, version: 'v2' }],
  });

  test('is close to its share of the subjects', () => {
    for (const percentage of [1, 10, 33.3, 50, 90]) {
      expect(Math.abs(shareOf(versionsOf(canary(percentage)), 'v2') - percentage / 100)).toBeLessThan(0.01);
    }
  });

  test('of 0 is nobody and of 100 everybody', () => {
    expect(shareOf(versionsOf(canary(0)), 'v2')).toBe(0);
    expect(shareOf(versionsOf(canary(100)), 'v2')).toBe(1);
  });

  test('is the same subjects every time, and growing it moves nobody back', () => {
    const percentage = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(percentage, percentage, fc.string(), fc.string(), (one, other, subject, upstream) => {
        const [small, large] = one < other ? [one, other] : [other, one];
        const decide = (share: number): string | undefined =>
          versionFor(compileTraffic(upstream, canary(share)), factsOf(subject));
        expect(decide(small)).toBe(decide(small));
        if (decide(small) === 'v2') expect(decide(large)).toBe('v2');
      }),
    );
  });

  test('names the same subjects in every release', () => {
    const chosen = versionsOf(canary(10)).flatMap((version, index) =>
      version === 'v2' && index < 60 ? [subjects[index]] : [],
    );
    expect(chosen).toEqual(['usr_0', 'usr_17', 'usr_21', 'usr_22', 'usr_29', 'usr_39', 'usr_49', 'usr_50']);
  });

  test('after another one is a share of the rest', () => {
    const versions = versionsOf({
      rules: [
        { match: { percentage: 20 }, version: 'v2' },
        { match: { percentage: 50 }, version: 'v3' },
      ],
    });
    expect(Math.abs(shareOf(versions, 'v2') - 0.2)).toBeLessThan(0.01);
    expect(Math.abs(shareOf(versions, 'v3') - 0.4)).toBeLessThan(0.01);
  });

  test('of one upstream says nothing about another', () => {
    const [orders, users] = [versionsOf(canary(50), 'orders'), versionsOf(canary(50), 'users')];
    const both = orders.filter((version, index) => version === 'v2' && users[index] === 'v2').length;
    expect(Math.abs(both / subjects.length - 0.25)).toBeLessThan(0.01);
  });
});

describe('weights', () => {
  test('share the subjects', () => {
    const versions = versionsOf({ weights: { v1: 70, v2: 20, v3: 10 } });
    expect(Math.abs(shareOf(versions, 'v1') - 0.7)).toBeLessThan(0.01);
    expect(Math.abs(shareOf(versions, 'v2') - 0.2)).toBeLessThan(0.01);
    expect(Math.abs(shareOf(versions, 'v3') - 0.1)).toBeLessThan(0.01);
  });

  test('of 0 are nobody', () => {
    expect(shareOf(versionsOf({ weights: { v1: 0, v2: 5 } }), 'v2')).toBe(1);
    expect(shareOf(versionsOf({ weights: { v1: 1, v2: 1, v3: 0 } }), 'v3')).toBe(0);
  });

  test('of nothing but 0 say nothing', () => {
    expect(versionFor(compileTraffic('orders', { weights: { v1: 0 } }), factsOf('usr_1'))).toBeUndefined();
  });

  test('that grow move subjects only to their version', () => {
    const [before, after] = [
      versionsOf({ weights: { v1: 90, v2: 10 } }),
      versionsOf({ weights: { v1: 70, v2: 30 } }),
    ];
    for (const [index, version] of before.entries()) if (version === 'v2') expect(after[index]).toBe('v2');
    expect(shareOf(after, 'v2')).toBeGreaterThan(0.28);
  });

  test('share what a percentage left', () => {
    const versions = versionsOf({
      rules: [{ match: { percentage: 20 }, version: 'v2' }],
      weights: { v1: 50, v2: 50 },
    });
    expect(Math.abs(shareOf(versions, 'v1') - 0.4)).toBeLessThan(0.01);
  });
});
