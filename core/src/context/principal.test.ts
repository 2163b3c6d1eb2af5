import { expect, test } from 'vitest';
import { type Principal, principalKey } from './principal.ts';

const ada: Principal = {
  kind: 'user',
  subject: 'ada',
  clientId: 'app',
  scopes: new Set(),
  tenant: undefined,
};

test('callers that differ in kind, tenant or subject never share a key', () => {
  const callers: Principal[] = [
    ada,
    { ...ada, subject: 'bob' },
    { ...ada, kind: 'partner' },
    { ...ada, tenant: 'eu' },
    { ...ada, tenant: 'eu:ada', subject: '' },
    { ...ada, tenant: 'a:b', subject: 'c' },
    { ...ada, tenant: 'a', subject: 'b:c' },
  ];
  expect(new Set(callers.map(principalKey)).size).toBe(callers.length);
});

test('one caller has one key, whatever the application and its scopes', () => {
  expect(principalKey({ ...ada, clientId: 'other', scopes: new Set(['x']) })).toBe(principalKey(ada));
});
