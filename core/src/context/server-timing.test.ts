import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { serverTiming } from './server-timing.ts';

test('every call is an entry with its beginning, its time and its end, and the whole comes last', () => {
  const clock = manualClock();
  const context = testContext({}, { clock });
  const call = { upstream: 'users', operation: 'get', bytes: 10, attempts: 1, hedges: 0 };
  context.calls.push({ ...call, node: 'profile', outcome: 'ok', startMs: 0.04, durationMs: 12.34 });
  context.calls.push({
    ...call,
    node: 'users.get#2',
    outcome: 'upstream-timeout',
    startMs: 12.4,
    durationMs: 300,
  });
  clock.advance(320);
  expect(serverTiming(context)).toBe(
    'profile;dur=12.3;desc="users.get from 0.0 ms: ok", ' +
      'users_get_2;dur=300.0;desc="users.get from 12.4 ms: upstream-timeout", ' +
      'total;dur=320.0',
  );
});

test('a request without calls has its total', () => {
  expect(serverTiming(testContext())).toBe('total;dur=0.0');
});
