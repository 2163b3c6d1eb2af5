import { beforeEach, describe, expect, test } from 'vitest';
import { memoryRecords } from '../records/memory-records.ts';
import type { RecordStore } from '../records/record-store.ts';
import { attempted, type Delivery, newDelivery } from './delivery.ts';
import { type FoundDelivery, Outbox } from './outbox.ts';
import { sealedText } from './sealed-text.ts';

const receiver = { partner: 'acme', id: 'we_1' };
const body = '{"a":\n1}';

let records: RecordStore;
let outbox: Outbox;
beforeEach(() => {
  records = memoryRecords();
  outbox = new Outbox({ records, sealed: sealedText(undefined), scope: 'x-test', maxWaiting: 500 });
});

async function found(event = 'evt_1'): Promise<FoundDelivery> {
  const delivery = await outbox.read(receiver.id, event);
  if (delivery === undefined) throw new Error('there is no such delivery');
  return delivery;
}

function tried(delivery: Delivery, nextMs?: number): Delivery {
  const isDelivered = nextMs === undefined;
  return attempted(delivery, { atMs: 10, tookMs: 1, result: 204 }, { isDelivered, nextMs });
}

async function firstDue() {
  const [due] = await outbox.due(receiver.id);
  if (due === undefined) throw new Error('nothing is due');
  return due;
}

describe('a delivery', () => {
  test('that was made is not made again when its event is told again', async () => {
    await outbox.add(receiver, newDelivery('evt_1', 'a.b', 10, body));
    const { delivery, text } = await found();
    await outbox.settle(receiver.id, await firstDue(), { delivery, text }, tried(delivery));
    await outbox.add(receiver, newDelivery('evt_1', 'a.b', 20, body));
    expect(await outbox.due(receiver.id)).toEqual([]);
    expect((await found()).delivery).toMatchObject({ state: 'delivered', createdMs: 10, body });
  });

  test('takes what came of an attempt from one instance only, whoever is first (fencing)', async () => {
    await outbox.add(receiver, newDelivery('evt_1', 'a.b', 10, body));
    const due = await firstDue();
    const [slow, quick] = [await found(), await found()];
    expect(await outbox.settle(receiver.id, due, quick, tried(quick.delivery))).toBe(true);
    expect(await outbox.settle(receiver.id, due, slow, tried(slow.delivery, 99))).toBe(false);
    expect((await found()).delivery.state).toBe('delivered');
    expect(await outbox.due(receiver.id)).toEqual([]);
  });

  test('whose entry was left behind by an instance that died is put right', async () => {
    await outbox.add(receiver, newDelivery('evt_1', 'a.b', 10, body));
    const old = await firstDue();
    const before = await found();
    await outbox.settle(receiver.id, old, before, tried(before.delivery, 50));
    await records.add(`webhook:x-test:{${receiver.id}}:due`, '10.10.evt_1', 1_000); // it died between two steps
    expect((await outbox.due(receiver.id)).map(({ dueMs }) => dueMs)).toEqual([10, 50]);
    await outbox.put(receiver.id, old, (await found()).delivery);
    expect((await outbox.due(receiver.id)).map(({ dueMs }) => dueMs)).toEqual([50]);
  });

  test('that is over is remembered, up to a hundred of a receiver', async () => {
    for (let index = 0; index < 105; index += 1) {
      const event = `evt_${index}`;
      await outbox.add(receiver, newDelivery(event, 'a.b', index, body));
      const before = await found(event);
      await outbox.settle(receiver.id, await firstDue(), before, tried(before.delivery));
    }
    await outbox.trim(receiver.id);
    const all = await outbox.all(receiver.id);
    expect([all.length, all[0]?.event, all.at(-1)?.event]).toEqual([100, 'evt_104', 'evt_5']);
    expect(await outbox.read(receiver.id, 'evt_4')).toBeUndefined();
  });
});

describe('the receivers with something due', () => {
  test('keep one for which an event comes while it is taken out', async () => {
    await outbox.add(receiver, newDelivery('evt_1', 'a.b', 10, body));
    expect(await outbox.working()).toEqual([receiver]);
    await outbox.rest(receiver);
    expect(await outbox.working()).toEqual([receiver]);
    const before = await found();
    await outbox.settle(receiver.id, await firstDue(), before, tried(before.delivery));
    await outbox.rest(receiver);
    expect(await outbox.working()).toEqual([]);
  });

  test('forget nobody when they are too many: the event is refused instead', async () => {
    const add = (index: number): Promise<unknown> =>
      outbox.add({ partner: 'acme', id: `we_${index}` }, newDelivery('evt_1', 'a.b', 10, body));
    let refused = 0;
    for (let index = 0; index < 17_000; index += 1) await add(index).catch(() => (refused += 1));
    expect(refused).toBeGreaterThan(900);
    expect(await outbox.working()).toHaveLength(17_000 - refused);
  });
});
