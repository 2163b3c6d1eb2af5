import { describe, expect, test } from 'vitest';
import { requireInteger, requireKnown, requireRange } from './options.ts';

describe('an unknown option', () => {
  const known = ['timeoutMs', 'breaker', 'connections', 'target'];
  const messageOf = (options: object): string => {
    try {
      requireKnown("upstream 'users'", options, known);
    } catch (error) {
      if (error instanceof RangeError) return error.message;
    }
    return 'accepted';
  };

  test('is none when it is known', () => {
    expect(messageOf({})).toBe('accepted');
    expect(messageOf({ target: undefined, timeoutMs: 5 })).toBe('accepted');
  });

  test.each([
    ['timeoutms', 'timeoutMs'],
    ['timeout', 'timeoutMs'],
    ['TIMEOUTMS', 'timeoutMs'],
    ['braker', 'breaker'],
    ['conections', 'connections'],
    ['targets', 'target'],
  ])("%s: did you mean '%s'?", (written, meant) => {
    expect(messageOf({ [written]: 1 })).toBe(
      `upstream 'users': unknown option '${written}'; did you mean '${meant}'?`,
    );
  });

  test.each(['colour', 'x', 'retries', '', '__proto__x'])('%j is like none of them', (written) => {
    expect(messageOf({ [written]: 1 })).toBe(
      `upstream 'users': unknown option '${written}'; it knows timeoutMs, breaker, connections, target`,
    );
  });

  test('is one too when it is set to undefined, or named like a member of every object', () => {
    expect(messageOf({ timeout: undefined })).toContain("did you mean 'timeoutMs'?");
    expect(messageOf({ constructor: 1 })).toContain("unknown option 'constructor'");
  });
});

describe('a number', () => {
  test.each([1, 1.5, 10])('in its range is fine: %d', (value) => {
    expect(() => requireRange('serve', 'graceMs', value, 1, 10)).not.toThrow();
  });

  test.each([0.99, 10.01, -1, Number.NaN, Infinity, '5', null, undefined, {}])(
    'out of its range is refused: %o',
    (value) => {
      expect(() => requireRange('serve', 'graceMs', value, 1, 10)).toThrow(
        new RangeError(`serve: graceMs must be a number from 1 to 10, got ${String(value)}`),
      );
    },
  );

  test.each([1.5, '5', Number.NaN, null, undefined])(
    'that is not whole is refused where it must be: %o',
    (value) => {
      expect(() => requireInteger('serve', 'port', value, 0, 10)).toThrow(
        new RangeError(`serve: port must be a whole number from 0 to 10, got ${String(value)}`),
      );
    },
  );

  test('that is whole is held to its range too', () => {
    expect(() => requireInteger('serve', 'port', 0, 0, 10)).not.toThrow();
    expect(() => requireInteger('serve', 'port', 11, 0, 10)).toThrow(RangeError);
    expect(() => requireInteger('serve', 'port', -1, 0, 10)).toThrow(RangeError);
  });
});
