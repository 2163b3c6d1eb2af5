import { describe, expect, test } from 'vitest';
import { memoryRecords } from '../records/memory-records.ts';
import { keyRing } from '../records/seal.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testInbound } from '../testing/test-context.ts';
import { Transactions } from './transaction.ts';

const clock = manualClock();
const transactions = new Transactions({
  seal: keyRing('test', [Buffer.alloc(32, 1).toString('base64')])('login'),
  records: memoryRecords({ clock }),
  sessionCookie: '__Host-s',
});
const login = (state: string, startedMs: number) => ({
  state,
  nonce: 'n',
  verifier: 'canary-verifier',
  returnTo: '/a',
  startedMs,
});
const browser = (...cookies: string[]) =>
  testInbound({ headers: { cookie: cookies.map((line) => line.split(';')[0]).join('; ') } });
const begin = (inbound: ReturnType<typeof browser>, state: string, startedMs: number): string[] =>
  transactions.begin(inbound, login(state, startedMs));

describe('a login under way', () => {
  test('is found by its state, in its browser, for ten minutes', () => {
    const [cookie = ''] = begin(browser(), 'state', 1_000);
    expect(transactions.find(browser(cookie), 'state', 1_000)).toEqual(login('state', 1_000));
    expect(transactions.find(browser(cookie), 'state', 600_999)).toBeDefined();
    expect(transactions.find(browser(cookie), 'state', 601_000)).toBeUndefined();
    expect(transactions.find(browser(cookie), 'other', 1_000)).toBeUndefined();
    expect(transactions.find(browser(), 'state', 1_000)).toBeUndefined();
    expect(cookie).not.toContain('canary');
  });

  test('is not found under another name, twice, or when its state only begins like it', () => {
    const [cookie = ''] = begin(browser(), 'state', 0);
    const [pair = ''] = cookie.split(';');
    const value = pair.slice(pair.indexOf('=') + 1);
    const [, name = ''] = /^([^=]+)=/.exec(begin(browser(), 'victim', 0)[0] ?? '') ?? [];
    expect(transactions.find(browser(`${name}=${value}`), 'victim', 0)).toBeUndefined();
    expect(transactions.find(browser(cookie, cookie), 'state', 0)).toBeUndefined();
  });

  test('is used once', async () => {
    expect(await transactions.use(login('once', 0))).toBe(true);
    expect(await transactions.use(login('once', 0))).toBe(false);
    expect(await transactions.use(login('another', 0))).toBe(true);
  });

  test('is cleared by the name it has', () => {
    const [name = ''] = (begin(browser(), 'state', 0)[0] ?? '').split('=', 1);
    expect(transactions.clear('state')).toBe(`${name}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`);
  });
});

describe('of many logins', () => {
  const five = Array.from({ length: 5 }, (_, index) => begin(browser(), `state-${index}`, index)[0] ?? '');
  const nameOf = (cookie: string): string => cookie.split('=', 1)[0] ?? '';

  test('the oldest gives way to the sixth', () => {
    const cookies = begin(browser(...five.toReversed()), 'state-5', 10);
    expect(cookies.map(nameOf)).toEqual([nameOf(five[0] ?? ''), expect.any(String)]);
    expect(cookies[0]).toMatch(/=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(cookies[1]).toMatch(/=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  test('the oldest gives way in whatever order the browser sends them', () => {
    for (const order of [
      [0, 1, 2, 3, 4],
      [2, 0, 4, 1, 3],
      [4, 3, 0, 2, 1],
    ]) {
      const [dropped = ''] = begin(browser(...order.map((index) => five[index] ?? '')), 'state-5', 10);
      expect(nameOf(dropped)).toBe(nameOf(five[0] ?? ''));
    }
  });

  test('up to four others stay', () => {
    expect(begin(browser(...five.slice(1)), 'state-5', 10)).toHaveLength(1);
  });

  test('those too old, and what is none, go', () => {
    const cookies = begin(
      browser(...five.slice(0, 2), '__Host-s-tx-garbage=x', 'other=1'),
      'state-5',
      600_000,
    );
    expect(cookies.map(nameOf).sort()).toEqual(
      [nameOf(five[0] ?? ''), '__Host-s-tx-garbage', nameOf(cookies.at(-1) ?? '')].sort(),
    );
  });
});
