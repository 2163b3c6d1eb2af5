import { describe, expect, test } from 'vitest';
import { testInbound } from '../testing/test-context.ts';
import { clearCookie, cookiesOf, cookieValues, setCookie } from './cookie.ts';

const inbound = (cookie?: string) => testInbound(cookie === undefined ? {} : { headers: { cookie } });

describe('a Set-Cookie line', () => {
  test('has the one form a session may have', () => {
    expect(setCookie('__Host-Http-bff', 'v', 'Strict')).toBe(
      '__Host-Http-bff=v; Path=/; HttpOnly; Secure; SameSite=Strict',
    );
    expect(setCookie('__Host-a', 'v', 'Lax', 600)).toBe(
      '__Host-a=v; Max-Age=600; Path=/; HttpOnly; Secure; SameSite=Lax',
    );
    expect(clearCookie('__Host-a', 'Strict')).toBe(
      '__Host-a=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict',
    );
  });
});

describe('the cookies of a request', () => {
  test.each<[string | undefined, readonly string[]]>([
    [undefined, []],
    ['', []],
    ['a=1', ['1']],
    ['b=2; a=1; c=3', ['1']],
    ['a=1;a=2', ['1', '2']],
    ['  a  =  1  ', ['1']],
    ['a=b=c', ['b=c']],
    ['aa=1; xa=2; A=3', []],
    ['a', []],
    ['=a', []],
    ['a=', ['']],
  ])('in %j, those named a', (cookie, values) => {
    expect(cookieValues(inbound(cookie), 'a')).toEqual(values);
  });

  test('by the beginning of their name', () => {
    expect(cookiesOf(inbound('tx-1=a; other=b; tx-2=c'), 'tx-')).toEqual([
      ['tx-1', 'a'],
      ['tx-2', 'c'],
    ]);
  });
});
