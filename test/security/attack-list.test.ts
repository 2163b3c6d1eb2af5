/**
 * Whether the tests hold all eighty cases of the attack list: each has a number, and every number is in the name
 * of at least one test. A case that is renamed away or deleted shows here.
 */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the cases attack is not built yet; they come with it. */
const later: Readonly<Record<string, string>> = {};

/** The start of a name: `A4: …`, `A9`, `A24, A25: …`, `A54 and A63: …`, or `A56 to A58: …`. */
const numbered = /['"`](A[1-9]\d?(?:(?:, | and | to )A[1-9]\d?)*)(?=[:,'"`])/g;

function casesIn(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return [...text.matchAll(numbered)].flatMap(([, name = '']) =>
    name.split(/, | and /).flatMap((part) => {
      const [first = 0, last = first] = part.split(' to ').map((id) => Number(id.slice(1)));
      return Array.from({ length: last - first + 1 }, (_, index) => `A${first + index}`);
    }),
  );
}

const files = globSync('{test,core/src,bffs/*/src}/**/*.test.ts', {
  cwd: root,
  exclude: (name) => name === 'node_modules' || name === 'dist',
}).filter((file) => !file.endsWith('attack-list.test.ts'));
const tested = new Set(files.flatMap(casesIn));
const cases = Array.from({ length: 80 }, (_, index) => `A${index + 1}`);

test('every one of the 80 cases is in the name of a test', () => {
  expect(cases.filter((id) => !tested.has(id))).toEqual(Object.keys(later));
});

test('no test names a case that the list does not have', () => {
  expect([...tested].filter((id) => !cases.includes(id))).toEqual([]);
});
