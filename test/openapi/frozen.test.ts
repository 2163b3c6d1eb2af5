/** What was recorded and released stays as it is. */
import { expect, test } from 'vitest';
import { hashesKept, hashesNow, thawed } from '../support/frozen.ts';

const kept = hashesKept();
const now = hashesNow();

test('no recording of a client and no released document has changed', () => {
  expect(thawed(kept, now)).toEqual([]);
});

test('every one of them is frozen: else run node test/openapi/release.ts', () => {
  expect(Object.keys(now).filter((file) => kept[file] === undefined)).toEqual([]);
  expect(Object.keys(now).length).toBeGreaterThan(30);
});

test('a change and a deletion are noticed, an addition is not', () => {
  const [first = '', second = ''] = Object.keys(kept);
  const { [second]: _gone, ...rest } = {
    ...kept,
    [first]: 'other',
    'test/openapi/released/2099-01-01.json': '',
  };
  expect(thawed(kept, rest)).toEqual([
    expect.stringContaining(`${first} was changed: partners built on it`),
    expect.stringContaining(`${second} is gone`),
  ]);
});
