import { describe, expect, test } from 'vitest';
import type { ProblemCode } from '../problem/codes.ts';
import type { PassedStatus } from './operation.ts';
import { failureOf } from './status.ts';
import type { TransportAnswer } from './transport.ts';

function answerOf(status: number, headers: Readonly<Record<string, string>> = {}): TransportAnswer {
  return { status, header: (name) => headers[name], body: Buffer.from('canary-body') };
}

const all: readonly PassedStatus[] = [400, 404, 409, 422];

describe('a status an operation declares as its own', () => {
  test.each<[PassedStatus, ProblemCode]>([
    [400, 'validation-failed'],
    [404, 'not-found'],
    [409, 'conflict'],
    [422, 'unprocessable'],
  ])('%i means the same to the client: %s', (status, code) => {
    const failure = failureOf(answerOf(status), all);
    expect([failure.code, failure.status]).toEqual([code, status]);
  });
});

describe('any other status', () => {
  test.each<[number, ProblemCode, number]>([
    [400, 'upstream-rejected', 502],
    [401, 'upstream-rejected', 502],
    [403, 'upstream-rejected', 502],
    [404, 'upstream-rejected', 502],
    [409, 'upstream-rejected', 502],
    [418, 'upstream-rejected', 502],
    [422, 'upstream-rejected', 502],
    [429, 'upstream-busy', 503],
    [500, 'upstream-error', 502],
    [501, 'upstream-error', 502],
    [502, 'upstream-error', 502],
    [503, 'upstream-error', 502],
    [504, 'upstream-error', 502],
    [599, 'upstream-error', 502],
    [300, 'upstream-bad-answer', 502],
    [301, 'upstream-bad-answer', 502],
    [302, 'upstream-bad-answer', 502],
    [304, 'upstream-bad-answer', 502],
    [307, 'upstream-bad-answer', 502],
  ])('%i is %s, %i to the client', (status, code, toClient) => {
    const failure = failureOf(answerOf(status), []);
    expect([failure.code, failure.status]).toEqual([code, toClient]);
    expect(String(failure.options.cause)).toBe(`Error: the upstream answered ${status}`);
  });

  test('is not passed because another one is', () => {
    expect(failureOf(answerOf(409), [404]).code).toBe('upstream-rejected');
  });
});

test('the body of a service is in no part of the failure', () => {
  for (const status of [302, 400, 404, 429, 500]) {
    for (const passes of [[], all]) {
      const { message, options } = failureOf(answerOf(status), passes);
      expect(JSON.stringify([message, options, String(options.cause)])).not.toContain('canary');
    }
  }
});

test.each([
  ['7', 7_000],
  ['0', 0],
  ['999999', 999_999_000],
  [undefined, 1_000],
  ['', 1_000],
  ['-5', 1_000],
  ['1.5', 1_000],
  ['1e3', 1_000],
  ['9999999', 1_000],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 1_000],
])('a busy service that says Retry-After %s is asked again after %d ms', (text, retryAfterMs) => {
  const headers: Record<string, string> = text === undefined ? {} : { 'retry-after': text };
  expect(failureOf(answerOf(429, headers), []).options.retryAfterMs).toBe(retryAfterMs);
});
