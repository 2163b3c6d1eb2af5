import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { manualClock } from '../testing/manual-clock.ts';
import { testContext } from '../testing/test-context.ts';
import { manualWire, nothingLeft, upstreamRig } from '../testing/upstream-rig.ts';
import { type Random, seededRandom } from './random.ts';
import type { WriteRequest } from './request.ts';
import { resolveShadow, Shadow } from './shadow.ts';
import type { Transport } from './transport.ts';

const write: WriteRequest = (_context, _request, { origin, budgetMs }) => ({
  operation: 'get',
  method: 'GET',
  origin,
  target: '/part',
  headers: { accept: 'application/json', 'bff-deadline-ms': String(budgetMs) },
  body: undefined,
  maxAnswerBytes: 1_000,
});

function shadowRig(sample = 1, random: Random = () => 0, transport?: Transport) {
  const clock = manualClock();
  const wire = manualWire();
  const shadow = new Shadow(
    { origin: 'http://next.test', sample },
    { transport: transport ?? wire.transport, clock, random },
  );
  const context = testContext({});
  return { clock, wire, send: (writing = write) => shadow.send(context, {}, writing) };
}

describe('a copy', () => {
  test('goes to the other place, marked, with 5 s to answer', () => {
    const { wire, send } = shadowRig();
    send();
    expect(wire.sent).toHaveLength(1);
    expect(wire.sent[0]).toMatchObject({
      origin: 'http://next.test',
      target: '/part',
      headers: { accept: 'application/json', 'bff-shadow': '1', 'bff-deadline-ms': '5000' },
    });
  });

  test('is aborted after 5 s', async () => {
    const { clock, wire, send } = shadowRig();
    send();
    clock.advance(4_999);
    expect(wire.sent[0]?.abortedBy()).toBeUndefined();
    clock.advance(1);
    expect(wire.sent[0]?.abortedBy()?.code).toBe('upstream-timeout');
    await turn();
    expect(wire.open()).toBe(0);
    expect(clock.pending()).toBe(0);
  });

  test('leaves nothing behind when it is answered or fails', async () => {
    const { clock, wire, send } = shadowRig();
    send();
    send();
    await wire.sent[0]?.answer({ status: 500 });
    await wire.sent[1]?.fail();
    expect(clock.pending()).toBe(0);
  });

  test('is sent for the sampled share of the requests', async () => {
    const { wire, send } = shadowRig(0.1, seededRandom(42));
    for (let request = 0; request < 2_000; request += 1) {
      const before = wire.sent.length;
      send();
      if (wire.sent.length > before) await wire.sent.at(-1)?.answer();
    }
    expect(wire.sent.length).toBeGreaterThan(160);
    expect(wire.sent.length).toBeLessThan(240);
  });

  test('is not sent while 16 are under way', async () => {
    const { wire, send } = shadowRig();
    for (let request = 0; request < 20; request += 1) send();
    expect(wire.sent).toHaveLength(16);
    await wire.sent[0]?.answer();
    send();
    send();
    expect(wire.sent).toHaveLength(17);
  });

  test("that cannot be written or sent is nobody's failure, and takes no place", async () => {
    const throwing = (): never => {
      throw new TypeError('no');
    };
    const unwritable = shadowRig();
    for (let request = 0; request < 20; request += 1) unwritable.send(throwing);
    unwritable.send();
    expect(unwritable.wire.sent).toHaveLength(1);

    let isBroken = true;
    const { transport, sent } = manualWire();
    const unsendable = shadowRig(1, () => 0, {
      ...transport,
      send: (request) => (isBroken ? throwing() : transport.send(request)),
    });
    for (let request = 0; request < 20; request += 1) unsendable.send();
    isBroken = false;
    unsendable.send();
    expect(sent).toHaveLength(1);
    expect(unsendable.clock.pending()).toBe(1);
  });
});

describe('an upstream with a shadow', () => {
  const shadow = { target: 'http://next.test', sample: 1 };

  test('answers with what the real one says, while its copy hangs', async () => {
    const rig = upstreamRig({ shadow });
    const started = await rig.start();
    const [copy, real] = rig.sent;
    expect([copy?.origin, real?.origin]).toEqual(['http://next.test', 'http://shop.test']);
    await real?.answer();
    expect(started.outcome()).toEqual({ id: '1' });
    expect(started.fact()).toMatchObject({ attempts: 1, hedges: 0 });
    expect(rig.upstream.status().bulkhead.running).toBe(0);
    await rig.pass(5_000);
    expect(copy?.abortedBy()).toBeDefined();
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('drops what the copy says, and holds it against nobody', async () => {
    const rig = upstreamRig({ shadow, breaker: { failureThreshold: 1 }, outlier: { failures: 1 } });
    for (const end of [{ status: 500 }, { body: 'no json' }, { body: { id: 'shadow' } }]) {
      const started = await rig.start();
      const [copy, real] = rig.sent.slice(-2);
      await copy?.answer(end);
      await real?.answer();
      expect(started.outcome()).toEqual({ id: '1' });
    }
    expect(rig.upstream.status().breakers[0]?.state).toBe('closed');
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test.each(['post', 'put', 'patch', 'del', 'safePost'] as const)('never copies a %s', async (operation) => {
    const rig = upstreamRig({ shadow });
    await rig.start({ operation });
    expect(rig.sent.map(({ origin }) => origin)).toEqual(['http://shop.test']);
    await rig.last().answer();
  });

  test('copies a call once, however often it is tried', async () => {
    const rig = upstreamRig({ shadow });
    await rig.start();
    await rig.last().answer({ status: 503 });
    await rig.pass(25);
    await rig.last().answer();
    const copies = rig.sent.filter(({ origin }) => origin === 'http://next.test');
    expect(copies).toHaveLength(1);
    expect(rig.sent).toHaveLength(3);
    for (const copy of copies) await copy.answer();
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('copies nothing of a call that gets no place', async () => {
    const rig = upstreamRig({ shadow, concurrency: { running: 1, queued: 0 } });
    await rig.start();
    await rig.start();
    expect(rig.sent).toHaveLength(2);
    for (const request of rig.sent) await request.answer();
  });
});

test.each([
  [{ target: 'http://next.test', sampel: 1 }, "web: shadow: unknown option 'sampel'; did you mean 'sample'?"],
  [{ target: 'http://next.test', sample: 0 }, 'web: shadow: sample must be a number from 0.0001 to 1, got 0'],
  [{ target: 'http://next.test', sample: 2 }, 'web: shadow: sample must be a number from 0.0001 to 1, got 2'],
  [{ target: 'http://next.test' }, 'web: shadow: sample must be a number from 0.0001 to 1, got undefined'],
  [
    { target: 'next.test/x', sample: 1 },
    "web: shadow: target must be an origin such as http://host:8080, got 'next.test/x'",
  ],
])('the options %j are refused', (options, message) => {
  expect(() => resolveShadow('web', options as Parameters<typeof resolveShadow>[1])).toThrow(
    new RangeError(message),
  );
});
