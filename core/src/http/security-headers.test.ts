import { expect, test } from 'vitest';
import { joinVary, securityHeaders } from './security-headers.ts';

test('browsers are told to do nothing with an answer', () => {
  expect(securityHeaders()).toEqual({
    'content-security-policy':
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  });
  expect(securityHeaders('http://localhost:4001')).toEqual(securityHeaders());
});

test('behind https they are told to stay there for a year', () => {
  expect(securityHeaders('https://shop.example')).toEqual({
    ...securityHeaders(),
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
  });
});

test('what an answer varies by is said once', () => {
  expect(joinVary('Origin', undefined, 'origin, Accept-Encoding')).toBe('origin, Accept-Encoding');
  expect(joinVary('Origin')).toBe('Origin');
});
