import { describe, expect, test } from 'vitest';
import { testInbound } from '../testing/test-context.ts';
import { peerTrace } from './peer-trace.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';
const good = `00-${traceId}-${spanId}-01`;
const read = peerTrace(['10.0.0.0/8']);
const from = (headers: Record<string, string>, peerAddress = '10.1.2.3') =>
  read(testInbound({ peerAddress, headers }));

describe('a trusted peer', () => {
  test('continues its trace, with its decision and its state', () => {
    expect(from({ traceparent: good, tracestate: 'vendor=1' })).toEqual({
      requestId: undefined,
      parent: { traceId, spanId, isSampled: true, state: 'vendor=1' },
    });
    expect(from({ traceparent: `00-${traceId}-${spanId}-00` })?.parent?.isSampled).toBe(false);
  });

  test('of a later version is read as far as it is known', () => {
    expect(from({ traceparent: `cc-${traceId}-${spanId}-03-what-comes-later` })?.parent).toMatchObject({
      traceId,
      isSampled: true,
    });
  });

  test.each([
    ['version ff', `ff-${traceId}-${spanId}-01`],
    ['more than version 00 has', `${good}-more`],
    ['an empty trace', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['an empty span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['upper case', good.toUpperCase()],
    ['a short trace', `00-${traceId.slice(1)}-${spanId}-01`],
    ['a long span', `00-${traceId}-${spanId}0-01`],
    ['flags that are no number', `00-${traceId}-${spanId}-0x`],
    ['two headers', `${good}, ${good}`],
    ['spaces', ` ${good}`],
    ['nothing', ''],
  ])('whose traceparent has %s says nothing', (_what, traceparent) => {
    expect(from({ traceparent, tracestate: 'vendor=1' })?.parent).toBeUndefined();
  });

  test('may not send a long state', () => {
    const parentWith = (length: number) =>
      from({ traceparent: good, tracestate: 'x'.repeat(length) })?.parent?.state?.length;
    expect([parentWith(512), parentWith(513)]).toEqual([512, undefined]);
  });

  test.each(['request-1', 'A.b_c-12', 'x'.repeat(64)])('names its request: %s', (id) => {
    expect(from({ 'x-request-id': id })?.requestId).toBe(id);
  });

  test.each(['short', 'x'.repeat(65), 'with space', 'a\u00e9bcdefgh', 'one-id-1, one-id-2', ''])(
    'whose request id is %j did not name it',
    (id) => {
      expect(from({ 'x-request-id': id })?.requestId).toBeUndefined();
    },
  );
});

test.each(['11.0.0.1', '::1', ''])('nobody else is heard: %s', (address) => {
  expect(from({ traceparent: good, 'x-request-id': 'request-1' }, address)).toBeUndefined();
});

test('nobody is trusted by default', () => {
  expect(
    peerTrace()(testInbound({ peerAddress: '127.0.0.1', headers: { traceparent: good } })),
  ).toBeUndefined();
});
