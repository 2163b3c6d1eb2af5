/**
 * Two users over kept and collapsed answers: whatever they ask in whatever order, neither gets a word of the
 * other. The same fuzz finds the leak when the caller is left out of the key.
 */
import {
  bind,
  defineBff,
  endpoint,
  get,
  memoryRecords,
  memoryStore,
  signedIn,
  tokenBucket,
  upstream,
} from 'bffkit';
import { asCaller, fakeUpstreams, testCallers } from 'bffkit/testing';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

/** While true the key knows no callers: a mistake that the fuzz has to find. */
const mistake = vi.hoisted(() => ({ isMade: false }));
// @boundaries-ignore the negative control breaks the one function that puts the caller into the key
vi.mock('../../core/src/cache/cache-key.ts', async (load) => {
  const real = await load<typeof import('../../core/src/cache/cache-key.ts')>();
  const ownerOf: typeof real.ownerOf = (context, scope) =>
    mistake.isMade ? null : real.ownerOf(context, scope);
  return { ...real, ownerOf };
});
afterEach(() => {
  mistake.isMade = false;
});

const Mine = z.object({ secret: z.string(), page: z.string() });
const vault = upstream('vault', {
  operations: { mine: get('/mine/:page', { response: Mine }), open: get('/open/:page', { response: Mine }) },
});
const options = { summary: 'Mine.', access: signedIn(), deadlineMs: 2_000 } as const;
const keptCall = endpoint('GET', '/call/:page', options)
  .plan(({ call }) => ({
    mine: call(vault.mine, ({ input }) => ({ params: { page: input.params.page } }), {
      cache: { scope: 'principal', ttlMs: 60_000, swrMs: 60_000, staleIfErrorMs: 60_000 },
    }),
  }))
  .respond(Mine, ({ mine }) => mine);
const keptAnswer = endpoint('GET', '/answer/:page', {
  ...options,
  cache: { scope: 'principal', ttlMs: 60_000 },
})
  .plan(({ call }) => ({ mine: call(vault.mine, ({ input }) => ({ params: { page: input.params.page } })) }))
  .respond(Mine, ({ mine, principal }) => ({
    secret: `${mine.secret} ${principal.subject}`,
    page: mine.page,
  }));
const mixed = endpoint('GET', '/mixed/:page', options)
  .plan(({ call }) => ({
    open: call(vault.open, ({ input }) => ({ params: { page: input.params.page } }), {
      cache: { scope: 'public', ttlMs: 60_000 },
    }),
    mine: call(vault.mine, ({ input }) => ({ params: { page: input.params.page } }), {
      cache: { scope: 'principal', ttlMs: 60_000 },
    }),
  }))
  .respond(Mine, ({ open, mine }) => ({ secret: `${open.secret} ${mine.secret}`, page: mine.page }));

interface Step {
  readonly user: 'ada' | 'grace';
  readonly tenant: 'one' | 'two' | undefined;
  readonly scope: 'a' | 'a b';
  readonly path: 'call' | 'answer' | 'mixed';
  readonly page: '1' | '2';
  /** Whether the next step waits for this one. */
  readonly isAwaited: boolean;
  readonly leaves: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  user: fc.constantFrom('ada', 'grace'),
  tenant: fc.constantFrom('one', 'two', undefined),
  scope: fc.constantFrom('a', 'a b'),
  path: fc.constantFrom('call', 'answer', 'mixed'),
  page: fc.constantFrom('1', '2'),
  isAwaited: fc.boolean(),
  leaves: fc.boolean(),
});

const sealKeys = [Buffer.alloc(32, 7).toString('base64')];

/** One run: the answers that have somebody else's words in them. */
async function leaks(steps: readonly Step[], isShared: boolean): Promise<string[]> {
  const fakes = fakeUpstreams({
    vault: async ({ headers, target }) => {
      await new Promise((resolve) => setImmediate(resolve));
      const who = headers['x-who'] ?? 'nobody';
      return { body: { secret: `for ${who}`, page: target.slice(-1) } };
    },
  });
  const bff = defineBff({
    name: 'fuzz',
    owner: '@acme/test',
    identity: [testCallers()],
    limits: tokenBucket({ capacity: 100_000 }),
    limitStore: memoryStore(),
    transport: fakes.transport,
    upstreams: [
      bind(vault, {
        targets: 'http://vault.test',
        identity: {
          name: 'who',
          headers: ({ principal }) => ({
            'x-who':
              principal === undefined
                ? 'nobody'
                : `${principal.tenant}/${principal.subject}/${[...principal.scopes]}`,
          }),
        },
      }),
    ],
    endpoints: [keptCall, keptAnswer, mixed],
    ...(isShared ? { cache: { records: memoryRecords(), sealKeys } } : {}),
  });
  const found: string[] = [];
  const running: Promise<void>[] = [];
  for (const { user, tenant, scope, path, page, isAwaited, leaves } of steps) {
    const scopes = scope.split(' ');
    const leaving = new AbortController();
    const caller = asCaller({ subject: user, scopes, ...(tenant === undefined ? {} : { tenant }) });
    const asked = Promise.resolve(
      bff.fetch(new Request(`http://localhost/${path}/${page}`, { headers: caller, signal: leaving.signal })),
    ).then(async (answer) => {
      if (answer.status !== 200) return;
      const { secret, page: got } = (await answer.json()) as z.infer<typeof Mine>;
      const own = `for ${tenant}/${user}/${scopes}`;
      const expected = { call: own, answer: `${own} ${user}`, mixed: `for nobody ${own}` }[path];
      if (secret !== expected || got !== page) found.push(`${expected} got ${secret}`);
    });
    running.push(asked.catch(() => {}));
    if (leaves) leaving.abort();
    if (isAwaited) await asked.catch(() => {});
  }
  await Promise.all(running);
  await bff.close();
  return found;
}

const runs = fc.array(step, { minLength: 2, maxLength: 24 });

test.each([false, true])('nobody gets what belongs to somebody else (shared: %s)', async (isShared) => {
  await fc.assert(
    fc.asyncProperty(runs, async (steps) => {
      expect(await leaks(steps, isShared)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('the fuzz finds the leak when the caller is left out of the key', async () => {
  mistake.isMade = true;
  const outcome = await fc.check(
    fc.asyncProperty(runs, async (steps) => (await leaks(steps, false)).length === 0),
    { numRuns: 150, endOnFailure: true },
  );
  expect(outcome.failed).toBe(true);
});
