import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomIds } from '../context/ids.ts';
import { isInShare } from './trace-share.ts';

const traceId = fc.stringMatching(/^[0-9a-f]{32}$/);
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe('a share of traces', () => {
  test.each([0.01, 0.1, 0.5, 0.9])('is that share of random identifiers (%d)', (wanted) => {
    const ids = randomIds();
    const traces = 50_000;
    let sampled = 0;
    for (let index = 0; index < traces; index += 1) if (isInShare(ids.traceId(), wanted)) sampled += 1;
    const deviation = Math.sqrt((wanted * (1 - wanted)) / traces);
    expect(Math.abs(sampled / traces - wanted)).toBeLessThan(6 * deviation);
  });

  test('holds every trace of a smaller share', () => {
    fc.assert(
      fc.property(traceId, share, share, (id, one, other) => {
        const isInSmaller = isInShare(id, Math.min(one, other));
        expect(!isInSmaller || isInShare(id, Math.max(one, other))).toBe(true);
      }),
    );
  });

  test('is all of them, or none', () => {
    for (const id of ['0'.repeat(31).concat('1'), 'f'.repeat(32)]) {
      expect(isInShare(id, 1)).toBe(true);
      expect(isInShare(id, 0)).toBe(false);
    }
  });

  test('looks at the last 56 bits only, as other samplers do', () => {
    expect(isInShare(`${'f'.repeat(18)}${'7'.repeat(14)}`, 0.5)).toBe(false);
    expect(isInShare(`${'0'.repeat(18)}8${'0'.repeat(13)}`, 0.5)).toBe(true);
  });
});
