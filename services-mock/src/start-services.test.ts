import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { LISTENER_NAMES } from './directory.ts';
import { portVariable } from './ports.ts';
import { type Services, startServices } from './start-services.ts';

const FREE = Object.fromEntries(LISTENER_NAMES.map((name) => [portVariable(name), '0']));

const running: Services[] = [];
const start = async (...options: Parameters<typeof startServices>): Promise<Services> => {
  const services = await startServices(...options);
  running.push(services);
  return services;
};
afterEach(async () => {
  await Promise.all(running.splice(0).map((services) => services.close()));
});

it('two shops in one process share nothing that can be written', async () => {
  const [one, other] = await Promise.all([start({ ports: 'free' }), start({ ports: 'free' })]);
  one.faults.set('orders', 'hang');
  expect(other.faults.list().orders).toEqual([]);
  const items = (urls: Services['urls']): string => `${urls.orders}/carts/usr_0001/items`;
  const body = JSON.stringify({ productId: 'prd_00001', quantity: 1 });
  one.faults.clear();
  await fetch(items(one.urls), { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
  expect(await (await fetch(`${other.urls.orders}/carts/usr_0001`)).json()).toMatchObject({ items: [] });
});

it('another seed is another world', async () => {
  const [usual, other] = await Promise.all([start({ ports: 'free' }), start({ ports: 'free', seed: 7 })]);
  const read = async ({ urls }: Services): Promise<string> =>
    (await fetch(`${urls.users}/users/usr_0100`)).text();
  expect(await read(usual)).not.toBe(await read(other));
});

it('the environment chooses the ports', async () => {
  const { port, free } = await takePort();
  await free();
  const services = await start({ environment: { ...FREE, ORDERS_PORT: String(port) } });
  expect(services.urls.orders).toBe(`http://127.0.0.1:${port}`);
});

it('a taken port is one clear line, and whatever had started has ended', async () => {
  const { port, free } = await takePort();
  const { port: earlier, free: freeEarlier } = await takePort();
  await freeEarlier();
  const environment = { ...FREE, ORDERS_PORT: String(port), USERS_PORT: String(earlier) };
  await expect(start({ environment })).rejects.toThrow(
    `port ${port} (orders) is taken; free it or set ORDERS_PORT`,
  );
  await expect(fetch(`http://127.0.0.1:${earlier}/health`)).rejects.toThrow();
  await free();
});

it.each(['70000', 'x', '-1', '80.5'])('refuses %s as a port', async (text) => {
  await expect(start({ environment: { ...FREE, CATALOG_PORT: text } })).rejects.toThrow(
    `CATALOG_PORT must be a port from 0 to 65535, got "${text}"`,
  );
});

it('refuses to start in production', async () => {
  await expect(start({ ports: 'free', environment: { NODE_ENV: 'production' } })).rejects.toThrow(
    /production/,
  );
});

it('refuses to start with a fault that cannot be read', async () => {
  await expect(start({ ports: 'free', faults: ['orders=slow'] })).rejects.toThrow('unknown fault "slow"');
});

it('closes at once and only once, hanging and late answers included', async () => {
  const services = await start({
    ports: 'free',
    faults: ['orders=hang', 'users=latency:600s', 'reviews=hang-body'],
  });
  const pending = [
    fetch(`${services.urls.orders}/health`),
    fetch(`${services.urls.users}/health`),
    fetch(`${services.urls.reviews}/health`).then((response) => response.text()),
  ].map((request) => expect(request).rejects.toThrow());
  await expect
    .poll(() => services.stats())
    .toMatchObject({
      orders: { open: 1 },
      users: { open: 1 },
      reviews: { open: 1 },
    });
  const before = performance.now();
  await services.close();
  await services.close();
  await Promise.all(pending);
  expect(performance.now() - before).toBeLessThan(500);
});

async function takePort(): Promise<{ readonly port: number; readonly free: () => Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, free: () => once(server.close(), 'close') };
}
