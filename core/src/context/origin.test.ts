import { expect, test } from 'vitest';
import { isLoopback, requireOrigin } from './origin.ts';

test.each([
  'https://shop.example',
  'http://localhost:4001',
  'https://[2001:db8::1]:8443',
  'https://xn--caf-dma.test',
])('an exact origin is taken as it is: %s', (origin) => {
  expect(requireOrigin('x', 'y', origin)).toBe(origin);
});

test.each([
  'https://café.test',
  'https://shop.example?',
  'https://shop.example#',
  ' https://shop.example',
  'data:x',
  undefined,
])('what a browser would not write is refused: %s', (origin) => {
  expect(() => requireOrigin('web', 'origin', origin)).toThrow(
    new RangeError(
      `web: origin must be an exact origin such as https://shop.example, got '${String(origin)}'`,
    ),
  );
});

test('only names that always mean this machine are loopback', () => {
  const names = ['localhost', 'a.b.localhost', '127.0.0.1', '[::1]'];
  expect(names.map(isLoopback)).toEqual([true, true, true, true]);
  const others = ['xlocalhost', 'localhost.test', '127.0.0.2', '::1', 'a@b.localhost', 'a b.localhost', ''];
  expect(others.filter(isLoopback)).toEqual([]);
});
