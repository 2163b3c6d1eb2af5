import { expect, test } from 'vitest';
import { resolveServerLimits } from './server-limits.ts';

test('the defaults are far below those of Node', () => {
  expect(resolveServerLimits('serve: limits')).toEqual({
    headersTimeoutMs: 10_000,
    requestTimeoutMs: 30_000,
    keepAliveTimeoutMs: 5_000,
    maxHeaderBytes: 16_384,
    maxConnections: 10_000,
    maxRequestsPerSocket: 1_000,
    checkIntervalMs: 1_000,
  });
});

test('what is set is kept, the bounds included', () => {
  const limits = {
    headersTimeoutMs: 100,
    requestTimeoutMs: 100,
    keepAliveTimeoutMs: 3_600_000,
    maxHeaderBytes: 1_048_576,
    maxConnections: 1,
    maxRequestsPerSocket: 1,
    checkIntervalMs: 10,
  };
  expect(resolveServerLimits('serve: limits', limits)).toEqual(limits);
});

test.each<[object, string]>([
  [{ headersTimeoutMs: 99 }, 'headersTimeoutMs must be a number from 100 to 600000, got 99'],
  [{ requestTimeoutMs: 600_001 }, 'requestTimeoutMs must be a number from 100 to 600000, got 600001'],
  [{ keepAliveTimeoutMs: 99 }, 'keepAliveTimeoutMs must be a number from 100 to 3600000, got 99'],
  [{ maxHeaderBytes: 1_023 }, 'maxHeaderBytes must be a number from 1024 to 1048576, got 1023'],
  [{ maxConnections: 0 }, 'maxConnections must be a number from 1 to 1000000, got 0'],
  [{ maxRequestsPerSocket: 0 }, 'maxRequestsPerSocket must be a number from 1 to 1000000000, got 0'],
  [{ checkIntervalMs: 1.5 }, 'checkIntervalMs must be a whole number from 10 to 60000, got 1.5'],
  [{ checkIntervalMs: Number.NaN }, 'checkIntervalMs must be a whole number from 10 to 60000, got NaN'],
  [{ maxConnection: 1 }, "unknown option 'maxConnection'; did you mean 'maxConnections'?"],
  [
    { headersTimeoutMs: 10_001, requestTimeoutMs: 10_000 },
    'headersTimeoutMs must be at most requestTimeoutMs 10000, got 10001',
  ],
])('%j is refused', (limits, message) => {
  expect(() => resolveServerLimits('serve: limits', limits)).toThrow(RangeError);
  expect(() => resolveServerLimits('serve: limits', limits)).toThrow(`serve: limits: ${message}`);
});
