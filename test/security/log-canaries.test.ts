/**
 * Secrets with a mark, sent into every place a request has, and thrown by whoever can throw: no line of the log or
 * of the audit log holds the mark. The same facts, logged without redaction, do: the search would find them.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Services, startServices } from '@acme/services-mock';
import { anyone, type Bff, bind, endpoint, get, jsonLogger, logFacts, post, upstream } from 'bffkit';
import { type RunningBff, serve } from 'bffkit/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startWorld, type World } from '../session/world.ts';
import { envOf, loadBffs } from '../support/bff-package.ts';
import { Browser } from '../support/browser.ts';
import * as faults from '../support/faults.ts';
import { type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';
import { partnerKey } from '../support/shop.ts';

const mark = 'c4n4ry';
const secret = `${mark}-S3cret-0123456789`;
const jwt = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c3JfMSJ9.${secret}`;

/** What an error may quote. */
const quoted: readonly string[] = [
  `Authorization: Bearer ${secret}`,
  `DPoP: ${jwt}`,
  `cookie: __Host-Http-bff=${secret}; other=${secret}`,
  `set-cookie: __Host-Http-bff=${secret}; Path=/`,
  `X-Api-Key: ${secret}`,
  'the key bffk_live_abcdefghijkl_c4n4rySecretc4n4rySecretc4n4rySecret',
  `GET /bff/callback?code=${secret}&state=${secret}`,
  `code_verifier=${secret}`,
  `{"sid":"${secret}","nonce":"${secret}"}`,
  `session_id=${secret}`,
  `client_secret=${secret}`,
  `{"access_token":"${secret}","refresh_token":"${secret}"}`,
  `X-Webhook-Signature: ${secret}`,
  `webhook secret whsec_${secret}`,
  `postgres://shop:${secret}@10.0.0.7/orders`,
  `password=${secret}`,
  `the token ${jwt}`,
];

/** The lines that two logs write of the same facts: one as it comes, one without redaction. */
function twoLogs(bffs: readonly Bff[]): { readonly lines: string[]; readonly naked: string[] } {
  const [lines, naked]: [string[], string[]] = [[], []];
  for (const bff of bffs) {
    logFacts(bff, jsonLogger({ name: 'test', write: (line) => void lines.push(line) }));
    const unsafe = jsonLogger({ name: 'test', write: (line) => void naked.push(line) });
    logFacts(bff, unsafe, { redact: (text) => text });
  }
  return { lines, naked };
}

describe('of a BFF whose parts throw and whose clients send secrets', () => {
  const Part = z.object({ id: z.string() });
  const shop = upstream('shop', {
    operations: {
      get: get('/part/:id', { response: Part }),
      create: post('/part', { body: Part, response: Part }),
    },
  });
  const options = { summary: 'X.', access: anyone(), deadlineMs: 1_000, cost: 0 } as const;
  const thrower = endpoint('GET', '/throws/:index', options).handle(Part, async ({ input }) => {
    throw new Error(quoted[Number(input.params.index)], { cause: new Error(quoted.join('; ')) });
  });
  const read = endpoint('GET', '/part/:id', { ...options, query: z.object({ q: z.string().optional() }) })
    .plan(({ call }) => ({ part: call(shop.get, ({ input }) => ({ params: { id: input.params.id } })) }))
    .respond(Part, ({ part }) => part);
  const create = endpoint('POST', '/part', { ...options, body: Part })
    .plan(({ call }) => ({ part: call(shop.create, ({ input }) => ({ body: input.body })) }))
    .respond(Part, ({ part }) => part);

  let folder: string;
  let service: FaultyUpstream;
  let bff: ServedBff;
  let logs: ReturnType<typeof twoLogs>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'bffkit-canary-'));
    service = await faultyUpstream(faults.ok({ id: secret }));
    bff = await served(
      {
        upstreams: [bind(shop, { targets: service.url, breaker: neverOpens, retry: { attempts: 0 } })],
        endpoints: [thrower, read, create],
      },
      { auditLog: { file: join(folder, 'audit.log') } },
    );
    logs = twoLogs([bff.bff]);
  });
  afterAll(async () => {
    await bff.close();
    await service.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('no line holds one, and without redaction every error that is thrown does', async () => {
    const json = { 'content-type': 'application/json' };
    const everywhere = {
      authorization: `Bearer ${jwt}`,
      cookie: `__Host-Http-bff=${secret}; session=${secret}`,
      dpop: jwt,
      'x-api-key': secret,
      'x-request-id': secret,
      'x-webhook-signature': secret,
      'x-forwarded-for': secret,
      forwarded: `for=${secret}`,
      referer: `https://shop.example/?token=${secret}`,
      'user-agent': secret,
      traceparent: secret,
      tracestate: `a=${secret}`,
      baggage: `a=${secret}`,
      'idempotency-key': secret,
    };
    const asked: [string, RequestInit][] = [
      ...quoted.map((_, index): [string, RequestInit] => [`/throws/${index}`, {}]),
      [`/part/${secret}?q=${secret}`, {}],
      [`/part/${secret}?code=${secret}&state=${secret}`, {}],
      [`/nowhere/${secret}`, {}],
      ['/part', { method: 'POST', headers: json, body: JSON.stringify({ id: secret }) }],
      ['/part', { method: 'POST', headers: json, body: `{"id":"${secret}` }],
      ['/part', { method: 'POST', headers: json, body: JSON.stringify({ [secret]: secret }) }],
      ['/part', { method: 'POST', headers: { 'content-type': `text/${mark}` }, body: secret }],
      ...Object.entries(everywhere).map(([name, value]): [string, RequestInit] => [
        '/part/1',
        { headers: { [name]: value } },
      ]),
    ];
    for (const [path, init] of asked) await (await fetch(bff.url + path, init)).arrayBuffer();
    for (const mode of [
      faults.status(500, `X-Secret: ${secret}\r\nSet-Cookie: a=${secret}\r\n`),
      faults.text(`{"id":{"password":"${secret}"}}`),
      faults.text(secret),
      faults.typed('text/html', secret),
      faults.redirect(`http://127.0.0.1:1/?token=${secret}`),
    ]) {
      service.mode = mode;
      await (await fetch(`${bff.url}/part/1`)).arrayBuffer();
    }
    for (const text of quoted) {
      const error = new Error(text);
      bff.bff.events.emit('problem', { part: 'discovery of shop', error });
      bff.bff.events.emit('limitStore', { state: 'down', standIn: 'local', decisions: 1, cause: error });
      bff.bff.events.emit('audit', {
        actor: text,
        action: 'a',
        target: text,
        atMs: 1,
        details: { a: text, b: [text] },
      });
    }
    const audit = readFileSync(join(folder, 'audit.log'), 'utf8');
    expect(audit.trimEnd().split('\n')).toHaveLength(quoted.length);
    expect(logs.lines.length).toBeGreaterThan(asked.length + 3 * quoted.length);
    expect(
      [...logs.lines, ...bff.log.map((line) => JSON.stringify(line)), audit].filter((line) =>
        line.includes(mark),
      ),
    ).toEqual([]);

    const thrown = logs.naked.filter((line) => line.includes('"route":"/throws/:index"'));
    expect(thrown).toHaveLength(quoted.length);
    expect(thrown.every((line) => line.includes(mark))).toBe(true);
  });
});

