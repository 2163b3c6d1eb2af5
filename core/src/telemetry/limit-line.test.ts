import { expect, test } from 'vitest';
import { limitLine } from './limit-line.ts';

const decision = { cost: 2, atMs: 1_700_000_000_000, order: 7, refusedBy: [] };
const nobody = { address: '203.0.113.7', endpointClass: 'default' };

test('a decision about nobody in particular is its moment, its cost and a pseudonym', () => {
  const line = limitLine({ ...decision, caller: nobody });
  expect(line).toEqual({ at: 1_700_000_000_000, n: 7, cost: 2, ip: expect.stringMatching(/^[\w-]{12}$/) });
  expect(JSON.stringify(line)).not.toContain('203.0.113.7');
});

test('a pseudonym is the same every time, and another for another address', () => {
  const ipOf = (address: string): string => limitLine({ ...decision, caller: { ...nobody, address } }).ip;
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
  expect(limitLine({ ...decision, caller, refusedBy: ['month'], standIn: 'local' })).toMatchObject({
    client: 'key1',
    tenant: 't1',
    plan: 'free',
    class: 'search',
    refused: ['month'],
    standIn: 'local',
  });
});
