import { describe, expect, it } from 'vitest';
import { FaultError } from './fault-units.ts';
import { parseAssignments, parseFault } from './faults.ts';

describe('a fault is read', () => {
  it.each([
    ['latency:300ms', { mode: 'latency', latency: { kind: 'uniform', minMs: 300, maxMs: 300 } }],
    ['latency:0.1s-800ms', { mode: 'latency', latency: { kind: 'uniform', minMs: 100, maxMs: 800 } }],
    [
      'latency:p50=20ms,p99=900ms',
      { mode: 'latency', latency: { kind: 'lognormal', p50Ms: 20, p99Ms: 900 } },
    ],
    ['status:503', { mode: 'status', status: 503 }],
    ['hang', { mode: 'hang' }],
    ['hang-body', { mode: 'hang-body' }],
    ['reset-body', { mode: 'reset-body' }],
    ['reset', { mode: 'reset' }],
    ['malformed', { mode: 'malformed' }],
    ['content-type', { mode: 'content-type', mediaType: 'text/html' }],
    ['content-type:text/plain', { mode: 'content-type', mediaType: 'text/plain' }],
    ['huge', { mode: 'huge', bytes: 50_000_000 }],
    ['huge:200KB', { mode: 'huge', bytes: 200_000 }],
  ])('%s', (spec, effect) => {
    expect(parseFault(spec)).toEqual({ spec, effect, rate: 1 });
  });

  it('with the share of requests that it hits', () => {
    expect(parseFault('status:503@30%')).toMatchObject({ effect: { status: 503 }, rate: 0.3 });
    expect(parseFault('reset@0.5%').rate).toBe(0.005);
  });
});

describe('what cannot be read is named, with what would be right', () => {
  it.each([
    ['slow', 'unknown_mode', 'unknown fault "slow"; use latency, status, hang'],
    ['', 'unknown_mode', 'unknown fault ""'],
    ['toString', 'unknown_mode', 'unknown fault "toString"'],
    ['latency', 'invalid_argument', '300ms or 2s'],
    ['latency:soon', 'invalid_argument', '"soon"'],
    ['latency:800ms-100ms', 'invalid_argument', 'bounds in order'],
    ['latency:p50=1s,p99=20ms', 'invalid_argument', 'p50 <= p99'],
    ['latency:601s', 'invalid_argument', 'up to 600s'],
    ['status', 'invalid_argument', '400 to 599'],
    ['status:200', 'invalid_argument', '400 to 599'],
    ['hang:5s', 'invalid_argument', 'hang takes no argument'],
    ['content-type:html', 'invalid_argument', 'text/html'],
    ['huge:2GB', 'invalid_argument', 'up to 1GB'],
    ['huge:0MB', 'invalid_argument', '50MB'],
    ['reset@', 'invalid_rate', 'above 0%'],
    ['reset@0%', 'invalid_rate', 'above 0%'],
    ['reset@101%', 'invalid_rate', 'at most 100%'],
    ['reset@half', 'invalid_rate', '"half"'],
  ])('%s', (spec, code, message) => {
    expect(() => parseFault(spec)).toThrow(
      expect.objectContaining({ name: 'FaultError', code, message: expect.stringContaining(message) }),
    );
  });
});

describe('faults of services', () => {
  it('are sorted by service, several of one included', () => {
    expect(parseAssignments(['orders=latency:p50=1ms,p99=9ms', 'users=hang', 'orders=reset@5%'])).toEqual({
      orders: ['latency:p50=1ms,p99=9ms', 'reset@5%'],
      users: ['hang'],
    });
  });

  it('need a service that exists', () => {
    expect(() => parseAssignments(['payments=hang'])).toThrow(
      'unknown service "payments"; use users, catalog, orders, reviews, recommendations, inventory, notifications, pricing',
    );
    expect(() => parseAssignments(['hang'])).toThrow(FaultError);
  });
});
