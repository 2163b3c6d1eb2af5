import { expect, test } from 'vitest';
import { randomIds } from './ids.ts';
import { placeInTrace, traceparent } from './trace.ts';

const [traceId, spanId] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];

test('traceparent is version 00 with the trace, the span and the flag', () => {
  expect(traceparent(traceId, spanId, true)).toBe(`00-${traceId}-${spanId}-01`);
  expect(traceparent(traceId, spanId, false)).toBe(`00-${traceId}-${spanId}-00`);
});

test('a trace begins with ids of its own, sampled as its id says', () => {
  const trace = placeInTrace(randomIds(), (id) => id.length === 32);
  expect(trace).toEqual({
    traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    spanId: expect.stringMatching(/^[0-9a-f]{16}$/),
    isSampled: true,
    state: undefined,
  });
  expect(placeInTrace(randomIds()).isSampled).toBe(false);
});

test('a trace that is continued keeps its id, its state and the decision made before', () => {
  const asked = (): never => expect.unreachable('it is decided already');
  const trace = placeInTrace(randomIds(), asked, { traceId, spanId, isSampled: false, state: 'vendor=1' });
  expect(trace).toMatchObject({ traceId, parentSpanId: spanId, isSampled: false, state: 'vendor=1' });
  expect(trace.spanId).not.toBe(spanId);
});
