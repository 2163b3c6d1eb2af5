/** Everybody at once: however many want the same answer, the service is asked once. */
import { anyone, endpoint, get, memoryStore, tokenBucket, upstream } from 'bffkit';
import { asCaller, type FakeAnswer, testBff } from 'bffkit/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';

const crowd = 1_000;
const Menu = z.object({ version: z.number(), dishes: z.array(z.string()) });
const kitchen = upstream('kitchen', { operations: { menu: get('/menu', { response: Menu }) } });
const options = { summary: 'Menu.', access: anyone(), deadlineMs: 2_000 } as const;
const policy = { scope: 'public', ttlMs: 10_000, swrMs: 60_000, staleIfErrorMs: 600_000 } as const;
const ofCalls = endpoint('GET', '/calls', options)
  .plan(({ call }) => ({ menu: call(kitchen.menu, () => ({}), { cache: policy }) }))
  .respond(Menu, ({ menu }) => menu);
const whole = endpoint('GET', '/whole', { ...options, cache: policy })
  .plan(({ call }) => ({ menu: call(kitchen.menu, () => ({})) }))
  .respond(Menu, ({ menu }) => menu);

/** A kitchen that answers when it is told to. */
function openWorld() {
  let gate = Promise.withResolvers<void>();
  let isDown = false;
  let version = 0;
  const bff = testBff(
    [ofCalls, whole],
    {
      kitchen: async (): Promise<FakeAnswer> => {
        version += 1;
        const dishes = Array.from({ length: 200 }, (_, dish) => `dish ${dish} of ${version}`);
        const answer = isDown ? { status: 503 } : { body: { version, dishes } };
        await gate.promise;
        return answer;
      },
    },
    { limits: tokenBucket({ capacity: 1_000_000 }), limitStore: memoryStore() },
  );
  const codings = ['identity', 'gzip', 'br', 'zstd'];
  /** All ask, then the service answers. */
  const rush = async (path: string, beforeAnswers: () => void = () => {}): Promise<Response[]> => {
    gate = Promise.withResolvers();
    const asked = Array.from({ length: crowd }, async (_, index) => {
      const headers = { ...asCaller(`usr_${index}`), 'accept-encoding': codings[index % 4] ?? '' };
      return bff.app.request(path, { headers });
    });
    await new Promise((resolve) => setImmediate(resolve));
    beforeAnswers();
    gate.resolve();
    return Promise.all(asked);
  };
  return {
    bff,
    rush,
    fail: () => {
      isDown = true;
    },
  };
}

const statuses = (answers: readonly Response[]): number[] => [
  ...new Set(answers.map(({ status }) => status)),
];

test.each(['/calls', '/whole'])('%s: 1 000 who miss at once make one call', async (path) => {
  const { bff, rush } = openWorld();
  const answers = await rush(path);
  expect(statuses(answers)).toEqual([200]);
  expect(bff.requests.length).toBe(1);
  expect(new Set(answers.map(({ headers }) => headers.get('etag')?.replace('W/', ''))).size).toBe(1);
});

test.each(['/calls', '/whole'])(
  '%s: 1 000 who find a stale answer get it, and one call renews it',
  async (path) => {
    const { bff, rush } = openWorld();
    await rush(path);
    bff.clock.advance(20_000);
    const answers = await rush(path, () => expect(bff.requests.length).toBe(2));
    expect(statuses(answers)).toEqual([200]);
    expect(bff.requests.length).toBe(2);
  },
);

test.each(['/calls', '/whole'])(
  '%s: when the service is down 1 000 get the old answer after one call',
  async (path) => {
    const { bff, rush, fail } = openWorld();
    await rush(path);
    fail();
    bff.clock.advance(100_000);
    const answers = await rush(path);
    expect(statuses(answers)).toEqual([200]);
    expect(bff.requests.length).toBe(2);
  },
);
