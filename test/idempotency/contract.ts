/**
 * What a write with an `Idempotency-Key` promises, run for each kind of records: two instances of one BFF that share
 * them.
 *
 * @module
 */
import { endpoint, post, type RecordStore, scopes, upstream } from 'bffkit';
import { asCaller, type FakeAnswer, type TestBff, testBff } from 'bffkit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';

export interface WritesRig {
  /** The records of two instances. */
  readonly stores: readonly [RecordStore, RecordStore];
  /** Every claim is over, as if its time had passed. */
  endClaims(): Promise<void> | void;
  close(): Promise<void> | void;
}

const Order = z.object({ id: z.string() });
const orders = upstream('orders', {
  operations: {
    create: post('/orders', {
      body: z.object({ sku: z.string() }),
      response: Order,
      passes: [422],
      forwardRequestHeaders: ['idempotency-key'],
    }),
  },
});
const create = endpoint('POST', '/orders', {
  summary: 'Places an order.',
  access: scopes('orders:write'),
  body: z.object({ sku: z.string() }),
  deadlineMs: 5_000,
  status: 201,
  idempotency: 'required',
})
  .plan(({ call }) => ({ order: call(orders.create, ({ input }) => ({ body: input.body })) }))
  .respond(Order, ({ order }) => order);

const duplicates = 50;
let turn = 0;

interface Reply {
  readonly status: number;
  readonly text: string;
  readonly isReplayed: boolean;
}

/** Runs the contract for the records that `open` opens. */
export function writesContract(name: string, open: () => Promise<WritesRig>): void {
  describe(name, () => {
    let rig: WritesRig;
    let bffs: readonly TestBff[];
    /** How the service answers; it counts what it did. */
    let serve: () => FakeAnswer | Promise<FakeAnswer>;
    let done = 0;
    const order = (): FakeAnswer => {
      done += 1;
      return { status: 201, body: { id: `o${done}` } };
    };

    beforeAll(async () => {
      rig = await open();
      const sealKeys = [Buffer.alloc(32, 7).toString('base64')];
      bffs = rig.stores.map((records) =>
        testBff([create], { orders: () => serve() }, { idempotency: { records, sealKeys } }),
      );
    });
    afterAll(() => rig.close());

    const fresh = (): { readonly key: string; readonly before: number } => {
      turn += 1;
      serve = order;
      return { key: `a-key-of-its-own-${process.pid}-${turn}`, before: done };
    };
    const ask = async (key: string, sku = 's', instance = 0, partner = 'acme'): Promise<Reply> => {
      const bff = bffs[instance % 2] as TestBff;
      const answer = await bff.app.request('/orders', {
        method: 'POST',
        headers: {
          ...asCaller(partner, 'orders:write'),
          'content-type': 'application/json',
          'idempotency-key': key,
        },
        body: JSON.stringify({ sku }),
      });
      const isReplayed = answer.headers.get('idempotency-replayed') === 'true';
      return { status: answer.status, text: await answer.text(), isReplayed };
    };
    /** A service that got the request and has not answered; `answer` lets it. */
    const held = () => {
      const began = Promise.withResolvers<void>();
      const answered = Promise.withResolvers<void>();
      serve = async () => {
        serve = order;
        began.resolve();
        await answered.promise;
        return order();
      };
      return { began: began.promise, answer: () => answered.resolve() };
    };

    test('what one instance answered, the other repeats word for word', async () => {
      const { key, before } = fresh();
      const first = await ask(key);
      expect(first).toMatchObject({ status: 201, isReplayed: false });
      expect(await ask(key, 's', 1)).toEqual({ ...first, isReplayed: true });
      expect(await ask(key, 's', 0)).toEqual({ ...first, isReplayed: true });
      expect(done - before).toBe(1);
    });

    test('of fifty that come at once on two instances one is done, and the others wait or repeat', async () => {
      const { key, before } = fresh();
      const { began, answer } = held();
      const all = Promise.all(Array.from({ length: duplicates }, (_, index) => ask(key, 's', index)));
      await began;
      answer();
      const replies = await all;
      expect(done - before).toBe(1);
      expect(replies.filter(({ status, isReplayed }) => status === 201 && !isReplayed)).toHaveLength(1);
      expect(replies.filter(({ status, isReplayed }) => status === 409 || isReplayed)).toHaveLength(
        duplicates - 1,
      );
      expect(new Set(replies.filter(({ status }) => status === 201).map(({ text }) => text)).size).toBe(1);
    });

    test('fifty of fifty partners with one key are fifty', async () => {
      const { key, before } = fresh();
      const partners = Array.from({ length: duplicates }, (_, index) => ask(key, 's', index, `p${index}`));
      expect(new Set((await Promise.all(partners)).map(({ text }) => text)).size).toBe(duplicates);
      expect(done - before).toBe(duplicates);
    });

    test('another body is 422 on both instances, while the first one runs and afterwards', async () => {
      const { key } = fresh();
      const { began, answer } = held();
      const first = ask(key);
      await began;
      expect((await ask(key, 'other', 1)).status).toBe(422);
      expect((await ask(key, 's', 1)).status).toBe(409);
      answer();
      await first;
      expect((await ask(key, 'other', 1)).status).toBe(422);
      expect((await ask(key, 's', 1)).status).toBe(201);
    });

    test('a slow request whose claim has ended does not put its answer over a newer one', async () => {
      const { key, before } = fresh();
      const { began, answer } = held();
      const slow = ask(key);
      await began;
      await rig.endClaims();
      const newer = await ask(key, 's', 1);
      expect(newer).toMatchObject({ status: 201, isReplayed: false });
      answer();
      expect(await slow).toMatchObject({ status: 201, isReplayed: false });
      expect(done - before).toBe(2); // what makes one of it is the service, by the key it got twice
      expect(await ask(key)).toEqual({ ...newer, isReplayed: true });
      const keys = bffs
        .flatMap(({ requests }) => requests.slice(-1))
        .map(({ headers }) => headers['idempotency-key']);
      expect(keys[0]).toBe(keys[1]);
    });

    test('a slow request does not put its answer over a newer claim, nor free it', async () => {
      const { key } = fresh();
      const one = held();
      const slow = ask(key);
      await one.began;
      await rig.endClaims();
      const two = held();
      const newer = ask(key, 's', 1);
      await two.began;
      one.answer();
      await slow;
      expect((await ask(key)).status).toBe(409);
      two.answer();
      const kept = await newer;
      expect(await ask(key)).toEqual({ ...kept, isReplayed: true });
    });

    test('a failure frees the key on both instances', async () => {
      const { key, before } = fresh();
      serve = () => ({ status: 500 });
      expect((await ask(key)).status).toBe(502);
      serve = order;
      expect(await ask(key, 's', 1)).toMatchObject({ status: 201, isReplayed: false });
      expect(done - before).toBe(1);
    });

    test('what the service refused is refused again, and it is not asked again', async () => {
      const { key } = fresh();
      serve = () => ({ status: 422 });
      const first = await ask(key);
      serve = order;
      expect(await ask(key, 's', 1)).toEqual({ ...first, status: 422, isReplayed: true });
    });
  });
}
