import { describe, expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { type ConsoleDoor, consoleDoor } from './door.ts';

const token = 'a token of an operator, long enough';

function cookieOf(door: ConsoleDoor, given = token): string {
  const verdict = door.signIn(given, false);
  if (typeof verdict === 'string') throw new Error(verdict);
  return verdict.cookie.split(';')[0] ?? '';
}

const reads = (
  door: ConsoleDoor,
  cookie: string | undefined,
  method = 'GET',
  path = '/console/data',
): boolean => door.admits({ method, path, cookie });

test('the cookie is for reading the console, for scripts invisible, and does not hold the token', () => {
  const door = consoleDoor('web', token, manualClock());
  const verdict = door.signIn(token, true);
  expect(verdict).toMatchObject({
    cookie: expect.stringMatching(
      /^bff-console-web=\d+\.[\w-]{43}; Path=\/console; HttpOnly; SameSite=Strict; Max-Age=28800; Secure$/,
    ),
  });
  expect(JSON.stringify(verdict)).not.toContain(token);
});

describe('with the cookie', () => {
  const door = consoleDoor('web', token, manualClock());
  const cookie = cookieOf(door);

  test.each([
    ['GET', '/console/data', true],
    ['GET', '/console/events', true],
    ['HEAD', '/console/data', true],
    ['POST', '/console/data', false],
    ['PUT', '/console/dev/faults/users', false],
    ['DELETE', '/console/anything', false],
    ['GET', '/keys', false],
    ['GET', '/metrics', false],
    ['GET', '/consolex/data', false],
    ['PUT', '/off/users.get', false],
    ['GET', '/', false],
  ])('%s %s passes: %s', (method, path, passes) => {
    expect(reads(door, `theme=dark; ${cookie}`, method, path)).toBe(passes);
  });
});

test('without it there is the page, which has no data, and the way in', () => {
  const door = consoleDoor('web', token, manualClock());
  const passes = (method: string, path: string): boolean => reads(door, undefined, method, path);
  expect([passes('GET', '/console'), passes('GET', '/console/page/app.js')]).toEqual([true, true]);
  expect(passes('POST', '/console/sign-in')).toBe(true);
  expect([passes('GET', '/console/data'), passes('GET', '/console/events')]).toEqual([false, false]);
});

test('it ends after eight hours', () => {
  const clock = manualClock();
  const door = consoleDoor('web', token, clock);
  const cookie = cookieOf(door);
  clock.advance(8 * 3_600_000 - 1);
  expect(reads(door, cookie)).toBe(true);
  clock.advance(1);
  expect(reads(door, cookie)).toBe(false);
});

test('one of another gateway, of another token, or with another end is worth nothing', () => {
  const clock = manualClock();
  const door = consoleDoor('web', token, clock);
  const value = cookieOf(door).split('=')[1] ?? '';
  const others = [
    cookieOf(consoleDoor('mobile', token, clock)).split('=')[1],
    cookieOf(consoleDoor('web', `${token} `, clock), `${token} `).split('=')[1],
    value.replace(/^\d/, '9'),
    value.slice(0, -1),
    '',
    '.',
  ];
  expect(others.map((other) => reads(door, `bff-console-web=${other}`))).toEqual(others.map(() => false));
  expect(reads(door, `bff-console-web=${value}`)).toBe(true);
});

test('after twenty wrong tokens the right one has to wait a minute, too', () => {
  const clock = manualClock();
  const door = consoleDoor('web', token, clock);
  for (let guess = 0; guess < 20; guess += 1) expect(door.signIn(`guess ${guess}`, false)).toBe('wrong');
  expect(door.signIn(token, false)).toBe('wait');
  clock.advance(60_000);
  expect(door.signIn(token, false)).toMatchObject({ cookie: expect.any(String) });
});
