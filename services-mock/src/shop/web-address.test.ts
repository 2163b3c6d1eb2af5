import { expect, test } from 'vitest';
import { findWebAddress } from './web-address.ts';

test.each([
  [{}, 'http://localhost:4001', '4001'],
  [{ WEB_PORT: '', WEB_PUBLIC_ORIGIN: '' }, 'http://localhost:4001', '4001'],
  [{ WEB_PORT: '5001' }, 'http://localhost:5001', '5001'],
  [
    { WEB_PORT: '5001', WEB_PUBLIC_ORIGIN: 'http://shop.localhost:8080' },
    'http://shop.localhost:8080',
    '5001',
  ],
])('with %j a browser finds the web BFF at %s', async (environment, origin, port) => {
  expect(await findWebAddress(environment)).toEqual({
    origin,
    env: { WEB_PORT: port, WEB_PUBLIC_ORIGIN: origin },
  });
});

test('0 is any port that is free, and the address names it', async () => {
  const { origin, env } = await findWebAddress({ WEB_PORT: '0' });
  expect(Number(env.WEB_PORT)).toBeGreaterThan(0);
  expect(origin).toBe(`http://localhost:${env.WEB_PORT}`);
});
