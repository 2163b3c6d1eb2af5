import { describe, expect, test } from 'vitest';
import { addressRules } from './address-rules.ts';

describe('an address may call', () => {
  test('where it is allowed, and not where it is denied', () => {
    const mayCall = addressRules({ allow: ['10.0.0.0/8', '2001:db8::/32'], deny: ['10.6.6.6'] });
    expect(['10.1.2.3', '2001:db8::7', '10.6.6.6', '11.0.0.1', '2001:db9::1'].map(mayCall)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  test('anywhere else, where only some are denied', () => {
    const mayCall = addressRules({ deny: ['192.0.2.0/24'] });
    expect(['192.0.2.9', '198.51.100.1', 'unknown'].map(mayCall)).toEqual([false, true, true]);
  });

  test('never unknown, where some are allowed', () => {
    expect(addressRules({ allow: ['0.0.0.0/0'] })('unknown')).toBe(false);
  });
});

test.each<[object, string]>([
  [{ allow: [] }, 'defineBff: addresses.allow must list at least one address, got none'],
  [{ allow: ['shop.example'] }, "addresses.allow must list addresses or CIDR ranges, got 'shop.example'"],
  [{ deny: ['10.0.0.0/33'] }, "addresses.deny must list addresses or CIDR ranges, got '10.0.0.0/33'"],
  [{ allowed: [] }, "defineBff: addresses: unknown option 'allowed'; did you mean 'allow'?"],
])('rules that cannot be meant refuse to start: %j', (options, message) => {
  expect(() => addressRules(options)).toThrow(new RangeError(message));
});
