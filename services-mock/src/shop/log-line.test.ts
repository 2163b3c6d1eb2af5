import { expect, test } from 'vitest';
import { formatLine } from './log-line.ts';

const request = { msg: 'request', status: 200, ms: 14.8, method: 'GET', route: '/api/home' };

test('a request is a line with its calls below it, in the order they began', () => {
  const calls = [
    { node: 'recent', call: 'orders.list', outcome: 'ok', startMs: 4.3, ms: 4.2, attempts: 1 },
    { node: 'profile', call: 'users.get', outcome: 'ok', startMs: 0.4, ms: 3.8, attempts: 1 },
  ];
  expect(formatLine('web', JSON.stringify({ ...request, calls }))).toBe(
    [
      'web      200   14.8 ms  GET /api/home',
      '               0.4 +3.8 ms  profile users.get',
      '               4.3 +4.2 ms  recent orders.list',
    ].join('\n'),
  );
});

test('what went wrong is there with its cause', () => {
  const failed = {
    node: 'latest',
    call: 'reviews.list',
    outcome: 'upstream-error',
    startMs: 1,
    ms: 2,
    attempts: 2,
  };
  const text = formatLine(
    'web',
    JSON.stringify({
      ...request,
      degraded: ['latest'],
      calls: [{ ...failed, cause: 'Error: the upstream answered 503' }],
    }),
  );
  expect(text).toContain('GET /api/home without latest');
  expect(text).toMatch(
    /latest reviews\.list upstream-error after 2 attempts\n +Error: the upstream answered 503$/,
  );
});

test('a fault of our own shows where it happened', () => {
  const line = {
    ...request,
    status: 500,
    code: 'internal',
    cause: 'TypeError: no\n    at respond (home.ts:1:2)',
  };
  expect(formatLine('web', JSON.stringify(line))).toMatch(
    /internal\n +TypeError: no\n +at respond \(home\.ts:1:2\)$/,
  );
});

test('what is no log line stays as it is', () => {
  expect(formatLine('web', 'Error: boom')).toBe('web      Error: boom');
});
