import { expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { Circuit } from './circuit.ts';

const isClosed = (circuit: Circuit): boolean => {
  try {
    circuit.requireClosed();
    return true;
  } catch (error) {
    expect(error).toMatchObject({
      code: 'dependency-unavailable',
      options: {
        detail: 'The identity provider is not available.',
        retryAfterMs: 2_000,
        cause: { message: 'the identity provider rests after 3 failures in a row' },
      },
    });
    return false;
  }
};

test('three failures in a row are a rest of two seconds', () => {
  const clock = manualClock();
  const circuit = new Circuit(clock);
  circuit.failed();
  circuit.failed();
  expect(isClosed(circuit)).toBe(true);
  circuit.failed();
  expect(isClosed(circuit)).toBe(false);
  clock.advance(1_999);
  expect(isClosed(circuit)).toBe(false);
  clock.advance(1);
  expect(isClosed(circuit)).toBe(true);
});

test('after the rest one failure is enough, and one success forgets them all', () => {
  const clock = manualClock();
  const circuit = new Circuit(clock);
  for (let times = 0; times < 3; times += 1) circuit.failed();
  clock.advance(2_000);
  circuit.failed();
  expect(isClosed(circuit)).toBe(false);
  clock.advance(2_000);
  circuit.succeeded();
  circuit.failed();
  circuit.failed();
  expect(isClosed(circuit)).toBe(true);
});
