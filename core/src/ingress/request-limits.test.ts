import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { signedIn } from '../identity/access.ts';
import { testBff } from '../testing/test-bff.ts';
import { checkSize } from './request-limits.ts';

test('a target of 8192 characters and 100 header lines are let through', () => {
  expect(checkSize('a'.repeat(8_192), 100)).toBeUndefined();
});

test('one more is refused, with the bound', () => {
  expect(checkSize('a'.repeat(8_193), 0)).toMatchObject({
    code: 'uri-too-long',
    status: 414,
    options: { detail: 'The request target may have at most 8192 characters.' },
  });
  expect(checkSize('/', 101)).toMatchObject({
    code: 'headers-too-large',
    status: 431,
    options: { detail: 'The request may have at most 100 header lines.' },
  });
});

test('a head that is too large ends the request before identity and limits are asked', async () => {
  const at = endpoint('GET', '/a', { summary: 'A.', access: signedIn(), deadlineMs: 100 });
  const bff = testBff([at.handle(z.object({}), async () => ({}))], {});
  const answer = await bff.app.request(`/a?q=${'a'.repeat(8_192)}`);
  expect([answer.status, answer.headers.has('ratelimit')]).toEqual([414, false]);
  expect(await answer.json()).toMatchObject({ code: 'uri-too-long' });
  const headers = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-${index}`, '1']));
  expect((await bff.app.request('/a', { headers })).status).toBe(431);
});
