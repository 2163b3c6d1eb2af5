/**
 * TLS towards the services: a custom authority, a certificate of the gateway's own, and no way to go
 * without proof of who answers.
 */
import { once } from 'node:events';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import {
  anyone,
  bind,
  defineBff,
  endpoint,
  functionTargets,
  get,
  post,
  type RequestFact,
  type UpstreamTlsOptions,
  upstream,
} from 'bffkit';
import { manualClock } from 'bffkit/testing';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { type ProcessWatch, watchProcess } from '../support/process-watch.ts';
import { neverOpens, served } from '../support/served.ts';
import { tlsFile, tlsText } from '../support/tls-files.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: { get: get('/part', { response: Part }), make: post('/part', { response: Part }) },
});
const options = { summary: 'X.', access: anyone(), deadlineMs: 3_000, cost: 0 } as const;
const endpoints = [
  endpoint('GET', '/part', options)
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part),
  endpoint('POST', '/part', options)
    .plan(({ call }) => ({ part: call(shop.make, () => ({})) }))
    .respond(Part, ({ part }) => part),
];

let watch: ProcessWatch;
let plain: Service;
let named: Service;
let mutual: Service;

beforeAll(async () => {
  watch = watchProcess();
  plain = await service('server');
  named = await service('named-server');
  mutual = await service('server', { requestCert: true, rejectUnauthorized: true, ca: tlsText('ca.pem') });
});

afterEach(() => {
  expect(watch.complaints).toEqual([]);
});

afterAll(async () => {
  await Promise.all([plain, named, mutual].map(({ close }) => close()));
  watch.stop();
});

interface Service {
  readonly url: string;
  /** The common names of the certificates that callers showed, and the names they asked for. */
  readonly seen: readonly string[];
  close(): Promise<void>;
}

