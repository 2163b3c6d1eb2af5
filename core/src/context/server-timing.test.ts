import fc from 'fast-check';
import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import type { CallFact } from './events.ts';
import { serverTiming, writeServerTiming } from './server-timing.ts';

const called: CallFact = {
  node: 'profile',
  upstream: 'users',
  operation: 'get',
  method: 'GET',
  outcome: 'ok',
  startMs: 0.04,
  durationMs: 12.34,
  attempts: 1,
  hedges: 0,
  sent: [],
  bytes: 10,
};

test('every call is an entry with its beginning, its time and its end, and the whole comes last', () => {
  const clock = manualClock();
  const context = testContext({}, { clock });
  context.calls.push(called, {
    ...called,
    node: 'users.get#2',
    outcome: 'upstream-timeout',
    startMs: 12.4,
    durationMs: 300,
    attempts: 2,
  });
  clock.advance(320);
  expect(serverTiming(context)).toBe(
    'profile;dur=12.3;desc="users.get from 0.0 ms: ok", ' +
      'users_get_2;dur=300.0;desc="users.get from 12.4 ms: upstream-timeout, 2 attempts", ' +
      'total;dur=320.0',
  );
});

test('a request without calls has its total', () => {
  expect(serverTiming(testContext())).toBe('total;dur=0.0');
});

test('who called, how the limits stand and what was kept come before the calls', () => {
  const standing = { remaining: 8, retryAfterMs: 0, resetAfterMs: 200 };
  const text = writeServerTiming({
    principal: { kind: 'partner' },
    standing: [
      { ...standing, limit: 'default', allowed: true },
      { ...standing, limit: 'month', allowed: false },
    ],
    lookups: [
      { outcome: 'miss', startMs: 1 },
      { node: 'products', outcome: 'hit', startMs: 2 },
    ],
    calls: [called],
    durationMs: 13,
  });
  expect(text.split(', ')).toEqual([
    'identity;desc="caller: partner"',
    'limit;desc="default: 8 left"',
    'limit;desc="month: refused"',
    'cache;desc="the whole answer: miss"',
    'cache;desc="products: hit"',
    'profile;dur=12.3;desc="users.get from 0.0 ms: ok"',
    'total;dur=13.0',
  ]);
});

/** `server-timing-metric` of W3C Server Timing, with the token and the quoted string of RFC 9110. */
const token = "[!#$%&'*+.^_`|~\\w-]+";
const quoted = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t\\x20-\\x7e])*"';
const metric = `${token}(?:;${token}=(?:${token}|${quoted}))*`;
const field = new RegExp(`^${metric}(?:, ${metric})*$`);

test('whatever things are called, the field is valid and of bounded length', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
  const call = fc.record({ node: name, upstream: name, operation: name });
  fc.assert(
    fc.property(fc.array(call, { maxLength: 12 }), fc.array(name, { maxLength: 5 }), (calls, limits) => {
      const text = writeServerTiming({
        calls: calls.map((each) => ({ ...called, ...each })),
        standing: limits.map((limit) => ({
          limit,
          allowed: true,
          remaining: 1,
          retryAfterMs: 0,
          resetAfterMs: 0,
        })),
        lookups: [],
        durationMs: 1,
      });
      expect(text).toMatch(field);
      expect(text.length).toBeLessThanOrEqual(4_096);
    }),
  );
});

test('entries without room are counted', () => {
  const calls = Array.from({ length: 500 }, () => called);
  const text = writeServerTiming({ calls, lookups: [], durationMs: 1 });
  const shown = text.split('profile;').length - 1;
  expect(text).toContain(`more;desc="${500 - shown} left out", total;dur=1.0`);
});
