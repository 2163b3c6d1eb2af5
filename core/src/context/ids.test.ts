import { describe, expect, test } from 'vitest';
import { randomIds } from './ids.ts';

describe('random identifiers', () => {
  test('have the lengths of W3C Trace Context, and none comes twice, over many blocks', () => {
    const ids = randomIds(64);
    const traces = Array.from({ length: 500 }, () => ids.traceId());
    const spans = Array.from({ length: 500 }, () => ids.spanId());
    for (const id of traces) expect(id).toMatch(/^[0-9a-f]{32}$/);
    for (const id of spans) expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set([...traces, ...spans]).size).toBe(1_000);
  });

  test('are whole when a block is not a multiple of them', () => {
    const ids = randomIds(37);
    for (let index = 0; index < 100; index += 1) {
      expect(ids.spanId()).toHaveLength(16);
      expect(ids.traceId()).toHaveLength(32);
    }
  });

  test('of two sources differ', () => {
    expect(randomIds().traceId()).not.toBe(randomIds().traceId());
  });

  test.each([0, 15, 16.5, Number.NaN, 65_537])('blocks of %d bytes are refused', (blockBytes) => {
    expect(() => randomIds(blockBytes)).toThrow(/^randomIds: blockBytes must be .* from 16 to 65536, got /);
  });
});
