import { expect, test } from 'vitest';
import { randomIds } from '../context/ids.ts';
import type { Principal } from '../context/principal.ts';
import { memoryRecords } from '../records/memory-records.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { type IdempotencyOptions, openIdempotency } from './open-idempotency.ts';

const clock = manualClock();
const ids = randomIds();
const open = (options: IdempotencyOptions = {}, bff = 'partner') =>
  openIdempotency(options, { bff, clock, ids });
const acme: Principal = {
  kind: 'partner',
  subject: 'acme',
  clientId: 'key-1',
  scopes: new Set(),
  tenant: undefined,
};
const shared = { ...memoryRecords(), isLocal: false };
const sealKeys = [Buffer.alloc(32, 1).toString('base64')];

test('one caller has one name for a key, whichever of its credentials it shows', () => {
  const other = { ...acme, clientId: 'key-2', scopes: new Set(['a:b']) };
  expect(open().namesOf(other, 'k').own).toBe(open().namesOf(acme, 'k').own);
  expect(open().namesOf(acme, 'k').own).toMatch(/^[\w-]{43}$/);
});

test('the names of two callers, environments, BFFs or keys never meet, here or at a service', () => {
  const all = [
    open().namesOf(acme, 'k'),
    open().namesOf(acme, 'l'),
    open().namesOf({ ...acme, subject: 'zeta' }, 'k'),
    open().namesOf({ ...acme, kind: 'user' }, 'k'),
    open().namesOf({ ...acme, tenant: 'eu' }, 'k'),
    open({}, 'other').namesOf(acme, 'k'),
    open({ environment: 'live' }).namesOf(acme, 'k'),
    open({ environment: 'test' }).namesOf(acme, 'k'),
  ];
  const names = all.flatMap((name) => [name.own, name.for('orders.create'), name.for('orders.cancel')]);
  expect(new Set(names).size).toBe(3 * all.length);
  for (const name of names) expect(name).not.toContain('acme');
});

test('keeps in this process by default, and says so', () => {
  expect(open().isLocal).toBe(true);
  expect(open({ records: shared, sealKeys }).isLocal).toBe(false);
});

test.each([
  ['an unknown option', { ttlMs: 1 }, /unknown option 'ttlMs'/],
  ['a time that is too short', { keepMs: 59_999 }, /keepMs must be a number from 60000/],
  ['shared records without keys to seal', { records: shared }, /sealKeys is missing/],
  ['a key that is too short', { records: shared, sealKeys: ['eA=='] }, /keys\[0\] must be 32 bytes/],
])('refuses %s', (_what, options, message) => {
  expect(() => open(options as IdempotencyOptions)).toThrow(message);
});