test('of a sign-in: no code, state, verifier, token or session is in a line', async () => {
  const world: World = await startWorld();
  try {
    const { lines } = twoLogs(world.instances);
    const browser = await world.signIn();
    await world.user(browser);
    const login = { until: `${world.origin}/bff/callback` };
    const callback = new URL((await new Browser().open(`${world.origin}/bff/login`, login)).url);
    const [code, state] = [callback.searchParams.get('code'), callback.searchParams.get('state')];
    await browser.call(callback.href); // of another browser
    for (const path of [
      `/bff/callback?code=${secret}&state=${secret}`,
      `/bff/callback?error=access_denied&error_description=${secret}&state=${secret}`,
      `/bff/login?returnTo=https://${mark}.example/`,
      `/bff/logout?sid=${secret}`,
    ]) {
      await browser.call(world.origin + path);
    }
    const secrets = [
      code ?? mark,
      state ?? mark,
      ...world.provider.secrets,
      ...cookiesOf(world, browser),
      mark,
      'canary-client-secret',
    ];
    expect(secrets.length).toBeGreaterThan(7);
    expect(lines.length).toBeGreaterThan(4);
    expect(secrets.filter((text) => lines.join('').includes(text))).toEqual([]);
  } finally {
    await world.close();
  }
});

function cookiesOf(world: World, browser: Browser): string[] {
  const value = browser.cookie(world.origin, '__Host-Http-bff');
  return value === undefined ? [] : [value];
}

describe('of the shop', () => {
  let services: Services;
  const running: RunningBff[] = [];
  const made: Bff[] = [];
  let logs: ReturnType<typeof twoLogs>;
  beforeAll(async () => {
    services = await startServices({ ports: 'free' });
    const silent = { info() {}, warn() {}, error() {}, wants: () => false };
    const serving = {
      port: 0,
      adminPort: 0,
      hostname: '127.0.0.1',
      graceMs: 0,
      signals: false,
      logger: silent,
    };
    for (const { create } of await loadBffs()) {
      const bff = create(envOf(services.urls));
      made.push(bff);
      running.push(await serve(bff, serving));
    }
    logs = twoLogs(made);
  });
  afterAll(async () => {
    await Promise.all(running.map((bff) => bff.close()));
    await services.close();
  });

  test('no BFF writes a credential, whatever endpoint it is sent to', async () => {
    let asked = 0;
    for (const [index, { graph }] of made.entries()) {
      for (const { method, path } of graph.endpoints) {
        const target = `${path.replaceAll(/:\w+/g, secret)}?token=${secret}`;
        for (const headers of [
          { authorization: `Bearer ${jwt}` },
          { authorization: `Bearer ${partnerKey}` },
          { cookie: `__Host-Http-bff=${secret}`, 'x-csrf-token': secret },
        ]) {
          const body = method === 'GET' ? {} : { body: JSON.stringify({ password: secret }) };
          const init = {
            method,
            headers: { ...headers, 'content-type': 'application/json' },
            redirect: 'manual' as const,
            ...body,
          };
          await (await fetch(`${running[index]?.url}${target}`, init)).arrayBuffer();
          await (await fetch(`${running[index]?.url}${target.split('?')[0]}`, init)).arrayBuffer();
          asked += 2;
        }
      }
    }
    expect(asked).toBeGreaterThan(60);
    expect(logs.lines.length).toBeGreaterThanOrEqual(asked);
    expect(logs.lines.filter((line) => line.includes(mark) || line.includes(partnerKey))).toEqual([]);
  });
});
