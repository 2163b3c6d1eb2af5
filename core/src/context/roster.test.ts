import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Roster, type Seat } from './roster.ts';

test('whoever came and did not leave is here, whatever the order', () => {
  const steps = fc.array(fc.record({ adds: fc.boolean(), which: fc.nat() }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, (script) => {
      const roster = new Roster<number>();
      const here = new Map<number, Seat<number>>();
      for (const [number, { adds, which }] of script.entries()) {
        const [chosen] = [...here].slice(which % Math.max(1, here.size));
        if (adds || chosen === undefined) here.set(number, roster.add(number));
        else {
          roster.remove(chosen[1]);
          here.delete(chosen[0]);
        }
        expect(roster.size).toBe(here.size);
        expect(roster.members().sort()).toEqual([...here.keys()].sort());
      }
    }),
  );
});

test('leaving twice removes nobody else', () => {
  const roster = new Roster<string>();
  const first = roster.add('first');
  roster.add('second');
  roster.remove(first);
  roster.remove(first);
  expect(roster.members()).toEqual(['second']);
});

test('members may leave while they are walked', () => {
  const roster = new Roster<Seat<never> | string>();
  const seats = ['a', 'b', 'c'].map((name) => roster.add(name));
  const seen = roster.members().map((member) => {
    for (const seat of seats) roster.remove(seat);
    return member;
  });
  expect([seen, roster.size]).toEqual([['a', 'b', 'c'], 0]);
});
