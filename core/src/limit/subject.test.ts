import { expect, test } from 'vitest';
import type { Caller } from '../context/caller.ts';
import { type By, subjectOf } from './subject.ts';

const nobody: Caller = { address: '10.0.0.1', endpointClass: 'search' };
const user: Caller = {
  ...nobody,
  kind: 'user',
  principal: 'user:t1:ada',
  subject: 'ada',
  clientId: 'app',
  tenant: 't1',
};
const key: Caller = {
  ...nobody,
  kind: 'partner',
  principal: 'partner::acme',
  subject: 'acme',
  clientId: 'key1',
};

test.each<[By | undefined, Caller, string]>([
  [undefined, user, 'user:t1:ada'],
  [undefined, nobody, 'ip:10.0.0.1'],
  ['user', user, 'user:user:t1:ada'],
  ['user', key, 'partner::acme'],
  ['api-key', key, 'api-key:key1'],
  ['api-key', user, 'user:t1:ada'],
  ['partner', key, 'partner:acme'],
  ['tenant', user, 'tenant:t1'],
  ['tenant', nobody, 'ip:10.0.0.1'],
  ['ip', user, 'ip:10.0.0.1'],
  ['endpoint-class', key, 'endpoint-class:search'],
  [['partner', 'endpoint-class'], key, 'partner:acme+endpoint-class:search'],
  [({ tenant }) => tenant?.toUpperCase(), user, 'fn:T1'],
  [() => undefined, nobody, 'ip:10.0.0.1'],
])('by %s', (by, caller, subject) => {
  expect(subjectOf(by, caller)).toBe(subject);
});

test('a combination cannot be imitated by a name that contains one', () => {
  const by = ['partner', 'endpoint-class'] as const;
  const honest = subjectOf(by, { ...key, subject: 'a', endpointClass: 'b' });
  const crafted = subjectOf(['partner'], { ...key, subject: 'a+endpoint-class:b' });
  expect(crafted).not.toBe(honest);
});
