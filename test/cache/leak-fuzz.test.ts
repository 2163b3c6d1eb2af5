/**
 * Two users over kept and collapsed answers, plain and in every coding, asked for anew and with tags they have
 * from anywhere: neither gets a word of the other, nor is told that the other's is still good. The same fuzz finds
 * the leak when the caller is left out of the key, and when encoded bodies are kept beside the wrong answer.
 */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
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

/** What the fuzz has to find: a key that knows no callers, or bodies that do not know their answer. */
const mistake = vi.hoisted(() => ({ made: 'none' as 'none' | 'key' | 'bodies' }));
// @boundaries-ignore the negative control breaks the one function that puts the caller into the key
vi.mock('../../core/src/cache/cache-key.ts', async (load) => {
  const real = await load<typeof import('../../core/src/cache/cache-key.ts')>();
  const ownerOf: typeof real.ownerOf = (context, scope) =>
    mistake.made === 'key' ? null : real.ownerOf(context, scope);
  return { ...real, ownerOf };
});
// @boundaries-ignore the other one breaks the one place that finds the body of a kept answer
vi.mock('../../core/src/endpoint/kept-bodies.ts', async (load) => {
  const real = await load<typeof import('../../core/src/endpoint/kept-bodies.ts')>();
  class KeptBodies extends real.KeptBodies {
    #any: ReturnType<InstanceType<typeof real.KeptBodies>['of']> | undefined;
    override of(...parts: Parameters<InstanceType<typeof real.KeptBodies>['of']>) {
      const own = super.of(...parts);
      this.#any ??= own;
      return mistake.made === 'bodies' ? this.#any : own;
    }
  }
  return { ...real, KeptBodies };
});
afterEach(() => {
  mistake.made = 'none';
});

const Mine = z.object({ secret: z.string(), page: z.string(), more: z.array(z.string()) });
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
    more: mine.more,
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
  .respond(Mine, ({ open, mine }) => ({
    secret: `${open.secret} ${mine.secret}`,
    page: mine.page,
    more: mine.more,
  }));

const decode = {
  identity: (body: Buffer) => body,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
  gzip: gunzipSync,
} as const satisfies Record<string, (body: Buffer) => Buffer>;

interface User {
  readonly user: 'ada' | 'grace';
  readonly tenant: 'one' | 'two' | undefined;
  readonly scope: 'a' | 'a b';
}

interface Step extends User {
  readonly path: 'call' | 'answer' | 'mixed';
  readonly page: '1' | '2';
  readonly coding: keyof typeof decode;
  /** Whether it shows the tag that somebody got last. */
  readonly showsTag: boolean;
  /** Whether the next step waits for this one. */
  readonly isAwaited: boolean;
  readonly leaves: boolean;
}

const user: fc.Arbitrary<User> = fc.record({
  user: fc.constantFrom('ada', 'grace'),
  tenant: fc.constantFrom('one', 'two', undefined),
  scope: fc.constantFrom('a', 'a b'),
});
const often = fc.constantFrom(true, true, true, false);
const step = (users: readonly User[]): fc.Arbitrary<Step> =>
  fc
    .record({
      who: fc.constantFrom(...users),
      path: fc.constantFrom('call', 'answer', 'answer', 'mixed'),
      page: fc.constantFrom('1', '2'),
      coding: fc.constantFrom('identity', 'br', 'zstd', 'gzip'),
      showsTag: fc.boolean(),
      isAwaited: often,
      leaves: often.map((stays) => !stays),
    })
    .map(({ who, ...rest }) => ({ ...who, ...rest }));
/** Few who ask often: most answers have to be found, not made. */
const runs = fc
  .array(user, { minLength: 2, maxLength: 3 })
  .chain((users) => fc.array(step(users), { minLength: 2, maxLength: 30 }));

const sealKeys = [Buffer.alloc(32, 7).toString('base64')];

/** One run: the answers that have somebody else's words in them. */
async function leaks(steps: readonly Step[], isShared: boolean): Promise<string[]> {
  const fakes = fakeUpstreams({
    vault: async ({ headers, target }) => {
      await new Promise((resolve) => setImmediate(resolve));
      const who = headers['x-who'] ?? 'nobody';
      const page = target.slice(-1);
      const lines = page === '1' ? 60 : 400; // encoded in place, and off the event loop
      const more = Array.from({ length: lines }, (_, line) => `${line} for ${who}`);
      return { body: { secret: `for ${who}`, page, more } };
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
  /** Whose answer a tag belongs to. */
  const owners = new Map<string, string>();
  let lastTag: string | undefined;
  for (const { user: subject, tenant, scope, path, page, coding, showsTag, isAwaited, leaves } of steps) {
    const scopes = scope.split(' ');
    const leaving = new AbortController();
    const shown = showsTag ? lastTag : undefined;
    const headers = {
      ...asCaller({ subject, scopes, ...(tenant === undefined ? {} : { tenant }) }),
      'accept-encoding': coding,
      ...(shown === undefined ? {} : { 'if-none-match': shown }),
    };
    const who = `${tenant}/${subject}/${scopes}`;
    const own = { call: `for ${who}`, answer: `for ${who} ${subject}`, mixed: `for nobody for ${who}` }[path];
    const request = new Request(`http://localhost/${path}/${page}`, { headers, signal: leaving.signal });
    const asked = Promise.resolve(bff.fetch(request)).then(async (answer) => {
      if (answer.status === 304 && owners.get(shown ?? '') !== `${own} ${page}`) {
        found.push(`${own} is told that what ${owners.get(shown ?? '')} has is still good`);
      }
      if (answer.status !== 200) return;
      const sentIn = (answer.headers.get('content-encoding') ?? 'identity') as keyof typeof decode;
      const text = decode[sentIn](Buffer.from(await answer.arrayBuffer())).toString();
      const { secret, page: got, more } = JSON.parse(text) as z.infer<typeof Mine>;
      const isOwn = more.every((line) => line.endsWith(` for ${who}`));
      if (sentIn !== coding || secret !== own || got !== page || !isOwn) found.push(`${own} got ${secret}`);
      lastTag = answer.headers.get('etag') ?? undefined;
      if (lastTag !== undefined) owners.set(lastTag, `${own} ${page}`);
    });
    running.push(asked.catch(() => {}));
    if (leaves) leaving.abort();
    if (isAwaited) await asked.catch(() => {});
  }
  await Promise.all(running);
  await bff.close();
  return found;
}

test.each([false, true])('nobody gets what belongs to somebody else (shared: %s)', async (isShared) => {
  await fc.assert(
    fc.asyncProperty(runs, async (steps) => {
      expect(await leaks(steps, isShared)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test.each(['key', 'bodies'] as const)('the fuzz finds the leak of a mistake with the %s', async (made) => {
  mistake.made = made;
  const outcome = await fc.check(
    fc.asyncProperty(runs, async (steps) => (await leaks(steps, false)).length === 0),
    { numRuns: 150, endOnFailure: true },
  );
  expect(outcome.failed).toBe(true);
});
