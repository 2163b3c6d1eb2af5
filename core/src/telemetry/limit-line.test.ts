import { expect, test } from 'vitest';
import type { LimitDecision, LimitStanding } from '../context/events.ts';
import { type LimitLine, limitLine } from './limit-line.ts';
import { Pseudonyms } from './pseudonyms.ts';

const decision = { cost: 2, atMs: 1_700_000_000_000, order: 7, refusedBy: [] };
const nobody = { address: '203.0.113.7', endpointClass: 'default' };
const pseudonyms = new Pseudonyms();

function lineOf(decision: LimitDecision, standing: readonly LimitStanding[] = []): LimitLine {
  return JSON.parse(limitLine(decision, standing, pseudonyms));
}

test('a decision about nobody in particular is its moment, its cost and a pseudonym', () => {
  const line = lineOf({ ...decision, caller: nobody });
  expect(line).toEqual({ at: 1_700_000_000_000, n: 7, cost: 2, ip: expect.stringMatching(/^[\w-]{16}$/) });
});

test('a pseudonym is the same every time, and another for another address', () => {
  const ipOf = (address: string): string => lineOf({ ...decision, caller: { ...nobody, address } }).ip;
  expect(ipOf('203.0.113.7')).toBe(ipOf('203.0.113.7'));
  expect(ipOf('203.0.113.8')).not.toBe(ipOf('203.0.113.7'));
});

test('what decides about limits of others is there: key, tenant, plan, class, who refused, what stood in', () => {
  const caller = {
    ...nobody,
    principal: 'partner:t1:acme',
    kind: 'partner',
    subject: 'acme',
    clientId: 'key1',
    tenant: 't1',
    plan: 'free',
    endpointClass: 'search',
  } as const;
  expect(lineOf({ ...decision, caller, refusedBy: ['month'], standIn: 'local' })).toMatchObject({
    client: 'key1',
    tenant: 't1',
    plan: 'free',
    class: 'search',
    refused: ['month'],
    standIn: 'local',
  });
});

test('of several limits it tells of the one that matters: the longest refusal, else the fewest units', () => {
  const standing = (limit: string, remaining: number, retryAfterMs = 0): LimitStanding => ({
    limit,
    allowed: retryAfterMs === 0,
    remaining,
    retryAfterMs,
    resetAfterMs: 1_000.2,
  });
  const tightest = (...all: LimitStanding[]): unknown =>
    lineOf({ ...decision, caller: nobody }, all).tightest;
  expect(tightest(standing('a', 5), standing('b', 3), standing('c', 4))).toEqual({
    limit: 'b',
    remaining: 3,
    resetAfterMs: 1_001,
  });
  expect(tightest(standing('a', 0, 50), standing('b', 0, 900), standing('c', 0))).toEqual({
    limit: 'b',
    remaining: 0,
    resetAfterMs: 1_001,
    retryAfterMs: 900,
  });
});
