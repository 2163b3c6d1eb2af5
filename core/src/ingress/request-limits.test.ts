import { expect, test } from 'vitest';
import { testInbound } from '../testing/test-context.ts';
import { requireModestHead } from './request-limits.ts';

function headers(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, '1']));
}

test('a target of 8192 characters and 100 header lines are let through', () => {
  const target = `/${'a'.repeat(8_191)}`;
  expect(() => requireModestHead(testInbound({ target, headers: headers(100) }))).not.toThrow();
});

test.each([
  [{ target: `/${'a'.repeat(8_192)}` }, 'uri-too-long', 414],
  [{ headers: headers(101) }, 'headers-too-large', 431],
])('one more is refused: %#', (facts, code, status) => {
  expect(() => requireModestHead(testInbound(facts))).toThrow(expect.objectContaining({ code, status }));
});
