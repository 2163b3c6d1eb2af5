import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

test('the system clock tells the date and a time that never steps back', () => {
  expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1_000);
  const before = systemClock.monotonicMs();
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
});

test('a timer fires once, unless it was cancelled', async () => {
  const fired: string[] = [];
  const cancel = systemClock.after(0, () => fired.push('cancelled'));
  cancel();
  cancel();
  await new Promise<void>((resolve) => {
    systemClock.after(1, () => {
      fired.push('fired');
      resolve();
    });
  });
  expect(fired).toEqual(['fired']);
});
