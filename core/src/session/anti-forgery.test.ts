import { describe, expect, test } from 'vitest';
import { testInbound } from '../testing/test-context.ts';
import { antiForgery } from './anti-forgery.ts';

const own = 'https://shop.example';
const other = 'https://admin.shop.example';
const judge = antiForgery(own, [other]);
const passes = (headers: Record<string, string>): boolean => {
  try {
    judge(testInbound({ headers }));
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'csrf-failed' });
    return false;
  }
};

describe('with X-CSRF: 1', () => {
  const origins = [
    undefined,
    own,
    other,
    'https://evil.example',
    'null',
    `${own}.evil.example`,
    'http://shop.example',
    '',
  ];
  const sites = [undefined, 'same-origin', 'none', 'same-site', 'cross-site', ''];
  const cases = origins.flatMap((origin) => sites.map((site) => ({ origin, site })));

  test.each(cases)('origin $origin, site $site', ({ origin, site }) => {
    const isKnown = origin === undefined || origin === own || origin === other;
    const isNear = site === undefined || site === 'same-origin' || site === 'none';
    const isSibling = site === 'same-site' && origin === other;
    const headers = {
      'x-csrf': '1',
      ...(origin === undefined ? {} : { origin }),
      ...(site === undefined ? {} : { 'sec-fetch-site': site }),
    };
    expect(passes(headers)).toBe(isKnown && (isNear || isSibling));
  });
});

test.each<[string, Record<string, string>]>([
  ['Send the header X-CSRF: 1.', {}],
  ['This origin may not call.', { 'x-csrf': '1', origin: 'https://evil.example' }],
  ['Only the pages of this site may call.', { 'x-csrf': '1', 'sec-fetch-site': 'cross-site' }],
])('the refusal says: %s', (detail, headers) => {
  expect(() => judge(testInbound({ headers }))).toThrow(expect.objectContaining({ options: { detail } }));
});

test.each([
  {},
  { 'x-csrf': '' },
  { 'x-csrf': '0' },
  { 'x-csrf': '1, 1' },
  { 'x-csrf': ' 1' },
  { 'x-csrf': '11' },
])('without exactly X-CSRF: 1 nothing passes: %j', (headers) => {
  expect(passes({ ...headers, origin: own, 'sec-fetch-site': 'same-origin' })).toBe(false);
});
