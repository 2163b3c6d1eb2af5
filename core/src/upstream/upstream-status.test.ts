import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { EventBus } from '../context/event-bus.ts';
import { noPressure } from '../context/pressure.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { manualWire, nothingLeft, upstreamRig } from '../testing/upstream-rig.ts';
import { bind } from './binding.ts';
import { get, upstream } from './operation.ts';
import { seededRandom } from './random.ts';
import { compileTraffic, type TrafficRules } from './traffic.ts';
import type { Transport } from './transport.ts';
import { openUpstream, type UpstreamParts } from './upstream.ts';

const shop = upstream('shop', { operations: { get: get('/part'), list: get('/parts') } });
type Options = Partial<Parameters<typeof bind<typeof shop>>[1]>;

/** An open upstream on wires the test holds; `ask` calls it for a subject and answers. */
function openedOf(options: Options = {}, rules?: TrafficRules) {
  const clock = manualClock();
  const events = new EventBus();
  const wire = manualWire();
  const probes = manualWire();
  const closed: string[] = [];
  const closing = (name: string, transport: Transport): Transport => ({
    ...transport,
    close() {
      closed.push(name);
      return Promise.resolve();
    },
  });
  const parts: UpstreamParts = {
    clock,
    events,
    random: seededRandom(1),
    pressure: noPressure,
    transport: closing('calls', wire.transport),
    probeTransport: closing('probes', probes.transport),
    traffic: () => rules,
  };
  const opened = openUpstream(bind(shop, { targets: 'http://shop.test', ...options }), parts);
  const call = opened.prepare(shop.get.contract);
  const ask = async (subject: string, headers: Readonly<Record<string, string>> = {}): Promise<string> => {
    const context = testContext({ headers }, { clock, events });
    context.subject = subject;
    const answer = call(context, { name: 'part', timeoutMs: 100, worth: 'required' }, {});
    await turn();
    await wire.sent.at(-1)?.answer();
    await answer;
    context.close();
    return wire.sent.at(-1)?.origin ?? '';
  };
  return { clock, events, wire, probes, closed, opened, ask };
}

describe('the status of an upstream', () => {
  test('shows what runs, what waits and what was spent', async () => {
    const rig = upstreamRig({ concurrency: { running: 1, queued: 5 } });
    await rig.start();
    await rig.start();
    expect(rig.upstream.status()).toEqual({
      upstream: 'shop',
      breakers: [{ upstream: 'shop', state: 'closed' }],
      targets: [{ origin: 'http://shop.test', weight: 1, pending: 1, health: 'unknown', ejectedForMs: 0 }],
      bulkhead: { running: 1, waiting: 1, limit: 1 },
      retryBudget: { spent: 0, allowed: 30 },
      off: [],
    });
    await rig.last().answer({ status: 503 });
    await rig.pass(25);
    expect(rig.upstream.status().retryBudget.spent).toBe(1);
    await rig.last().answer();
    await rig.last().answer();
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('lists what is switched off, once', () => {
    const { opened } = openedOf();
    opened.switch('list', false);
    opened.switch('list', false);
    opened.switch('get', false);
    expect(opened.status().off).toEqual(['list', 'get']);
    opened.switch('list', true);
    opened.switch('list', true);
    expect(opened.status().off).toEqual(['get']);
  });
});

test('what changes about it is told', async () => {
  const rig = upstreamRig({
    breaker: { failureThreshold: 1 },
    operations: { other: { breaker: { failureThreshold: 1 } } },
    retry: { attempts: 0 },
  });
  const facts: unknown[] = [];
  rig.events.on('breaker', (fact) => facts.push(fact));
  for (const operation of ['get', 'other'] as const) {
    await rig.start({ operation });
    await rig.last().fail();
  }
  expect(facts).toEqual([
    { upstream: 'shop', from: 'closed', to: 'open' },
    { upstream: 'shop', operation: 'other', from: 'closed', to: 'open' },
  ]);
});

describe('the target of a call', () => {
  const two = ['http://a.test', 'http://b.test'];
  const subjects = Array.from({ length: 20 }, (_, index) => `user:${index}`);

  test('sticks to the subject when that is asked for', async () => {
    const { ask } = openedOf({ targets: two, balance: 'sticky' });
    const first = [];
    const second = [];
    for (const subject of subjects) first.push(await ask(subject));
    for (const subject of subjects) second.push(await ask(subject));
    expect(second).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  test('is of the version the traffic policy names', async () => {
    const targets = [
      { url: 'http://a.test', version: 'v1' },
      { url: 'http://b.test', version: 'v2' },
    ];
    const rules = compileTraffic('shop', {
      rules: [{ match: { header: { name: 'x-canary', value: 'yes' } }, version: 'v2' }],
      weights: { v1: 100, v2: 0 },
    });
    const { ask } = openedOf({ targets }, rules);
    for (const subject of subjects) {
      expect(await ask(subject)).toBe('http://a.test');
      expect(await ask(subject, { 'x-canary': 'yes' })).toBe('http://b.test');
    }
  });
});

describe('closing', () => {
  test('stops the checks and closes both wires', async () => {
    const { opened, closed, probes, clock } = openedOf({ health: { path: '/health' } });
    clock.advance(60_000);
    expect(probes.sent.length).toBeGreaterThan(0);
    await opened.close();
    await turn();
    expect(closed.sort()).toEqual(['calls', 'probes']);
    expect(clock.pending()).toBe(0);
  });

  test('asks no probes on the wire of the calls', async () => {
    const { opened, wire, clock } = openedOf({ health: { path: '/health' } });
    clock.advance(60_000);
    expect(wire.sent).toEqual([]);
    await opened.close();
  });
});
