import { expect, test } from 'vitest';
import { type KnownToken, VerifiedTokens } from './verified-tokens.ts';

const end = 's'.repeat(86);

function known(header: string): KnownToken {
  return { header, authorization: { scheme: 'bearer', token: header }, keysVersion: 1 } as KnownToken;
}

test('a header is known when all of it is the same, not only its end', () => {
  const tokens = new VerifiedTokens();
  const remembered = tokens.remember(known(`Bearer header.one.${end}`));
  expect(tokens.find(`Bearer header.one.${end}`)).toBe(remembered);
  expect(tokens.find(`Bearer header.two.${end}`)).toBeUndefined();
  expect(tokens.find(`bearer header.one.${end}`)).toBeUndefined();
  expect(tokens.find(end)).toBeUndefined();
});

test('a forgotten one is not known', () => {
  const tokens = new VerifiedTokens();
  const remembered = tokens.remember(known(`Bearer header.one.${end}`));
  tokens.forget(remembered);
  expect(tokens.find(remembered.header)).toBeUndefined();
});

test('headers are remembered up to 16 Mi characters together: the longest unused goes first', () => {
  const tokens = new VerifiedTokens();
  const headerAt = (index: number): string =>
    `Bearer ${'x'.repeat(8_000)}.${String(index).padStart(40, '0')}`;
  for (let index = 0; index < 2_100; index += 1) tokens.remember(known(headerAt(index)));
  expect(tokens.find(headerAt(0))).toBeUndefined();
  expect(tokens.find(headerAt(2_099))).toBeDefined();
});