/** A service over TLS that notes who calls. */
async function service(name: string, more: object = {}): Promise<Service> {
  const seen: string[] = [];
  const pair = { cert: tlsText(`${name}.pem`), key: tlsText(`${name}.key`) };
  const server: Server = createServer({ ...pair, ...more }, (incoming, outgoing) => {
    const socket = incoming.socket as TLSSocket;
    seen.push(`${socket.getPeerCertificate().subject?.CN ?? 'nobody'} ${String(socket.servername)}`);
    if (incoming.method === 'POST') incoming.socket.destroy();
    else outgoing.setHeader('content-type', 'application/json').end('{"id":"1"}');
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A BFF in front of `target`. */
async function gateway(target: string, tls?: UpstreamTlsOptions) {
  const binding = bind(shop, {
    targets: target,
    breaker: neverOpens,
    ...(tls === undefined ? {} : { tls }),
  });
  const bff = await served({ endpoints, upstreams: [binding] });
  const facts: RequestFact[] = [];
  bff.bff.events.on('request', (fact) => void facts.push(fact));
  onTestFinished(async () => void (await bff.close()));
  return {
    bff,
    ask: () => bff.bff.app.request('/part'),
    make: () => bff.bff.app.request('/part', { method: 'POST' }),
    cause: (): unknown =>
      (facts.at(-1)?.calls.at(-1)?.cause as { readonly code?: unknown } | undefined)?.code,
    attempts: (): unknown => facts.at(-1)?.calls.at(-1)?.attempts,
  };
}

const caFile = tlsFile('ca.pem');
const client = { certFile: tlsFile('client.pem'), keyFile: tlsFile('client.key') };

describe('who answers', () => {
  test('a service of a custom authority is believed when that authority is named', async () => {
    const { ask } = await gateway(plain.url, { caFile });
    expect((await ask()).status).toBe(200);
  });

  test.each([
    ['no authority is named', () => plain.url, undefined, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [
      'another authority is named',
      () => plain.url,
      { caFile: tlsFile('other-ca.pem') },
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    ['the certificate is for another name', () => named.url, { caFile }, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('when %s, the service is unreachable, and the log says why', async (_when, url, tls, code) => {
    const { ask, cause, bff } = await gateway(url(), tls);
    const answer = await ask();
    expect(answer.status).toBe(502);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'upstream-unreachable' });
    expect(text).not.toMatch(/cert|tls|127\.0\.0\.1/i);
    expect(cause()).toBe(code);
    expect(JSON.stringify(bff.log.at(-1))).toMatch(/certificate/i);
  });

  test('a name of its own is what the certificate must have, and what the service hears', async () => {
    const { ask } = await gateway(named.url, { caFile, serverName: 'service.test' });
    expect((await ask()).status).toBe(200);
    expect(named.seen.at(-1)).toBe('nobody service.test');
  });

  test('no environment variable turns the proof off', async () => {
    const warning = vi.spyOn(process, 'emitWarning').mockImplementation(() => {}); // Node's own, about the variable
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { ask } = await gateway(plain.url);
    const answer = await ask();
    vi.unstubAllEnvs();
    warning.mockRestore();
    expect(answer.status).toBe(502);
  });
});

describe('who asks', () => {
  test('a service that wants a certificate gets that of the gateway', async () => {
    const { ask } = await gateway(mutual.url, { caFile, ...client });
    expect((await ask()).status).toBe(200);
    expect(mutual.seen.at(-1)).toMatch(/^gateway /);
  });

  test.each([
    ['none', {}],
    [
      'one of another authority',
      { certFile: tlsFile('other-client.pem'), keyFile: tlsFile('other-client.key') },
    ],
  ])('with %s the service is unreachable', async (_what, pair) => {
    const before = mutual.seen.length;
    const { ask, cause } = await gateway(mutual.url, { caFile, ...pair });
    const answer = await ask();
    expect([answer.status, (await answer.json()).code]).toEqual([502, 'upstream-unreachable']);
    expect(cause()).toEqual(expect.stringMatching(/^(ERR_SSL_|ECONNRESET|UND_ERR_SOCKET|EPIPE)/));
    expect(mutual.seen).toHaveLength(before);
  });

  test('a request that may have been read is not sent again, though bytes of a handshake came', async () => {
    const { make, attempts } = await gateway(plain.url, { caFile });
    const before = plain.seen.length;
    expect((await make()).status).toBe(502);
    expect(attempts()).toBe(1);
    expect(plain.seen).toHaveLength(before + 1);
  });

  test('a new certificate is shown on new connections, one that cannot be used is told of', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'upstream-tls-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const [certFile, keyFile] = [join(folder, 'tls.pem'), join(folder, 'tls.key')];
    await copyFile(tlsFile('other-client.pem'), certFile);
    await copyFile(tlsFile('other-client.key'), keyFile);
    const { ask, bff } = await gateway(mutual.url, { caFile, certFile, keyFile });
    expect((await ask()).status).toBe(502);
    await copyFile(client.certFile, certFile);
    await copyFile(client.keyFile, keyFile);
    await vi.waitFor(async () => expect((await ask()).status).toBe(200), { interval: 50, timeout: 8_000 });
    await copyFile(tlsFile('server.key'), keyFile);
    await vi.waitFor(
      () =>
        expect(bff.log.findLast(({ msg }) => msg === 'problem')).toMatchObject({
          part: 'tls of shop',
          cause: expect.stringMatching(
            /^RangeError: upstream 'shop': tls: certFile .* do not belong together$/,
          ),
        }),
      { interval: 50, timeout: 8_000 },
    );
    expect((await ask()).status).toBe(200);
  });
});

describe('at boot', () => {
  const bound = (tls: object, targets: string | readonly string[] = 'https://a.test') => {
    return bind(shop, { targets, tls });
  };

  test.each<[string, object, string]>([
    [
      'an unknown option',
      { ca: 'x' },
      "upstream 'shop': tls: unknown option 'ca'; it knows caFile, certFile",
    ],
    [
      'proof turned off',
      { rejectUnauthorized: false },
      "upstream 'shop': tls: unknown option 'rejectUnauthorized'",
    ],
    [
      'a certificate without its key',
      { certFile: client.certFile },
      'certFile and keyFile must come together',
    ],
    ['a key without its certificate', { keyFile: client.keyFile }, 'certFile and keyFile must come together'],
    [
      'a missing file',
      { caFile: '/nowhere/ca.pem' },
      "tls: caFile '/nowhere/ca.pem' cannot be read (ENOENT)",
    ],
    ['authorities that are none', { caFile: tlsFile('client.key') }, "client.key' holds no certificate"],
    ['a wrong key', { ...client, keyFile: tlsFile('server.key') }, "server.key' do not belong together"],
    [
      'a file that is no key',
      { ...client, keyFile: tlsFile('README.md') },
      "README.md' cannot be used (ERR_OSSL_",
    ],
    ['a name with a port', { serverName: 'a.test:443' }, "serverName must be a host name, got 'a.test:443'"],
    ['an address for a name', { serverName: '10.0.0.1' }, "serverName must be a host name, got '10.0.0.1'"],
  ])('%s is refused', (_what, tls, message) => {
    expect(() => bound(tls)).toThrow(RangeError);
    expect(() => bound(tls)).toThrow(message);
  });

  test('a target that is not https is refused, and so are shadows', () => {
    const message = "upstream 'shop': tls needs https:// targets, got 'http://b.test'";
    expect(() => bound({ caFile }, ['https://a.test', 'http://b.test'])).toThrow(message);
    expect(() =>
      bind(shop, {
        targets: 'https://a.test',
        tls: { caFile },
        shadow: { target: 'http://b.test', sample: 1 },
      }),
    ).toThrow("upstream 'shop': shadow: tls needs https:// targets, got 'http://b.test'");
  });

  test('found targets that are not https are told of, and never used', async () => {
    const clock = manualClock();
    const lists = [['https://a.test'], ['https://a.test', 'http://b.test']];
    const binding = bind(shop, {
      targets: functionTargets(() => lists.shift() ?? [], { refreshMs: 1_000 }),
      tls: { caFile },
    });
    const bff = defineBff({ name: 'test', owner: '@acme/test', endpoints, upstreams: [binding], clock });
    const problems: string[] = [];
    bff.events.on('problem', ({ error }) => void problems.push(error.message));
    const origins = () =>
      bff.upstreams.status().flatMap(({ targets }) => targets.map(({ origin }) => origin));
    await vi.waitFor(() => expect(origins()).toEqual(['https://a.test']), { interval: 5 });
    clock.advance(1_300);
    await vi.waitFor(
      () => expect(problems).toContain("upstream 'shop': tls needs https:// targets, got 'http://b.test'"),
      { interval: 5 },
    );
    expect(origins()).toEqual(['https://a.test']);
    await bff.close();
  });
});
