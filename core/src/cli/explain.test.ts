/** `bffkit explain` against a BFF and its admin port, both in this process. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { adminApp } from '../node/admin.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { testBff } from '../testing/test-bff.ts';
import { get, upstream } from '../upstream/operation.ts';
import { CommandFailed } from './command-failed.ts';
import type { CurlRequest } from './curl-request.ts';
import { type ExplainWorld, explainCommand } from './explain.ts';
import type { Heard } from './send-request.ts';
import { UsageError } from './usage-error.ts';

const key = Buffer.alloc(32, 'k').toString('base64');
const otherKey = Buffer.alloc(32, 'o').toString('base64');
const canary = 'canary-77e1-secret';

const shop = upstream('shop', {
  operations: { get: get('/part', { response: z.object({ id: z.string() }) }) },
});
const home = endpoint('GET', '/api/home', { summary: 'Home.', access: anyone(), deadlineMs: 500 })
  .plan(({ call }) => ({ main: call(shop.get, () => ({})) }))
  .respond(z.object({ id: z.string() }), ({ main }) => ({ id: main.id }));

interface Rig {
  readonly bff: ReturnType<typeof testBff>;
  readonly sent: CurlRequest[];
  explain(...parameters: readonly string[]): Promise<string>;
  with(changes: Partial<ExplainWorld>): Rig;
}

function rig(options: Parameters<typeof testBff>[2], changes: Partial<ExplainWorld> = {}): Rig {
  const clock = manualClock();
  const bff = testBff([home], { shop: () => ({ body: { id: 'p1' } }) }, { clock, ...options });
  return rigOf({ ...bff, clock }, changes);
}

function rigOf(bff: ReturnType<typeof testBff>, changes: Partial<ExplainWorld>): Rig {
  const admin = adminApp(bff, () => true);
  const sent: CurlRequest[] = [];
  const send = async (request: CurlRequest): Promise<Heard> => {
    sent.push(request);
    const { method, url, headers } = request;
    const answer = await bff.app.request(url.pathname + url.search, {
      method,
      headers: headers as Record<string, string>,
    });
    const body = (await answer.json()) as { readonly code?: string };
    return {
      status: answer.status,
      header: (name) => answer.headers.get(name) ?? undefined,
      code: body.code,
    };
  };
  const world: ExplainWorld = {
    fetch: ((url: string, init: RequestInit) => admin.request(url, init)) as typeof fetch,
    send,
    env: {},
    user: () => 'ada lovelace',
    readText: (path) => {
      if (path === 'token') return `x-secret: ${canary}`;
      if (path === '-') return `curl 'http://localhost:4001/api/home' \\\n -H 'x-a: 1'`;
      throw Object.assign(new Error('no file'), { code: 'ENOENT' });
    },
    nowMs: () => bff.clock.wallMs(),
    wait: () => Promise.resolve(),
    terminal: { columns: 100, hasColours: false },
    ...changes,
  };
  return {
    bff,
    sent,
    explain: (...parameters) => explainCommand(parameters, world),
    with: (more) => rigOf(bff, { ...changes, ...more }),
  };
}

const production = { explainKeys: [otherKey, key] };
const signing = { env: { BFFKIT_EXPLAIN_KEY: key } };
const old = { env: { BFFKIT_EXPLAIN_KEY: otherKey } };

test('in production the request is signed, sent and shown, and shows no secret', async () => {
  const { explain, sent } = rig(production, signing);
  const text = await explain('curl', '-H', '@token', '-b', `sid=${canary}`, `localhost:4001/api/home`);
  expect(text).toMatch(/^GET \/api\/home {2}200 {2}0 ms\n/);
  expect(text).toMatch(/● main {2}shop.get .* 200\n/);
  const { 'x-secret': secret, 'bff-explain': header } = sent[0]?.headers ?? {};
  expect(secret).toBe(canary);
  expect(header).toMatch(/^\d{10}\./);
  for (const hidden of [canary, key, String(header)]) expect(text).not.toContain(hidden);
});

test('in development nothing is signed and no key is needed', async () => {
  const { explain, sent } = rig({ serverTiming: true });
  expect(await explain('curl', 'http://localhost:4001/api/home')).toContain('shop.get');
  expect(sent[0]?.headers).not.toHaveProperty('bff-explain');
});

test('a pasted line, a file of one, and --admin at the end do the same', async () => {
  const { explain, sent } = rig(production, signing);
  await explain("curl 'http://localhost:4001/api/home' -H 'x-a: 1'");
  await explain('-');
  await explain(
    '--json',
    'curl',
    'http://localhost:4001/api/home',
    '-H',
    'x-a: 1',
    '--admin',
    'http://127.0.0.1:9001',
  );
  expect(sent.map(({ headers }) => headers['x-a'])).toEqual(['1', '1', '1']);
});

test('the record as data, and again by its id', async () => {
  const { explain } = rig(production, signing);
  const record = JSON.parse(await explain('--json', 'curl', 'http://localhost:4001/api/home')) as {
    readonly requestId: string;
  };
  const again = await explain('show', record.requestId, '--admin', 'http://127.0.0.1:9001', '--json');
  expect(JSON.parse(again)).toEqual(record);
});

test('a header can be made for something else to send', async () => {
  const { explain, bff } = rig(production, signing);
  const text = await explain('--for', '5m', 'sign', 'curl', 'https://shop.example/api/home');
  const header = /^Bff-Explain: (\S+)\n/.exec(text)?.[1] ?? '';
  expect(text).toContain('Holds for GET /api/home until ');
  const answer = await bff.app.request('/api/home', { headers: { 'bff-explain': header } });
  expect(answer.headers.get('server-timing')).toMatch(/^explained/);
  await expect(explain('--for', '11m', 'sign', 'curl', 'https://shop.example/')).rejects.toThrow(
    'at most 10m',
  );
});

test('the expiry is by the clock of the BFF, whatever this machine thinks', async () => {
  const { explain } = rig(production, { ...signing, nowMs: () => 0 });
  expect(await explain('curl', 'http://localhost:4001/api/home')).toContain('shop.get');
});

test.each<[string, Rig, readonly string[], string]>([
  ['no key', rig(production), [], 'explains signed requests only: set BFFKIT_EXPLAIN_KEY'],
  [
    'another key',
    rig({ explainKeys: [otherKey] }, signing),
    [],
    'the key is none of the explainKeys of test',
  ],
  ['explaining is off', rig({}, signing), [], 'test explains no requests: give defineBff explainKeys'],
  [
    'a path that the BFF does not see',
    rig(production, signing),
    ['--path', '/x'],
    'give the path that the BFF sees: --path',
  ],
])('%s', async (_what, { explain }, options, why) => {
  const attempt = explain(...options, 'curl', 'http://localhost:4001/api/home');
  await expect(attempt).rejects.toThrow(CommandFailed);
  await expect(attempt).rejects.toThrow(why);
  await expect(attempt).rejects.not.toThrow(key);
});

test('a header that expired on its way is said to explain nothing', async () => {
  const slow = rig(production, old);
  const late: ExplainWorld['send'] = async ({ url, headers }) => {
    slow.bff.clock.advance(121_000);
    const answer = await slow.bff.app.request(url.pathname, { headers: headers as Record<string, string> });
    return {
      status: answer.status,
      header: (name) => answer.headers.get(name) ?? undefined,
      code: undefined,
    };
  };
  await expect(slow.with({ send: late }).explain('curl', 'http://localhost:4001/api/home')).rejects.toThrow(
    'answered 200 and explained nothing',
  );
});

test('a request that reaches no endpoint has its code', async () => {
  await expect(rig(production, signing).explain('curl', 'http://localhost:4001/nothing')).rejects.toThrow(
    'answered 404 (not-found) and explained nothing: the request reached no endpoint',
  );
});

test('who answers without an x-request-id is no BFF; another instance has the record', async () => {
  const answering = (headers: Readonly<Record<string, string>>): Partial<ExplainWorld> => ({
    ...signing,
    send: async () => ({ status: 200, header: (name) => headers[name], code: undefined }),
  });
  const call = ['curl', 'http://localhost:4001/api/home'];
  await expect(rig(production, answering({})).explain(...call)).rejects.toThrow('it is no BFF');
  const elsewhere = { 'x-request-id': '4bf92f3577b34da6', 'server-timing': 'explained, total;dur=1.0' };
  await expect(rig(production, answering(elsewhere)).explain(...call)).rejects.toThrow(
    'another instance answered; give the admin port of each',
  );
});

test('an admin port that is not there, or asks for a token, or is something else, is said', async () => {
  const call = ['curl', 'http://localhost:4001/api/home'];
  const fetching = (fetch: () => Promise<Response>): Rig => rig(production, { ...signing, fetch });
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  await expect(
    fetching(() => Promise.reject(new Error('fetch failed', { cause: refused }))).explain(...call),
  ).rejects.toThrow('no answer from http://127.0.0.1:9001: ECONNREFUSED');
  await expect(fetching(async () => new Response('', { status: 401 })).explain(...call)).rejects.toThrow(
    'set BFFKIT_ADMIN_TOKEN',
  );
  await expect(fetching(async () => new Response('', { status: 404 })).explain(...call)).rejects.toThrow(
    'it is no admin port',
  );
});

test.each<[readonly string[], string]>([
  [[], 'say what to explain'],
  [['http://localhost:4001/'], 'say what to explain'],
  [['curl', 'https://shop.example/'], 'explain needs --admin URL'],
  [['show'], 'needs the id of a request'],
  [['show', '../keys', '--admin', 'http://127.0.0.1:9001'], 'needs the id of a request'],
  [['sign', 'curl', 'http://localhost:4001/'], 'sign needs a key'],
  [['sign', 'http://localhost:4001/'], 'sign needs the request'],
  [['--path', 'x', 'sign', 'curl', 'http://localhost:4001/'], 'sign needs a key'],
  [['curl', '-H', '@nowhere', 'http://localhost:4001/'], 'cannot read nowhere: ENOENT'],
])('%j cannot be done', async (parameters, why) => {
  const attempt = rig(production).explain(...parameters);
  await expect(attempt).rejects.toThrow(UsageError);
  await expect(attempt).rejects.toThrow(why);
});

test('several workers behind one admin port are all asked, and what they say moves no cursor', async () => {
  const id = '4bf92f3577b34da6';
  const about = { bff: 'test', explains: 'every', keyIds: [], nowMs: 0, requests: [] };
  const pages: Readonly<Record<string, unknown>> = {
    '/requests': about,
    '/readyz?verbose': { status: 'ready', workers: [{ worker: 1 }, { worker: 2 }] },
    '/workers/1/requests': about,
    '/workers/2/requests': { ...about, requests: [{ requestId: id }] },
    [`/workers/2/requests/${id}`]: { requestId: id, route: '/api/\x1b[2J\u009b\u202ehome' },
  };
  const fetching = (async (url: string) => {
    const { pathname, search } = new URL(url);
    return Response.json(pages[pathname + search] ?? {}, { status: pathname + search in pages ? 200 : 404 });
  }) as typeof fetch;
  const { explain } = rig({}, { fetch: fetching });
  const text = await explain('--json', '--admin', 'http://127.0.0.1:9001', 'show', id);
  expect(JSON.parse(text)).toEqual({ requestId: id, route: '/api/?[2J??home' });
});
