import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CallFact } from '../context/events.ts';
import { gatewayTimeMs } from './gateway-time.ts';

function callOf(startMs: number, endMs: number): CallFact {
  return {
    node: 'part',
    upstream: 'shop',
    operation: 'get',
    method: 'GET',
    outcome: 'ok',
    startMs,
    durationMs: endMs - startMs,
    attempts: 1,
    hedges: 0,
    sent: [],
    bytes: 0,
  };
}

/** The time of the gateway, with calls from and to these milliseconds. */
function timeOf(durationMs: number, ...calls: readonly (readonly [number, number])[]): number {
  return gatewayTimeMs({ durationMs, calls: calls.map(([startMs, endMs]) => callOf(startMs, endMs)) });
}

test.each<[string, number, number, (readonly [number, number])[]]>([
  ['without calls is all of it', 10, 10, []],
  ['around one call is what is left', 4, 10, [[2, 8]]],
  [
    'around calls in a row is what is between them',
    6,
    20,
    [
      [1, 5],
      [8, 18],
    ],
  ],
  [
    'around calls at the same time counts them once',
    4,
    10,
    [
      [2, 6],
      [2, 8],
    ],
  ],
  [
    'around calls that overlap counts what they share once',
    3,
    12,
    [
      [1, 6],
      [4, 10],
    ],
  ],
  [
    'around a call within another counts the longer',
    4,
    12,
    [
      [4, 6],
      [2, 10],
    ],
  ],
  [
    'around a long call and two short ones counts the long one',
    3,
    12,
    [
      [1, 2],
      [4, 5],
      [1, 10],
    ],
  ],
  ['ends with the request, even if a call does not', 2, 10, [[2, 30]]],
  ['is never below nothing', 0, 10, [[0, 10.0001]]],
])('the time of the gateway %s', (_what, expected, durationMs, calls) => {
  expect(timeOf(durationMs, ...calls)).toBe(expected);
});

test('it is the number of moments in which nothing ran, whatever the calls', () => {
  const call = fc.tuple(fc.nat(40), fc.nat(20)).map(([start, lasts]) => [start, start + lasts] as const);
  fc.assert(
    fc.property(fc.array(call, { maxLength: 12 }), (calls) => {
      const inOrder = calls.toSorted(([, a], [, b]) => a - b);
      const quiet = Array.from({ length: 50 }, (_, ms) => ms).filter(
        (ms) => !calls.some(([start, end]) => start <= ms && ms < end),
      );
      expect(timeOf(50, ...inOrder)).toBe(quiet.length);
    }),
  );
});
