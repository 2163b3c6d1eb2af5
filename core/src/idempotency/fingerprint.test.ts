import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, fingerprintOf } from './fingerprint.ts';

const request = {
  method: 'POST',
  route: '/orders',
  target: '/orders',
  version: '2026-11-01',
  body: { a: 1 },
};

test('is the same for the same request, whatever the order of members and the spaces', () => {
  const one = fingerprintOf({ ...request, body: JSON.parse('{"b":[1,{"d":2,"c":3}],"a":"x"}') });
  const other = fingerprintOf({ ...request, body: JSON.parse('{ "a": "x", "b": [ 1, {"c":3.0,"d":2} ] }') });
  expect(one).toBe(other);
  expect(one).toMatch(/^[\w-]{43}$/);
});

test.each([
  ['method', { method: 'PATCH' }],
  ['route', { route: '/refunds' }],
  ['target', { target: '/orders?draft=1' }],
  ['version', { version: '' }],
  ['value', { body: { a: 2 } }],
  ['type of a value', { body: { a: '1' } }],
  ['order of a list', { body: { a: [2, 1] } }],
  ['member', { body: { a: 1, b: null } }],
  ['body at all', { body: undefined }],
  ['body that is null', { body: null }],
])('differs by another %s', (_what, changed) => {
  expect(fingerprintOf({ ...request, ...changed })).not.toBe(fingerprintOf(request));
});

test('the canonical text means what the value means, and shuffled members change nothing', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(shuffled(value))).toBe(text);
    }),
  );
});

function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, shuffled(member)]),
  );
}
