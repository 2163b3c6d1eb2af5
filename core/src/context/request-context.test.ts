import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext, testInbound } from '../testing/test-context.ts';
import { EventBus } from './event-bus.ts';
import { openContext } from './request-context.ts';

test('a request starts now, with an id of its own that is also its trace', () => {
  const clock = manualClock();
  clock.advance(5_000);
  const [one, other] = [testContext({}, { clock }), testContext({}, { clock })];
  expect([one.startedMs, one.requestId]).toEqual([5_000, one.traceId]);
  expect(one.requestId).not.toBe(other.requestId);
  expect([one.calls, [...one.degraded], [...one.answerHeaders]]).toEqual([[], [], []]);
});

test('the id is ours: nothing of the request can set it', () => {
  const forged = {
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    'x-request-id': 'evil',
  };
  const context = testContext({ headers: forged });
  expect(context.requestId).not.toBe('evil');
  expect(context.traceId).not.toBe('4bf92f3577b34da6a3ce929d0e0e4736');
});

test('a client that leaves cancels it', () => {
  const inbound = testInbound();
  const context = testContext({}, { inbound });
  inbound.leave();
  expect(context.cancellation.reason?.code).toBe('client-gone');
});

test('a deadline that passes cancels it', () => {
  const clock = manualClock();
  const context = testContext({}, { clock, deadlineMs: 500 });
  clock.advance(450);
  expect(context.cancellation.reason?.code).toBe('deadline-exceeded');
});

test('closed, it holds no timer and no listener', () => {
  const clock = manualClock();
  const inbound = testInbound();
  const ids = { traceId: () => 'a'.repeat(32), spanId: () => 'b'.repeat(16) };
  const context = openContext({
    clock,
    ids,
    events: new EventBus(),
    deadlineMs: 500,
    inbound,
  });
  expect([clock.pending(), inbound.listeners(), context.requestId]).toEqual([1, 1, 'a'.repeat(32)]);
  context.close();
  expect([clock.pending(), inbound.listeners()]).toEqual([0, 0]);
  expect(context.cancellation.reason).toBeUndefined();
});
