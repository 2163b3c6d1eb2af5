import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logTime } from './log-time.ts';

test('is the moment in milliseconds, within one second and over several', () => {
  let nowMs = 0;
  const write = logTime({ wallMs: () => nowMs, monotonicMs: () => 0, after: () => () => {} });
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 4_102_444_800_000 }), { minLength: 1 }), (moments) => {
      for (const moment of moments.flatMap((each) => [each, each + 1])) {
        nowMs = moment;
        expect(write()).toBe(`,"time":"${new Date(moment).toISOString()}"`);
      }
    }),
  );
});
