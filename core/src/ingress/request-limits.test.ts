import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { signedIn } from '../identity/access.ts';
import { testBff } from '../testing/test-bff.ts';
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

test('a head that is too large ends the request before identity and limits are asked', async () => {
  const at = endpoint('GET', '/a', { summary: 'A.', access: signedIn(), deadlineMs: 100 });
  const bff = testBff([at.handle(z.object({}), async () => ({}))], {});
  const answer = await bff.app.request(`/a?q=${'a'.repeat(8_192)}`);
  expect([answer.status, answer.headers.has('ratelimit')]).toEqual([414, false]);
  expect(await answer.json()).toMatchObject({ code: 'uri-too-long' });
  expect((await bff.app.request('/a', { headers: headers(101) })).status).toBe(431);
});
