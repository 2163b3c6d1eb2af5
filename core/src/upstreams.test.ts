import { afterEach, describe, expect, test } from 'vitest';
import { EventBus } from './context/event-bus.ts';
import type { SwitchFact } from './context/events.ts';
import { noPressure } from './context/pressure.ts';
import { manualClock } from './testing/manual-clock.ts';
import { manualWire } from './testing/upstream-rig.ts';
import { bind, type UpstreamBinding } from './upstream/binding.ts';
import { get, upstream } from './upstream/operation.ts';
import { seededRandom } from './upstream/random.ts';
import { Upstreams, type UpstreamsParts } from './upstreams.ts';

const shop = upstream('shop', { operations: { get: get('/part'), 'get.v2': get('/v2/part') } });
const users = upstream('users', { operations: { me: get('/me') } });
const shopBinding = bind(shop, { targets: 'http://shop.test' });
const usersBinding = bind(users, { targets: 'http://users.test' });

const opened: Upstreams[] = [];
afterEach(async () => {
  for (const upstreams of opened.splice(0)) await upstreams.close();
});

function openedOf(bindings: readonly UpstreamBinding[], parts: Partial<UpstreamsParts> = {}) {
  const events = new EventBus();
  const switches: SwitchFact[] = [];
  events.on('switch', (fact) => switches.push(fact));
  const wires: string[] = [];
  const upstreams = new Upstreams(bindings, {
    clock: manualClock(),
    events,
    random: seededRandom(1),
    pressure: noPressure,
    trafficFile: undefined,
    transport: ({ name }) => {
      wires.push(name);
      return manualWire().transport;
    },
    ...parts,
  });
  opened.push(upstreams);
  return { upstreams, switches, wires };
}

describe('the upstreams of a BFF', () => {
  test('are found by the contracts that name them', () => {
    const { upstreams } = openedOf([shopBinding, usersBinding]);
    expect(upstreams.names).toEqual(['shop', 'users']);
    expect(upstreams.of(users.me.contract).name).toBe('users');
    expect(upstreams.status().map(({ upstream }) => upstream)).toEqual(['shop', 'users']);
    expect(upstreams.breakers()).toEqual([
      { upstream: 'shop', state: 'closed' },
      { upstream: 'users', state: 'closed' },
    ]);
  });

  test('must be bound, and only once', () => {
    const { upstreams } = openedOf([shopBinding]);
    expect(() => upstreams.prepare(users.me.contract)).toThrow(
      new RangeError("users.me is called, but upstream 'users' is not bound; add bind(…) to upstreams"),
    );
    expect(() => openedOf([shopBinding, usersBinding, shopBinding])).toThrow(
      new RangeError("defineBff: the upstream 'shop' is bound twice"),
    );
  });

  test('are ready when each has somewhere to send calls', () => {
    const nowhere = bind(users, { targets: { start: () => () => {} } });
    expect(openedOf([shopBinding, usersBinding]).upstreams.isReady).toBe(true);
    expect(openedOf([shopBinding, nowhere]).upstreams.isReady).toBe(false);
  });

  test('have a wire each, and one more for checks where there are any', async () => {
    const checked = bind(users, { targets: 'http://users.test', health: { path: '/health' } });
    expect(openedOf([shopBinding, checked]).wires).toEqual(['shop', 'users', 'users']);
  });
});

describe('switching by hand', () => {
  test('turns one operation off and on, and tells', () => {
    const { upstreams, switches } = openedOf([shopBinding, usersBinding]);
    upstreams.prepare(shop.get.contract);
    upstreams.switch('shop.get', false);
    expect(upstreams.status().map(({ off }) => off)).toEqual([['get'], []]);
    upstreams.switch('shop.get', true);
    expect(upstreams.status().map(({ off }) => off)).toEqual([[], []]);
    expect(switches).toEqual([
      { operation: 'shop.get', on: false },
      { operation: 'shop.get', on: true },
    ]);
  });

  test('knows the operations that are called, and names them in order', () => {
    const { upstreams, switches } = openedOf([shopBinding, usersBinding]);
    upstreams.prepare(users.me.contract);
    upstreams.prepare(shop.get.contract);
    expect(() => upstreams.switch('users.you', false)).toThrow(
      new RangeError("no endpoint calls 'users.you'; they call shop.get, users.me"),
    );
    expect(switches).toEqual([]);
  });

  test('means the operation that is named, dots and all', () => {
    const { upstreams } = openedOf([shopBinding]);
    upstreams.prepare(shop['get.v2'].contract);
    upstreams.switch('shop.get.v2', false);
    expect(upstreams.status()[0]?.off).toEqual(['get.v2']);
  });
});
