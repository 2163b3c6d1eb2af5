import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keyRing } from './seal.ts';

const first = randomBytes(32).toString('base64');
const second = randomBytes(32).toString('base64url');
const sealOf = (keys: readonly string[], purpose = 'session') => keyRing('test', keys)(purpose);

describe('a sealed text', () => {
  test('opens with the same key, for the same purpose, in the same place', () => {
    const sealed = sealOf([first]).seal('héllo', 'place');
    expect(sealOf([first]).open(sealed, 'place')).toBe('héllo');
    expect(sealOf([first]).open(sealed, 'elsewhere')).toBeUndefined();
    expect(sealOf([first], 'login').open(sealed, 'place')).toBeUndefined();
    expect(sealOf([second]).open(sealed, 'place')).toBeUndefined();
  });

  test('is another one every time, and shows nothing', () => {
    const { seal } = sealOf([first]);
    const texts = Array.from({ length: 20 }, () => seal('secret', 'place'));
    expect(new Set(texts).size).toBe(20);
    expect(Buffer.from(texts.join(''), 'base64url').toString()).not.toContain('secret');
    expect(texts[0]).toMatch(/^[\w-]{8}\.[\w-]+$/);
  });

  test('may be empty', () => {
    const { seal, open } = sealOf([first]);
    expect(open(seal('', 'place'), 'place')).toBe('');
  });

  test('does not open when any bit of it is changed', () => {
    const { seal, open } = sealOf([first]);
    const sealed = seal('secret', 'place');
    const [id = '', body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64url');
    for (let index = 0; index < bytes.length; index += 1) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(open(`${id}.${changed.toString('base64url')}`, 'place')).toBeUndefined();
    }
  });

  test.each(['', '.', 'x', 'x.y', '.abc'])('garbage does not open: %j', (text) => {
    expect(sealOf([first]).open(text, 'place')).toBeUndefined();
  });

  test('cut short does not open', () => {
    const { seal, open } = sealOf([first]);
    const sealed = seal('secret', 'place');
    for (let length = 0; length < sealed.length; length += 1)
      expect(open(sealed.slice(0, length), 'place')).toBeUndefined();
  });
});

describe('a key ring', () => {
  test('seals with the first key and opens with all', () => {
    const old = sealOf([first]).seal('text', 'place');
    const rotated = sealOf([second, first]);
    expect(rotated.open(old, 'place')).toBe('text');
    expect(sealOf([second]).open(rotated.seal('text', 'place'), 'place')).toBe('text');
  });

  test.each<[readonly string[], RegExp]>([
    [[], /keys must be 1 to 10 keys, got 0/],
    [Array.from({ length: 11 }, () => randomBytes(32).toString('base64')), /got 11/],
    [[randomBytes(31).toString('base64')], /keys\[0\] must be 32 bytes as base64, got 31 bytes/],
    [[first, 'not base64!'], /keys\[1\] must be 32 bytes as base64, got other text/],
    [[first, first], /keys must differ/],
    [[first, Buffer.from(first, 'base64').toString('base64url')], /keys must differ/],
  ])('is refused at boot: %#', (keys, message) => {
    expect(() => sealOf(keys)).toThrowError(message);
    expect(() => sealOf(keys)).toThrowError(RangeError);
  });

  test('never shows a key in what it throws', () => {
    expect(() => sealOf(['canary-key'])).toThrowError(
      expect.objectContaining({ message: expect.not.stringContaining('canary') }),
    );
  });
});
