/**
 * A shop with sign-in for one test file: a real provider, two instances of one BFF behind one public
 * origin, shared records, and a service that remembers what it was asked.
 *
 * @module
 */
import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import {
  anyone,
  type Bff,
  bind,
  endpoint,
  get,
  jsonLogger,
  logFacts,
  memoryRecords,
  post,
  type RecordStore,
  signedIn,
  tokenBucket,
  upstream,
} from 'bffkit';
import { type BrowserSessionsOptions, browserSessions } from 'bffkit/session';
import { type ManualClock, manualClock, type TestBff, testBff } from 'bffkit/testing';
import { z } from 'zod';
import { Browser } from '../support/browser.ts';
import { close, type IdentityProvider, listen, startIdentityProvider } from '../support/identity-provider.ts';

export const cookieName = '__Host-Http-bff';
const resource = 'https://api.shop.example';
const key = Buffer.alloc(32, 7).toString('base64');
const clientId = 'web';
const clientSecret = 'canary-client-secret-of-more-than-32-characters';

const echo = upstream('echo', {
  operations: {
    read: get('/echo', { response: z.object({ ok: z.boolean() }) }),
    write: post('/echo', { body: z.object({ id: z.string() }), response: z.object({ ok: z.boolean() }) }),
  },
});

const ok = z.object({ ok: z.boolean(), who: z.string() });
const endpoints = [
  endpoint('GET', '/api/me', { summary: 'Me.', access: signedIn(), deadlineMs: 2_000 })
    .plan(({ call }) => ({ read: call(echo.read, () => ({})) }))
    .respond(ok, ({ read, principal }) => ({ ...read, who: principal.subject })),
  endpoint('POST', '/api/me', {
    summary: 'Change me.',
    access: signedIn(),
    deadlineMs: 2_000,
    body: z.object({ id: z.string() }),
  })
    .plan(({ call }) => ({ write: call(echo.write, ({ input }) => ({ body: input.body })) }))
    .respond(ok, ({ write, principal }) => ({ ...write, who: principal.subject })),
  endpoint('GET', '/api/open', { summary: 'Open.', access: anyone(), deadlineMs: 2_000 }).handle(
    z.object({ who: z.string().nullable() }),
    async ({ principal }) => ({ who: principal?.subject ?? null }),
  ),
];

export interface World {
  readonly origin: string;
  readonly provider: IdentityProvider;
  readonly records: RecordStore;
  readonly clock: ManualClock;
  readonly instances: readonly TestBff[];
  /** Lines of the logs of all instances. */
  readonly log: readonly string[];
  /** Everything that was ever written into the records. */
  readonly written: readonly string[];
  /** The next requests go to this instance; `undefined` is one after the other. */
  pinned: number | undefined;
  /** Signs a new browser in. */
  signIn(browser?: Browser): Promise<Browser>;
  user(browser: Browser): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }>;
  /** The refresh token of the newest answer of the provider. */
  lastTokens(): readonly string[];
  close(): Promise<void>;
}

export interface WorldOptions extends Partial<BrowserSessionsOptions> {
  readonly accessTokenSeconds?: number;
  readonly instances?: number;
}

export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { accessTokenSeconds = 60, instances: count = 2, ...overrides } = options;
  const front = createServer();
  const origin = (await listen(front, '127.0.0.1')).replace('127.0.0.1', 'localhost');
  const provider = await startIdentityProvider({
    clientId,
    clientSecret,
    publicOrigin: origin,
    resource,
    accessTokenSeconds,
  });
  const clock = manualClock(Date.now());
  const written: string[] = [];
  const records = recording(options.records ?? memoryRecords({ clock }), written);
  const log: string[] = [];
  const instances = Array.from({ length: count }, () => {
    const bff = testBff(
      endpoints,
      {},
      {
        clock,
        limits: tokenBucket({ capacity: 1_000_000, refillPerSecond: 1_000 }),
        identity: [
          browserSessions({
            publicOrigin: origin,
            issuer: provider.issuer,
            clientId,
            clientSecret,
            scope: 'openid profile email offline_access profile:read orders:read',
            resource,
            keys: [key],
            allowInsecure: true,
            clock,
            ...overrides,
            records,
          }),
        ],
        ...echoService(),
      },
    );
    logFacts(bff, jsonLogger({ name: 'test', write: (line) => void log.push(line) }));
    return bff;
  });
  const state = { pinned: undefined as number | undefined };
  serveAll(front, instances, state);
  const user: World['user'] = async (browser) => {
    const answer = await browser.call(`${origin}/bff/user`);
    return {
      status: answer.status,
      headers: answer.headers,
      body: (await answer.json()) as Record<string, unknown>,
    };
  };
  return Object.assign(state, {
    origin,
    provider,
    records,
    clock,
    instances,
    log,
    written,
    async signIn(browser = new Browser()) {
      clock.advance(1); // later than whatever was ended before
      const page = await browser.open(`${origin}/bff/login?returnTo=%2Fapi%2Fopen`);
      if (page.url !== `${origin}/api/open`)
        throw new Error(`the sign-in ended at ${page.url}: ${page.text}`);
      return browser;
    },
    user,
    lastTokens: () => provider.secrets.slice(-3),
    async close() {
      await close(front);
      for (const bff of instances) await bff.close();
      await provider.close();
    },
  });
}

/** What the service was asked, with the headers it saw. */
export const asked: { method: string; headers: Readonly<Record<string, string>> }[] = [];

function echoService() {
  return {
    upstreams: [
      bind(echo, {
        targets: 'http://echo.test',
        identity: {
          name: 'user-token',
          headers: (context: { readonly subjectToken: string | undefined }): Record<string, string> =>
            context.subjectToken === undefined ? {} : { authorization: `Bearer ${context.subjectToken}` },
        },
      }),
    ],
    transport: () => ({
      send(request: { method: string; headers: unknown }) {
        asked.push({ method: request.method, headers: request.headers as Record<string, string> });
        const answer = {
          status: 200,
          header: (name: string) => (name === 'content-type' ? 'application/json' : undefined),
          body: Buffer.from('{"ok":true}'),
        };
        return { answer: Promise.resolve(answer), abort() {} };
      },
      close: () => Promise.resolve(),
    }),
  };
}

function serveAll(
  front: ReturnType<typeof createServer>,
  instances: readonly Bff[],
  state: { pinned: number | undefined },
): void {
  const listeners = instances.map((bff) => getRequestListener(bff.app.fetch));
  let turn = 0;
  front.on('request', (request, response) => {
    turn += 1;
    void listeners[state.pinned ?? turn % listeners.length]?.(request, response);
  });
}

function recording(records: RecordStore, written: string[]): RecordStore {
  return {
    get: (name) => records.get(name),
    set(name, value, options) {
      written.push(name, value);
      return records.set(name, value, options);
    },
    delete: (name, value) => records.delete(name, value),
    add(name, member, ttlMs) {
      written.push(name, member);
      return records.add(name, member, ttlMs);
    },
    remove: (name, member) => records.remove(name, member),
    members: (name) => records.members(name),
    count: (name, amounts, options) => records.count(name, amounts, options),
    counts: (name) => records.counts(name),
    publish: (channel, message) => records.publish(channel, message),
    subscribe: (channel, onMessage, onGap) => records.subscribe(channel, onMessage, onGap),
    close: () => records.close(),
  };
}
