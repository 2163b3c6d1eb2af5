/** The protection of every call, on proxy routes: breaker, bulkhead, retries, identity, switches. */
import { anyone, bind, proxy, tokenBucket, type UpstreamIdentity } from 'bffkit';
import { request } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ServedBff, served } from '../support/served.ts';
import { type Service, service } from './service.ts';

let files: Service;
const running: ServedBff[] = [];

beforeAll(async () => {
  files = await service((_incoming, outgoing) => outgoing.end('hello'));
});

afterAll(async () => {
  await Promise.all(running.map((bff) => bff.close()));
  await files.close();
});

async function gateway(
  binding: Partial<Parameters<typeof bind>[1]> = {},
  options: object = {},
): Promise<ServedBff> {
  const bff = await served({
    limits: tokenBucket({ capacity: 100_000 }),
    upstreams: [bind('files', { targets: files.url, ...binding } as { targets: string })],
    endpoints: [
      ...proxy('GET|PUT|POST /files/*', 'files', { access: anyone(), deadlineMs: 1_000, ...options }),
    ],
  });
  running.push(bff);
  files.requests = 0;
  return bff;
}

async function statusOf(bff: ServedBff, options: object = {}): Promise<number> {
  const { statusCode, body } = await request(`${bff.url}/files/x`, options);
  await body.dump();
  return statusCode;
}

test('a breaker that opened refuses without asking', async () => {
  const bff = await gateway({ retry: { attempts: 0 } });
  files.act = (_incoming, outgoing) => void outgoing.writeHead(500).end('trace of a stack');
  for (let call = 0; call < 5; call += 1) expect(await statusOf(bff)).toBe(502);
  expect([await statusOf(bff), files.requests]).toEqual([503, 5]);
});

test('answers that break off in the middle open it too', async () => {
  const bff = await gateway({ retry: { attempts: 0 } });
  files.act = (_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-length': '100' });
    outgoing.write('begin', () => setTimeout(() => outgoing.destroy(), 5));
  };
  for (let call = 0; call < 12 && files.requests === call; call += 1) await statusOf(bff).catch(() => {});
  expect(bff.bff.upstreams.breakers()[0]?.state).toBe('open');
});

test('a GET is tried again, a POST is not', async () => {
  const bff = await gateway();
  let calls = 0;
  files.act = (_incoming, outgoing) => {
    calls += 1;
    outgoing.writeHead(calls % 2 === 1 ? 503 : 200).end('hello');
  };
  expect([await statusOf(bff), files.requests]).toEqual([200, 2]);
  expect([await statusOf(bff, { method: 'POST' }), files.requests]).toEqual([502, 3]);
});

test('a stream keeps its place in the bulkhead until it is over', async () => {
  const bff = await gateway({ concurrency: { running: 1, queued: 0 } });
  let finish = (): void => {};
  files.act = (_incoming, outgoing) => {
    outgoing.write('begin');
    finish = () => outgoing.end();
  };
  const first = await request(`${bff.url}/files/x`);
  expect(await statusOf(bff)).toBe(503);
  finish();
  expect(await first.body.text()).toBe('begin');
  files.act = (_incoming, outgoing) => void outgoing.end('hello');
  expect(await statusOf(bff)).toBe(200);
  expect(bff.bff.upstreams.status()[0]).toMatchObject({
    bulkhead: { running: 0, waiting: 0 },
    targets: [{ pending: 0 }],
  });
});

test("the identity of the binding is shown, renewed once after 401, and never the client's", async () => {
  let issued = 0;
  const identity: UpstreamIdentity = {
    name: 'test',
    headers: () => {
      issued += 1;
      return { authorization: `Bearer ours-${issued}` };
    },
    refused: () => true,
  };
  const bff = await gateway({ identity, retry: { attempts: 0 } });
  const seen: unknown[] = [];
  files.act = (incoming, outgoing) => {
    seen.push(incoming.headers.authorization);
    outgoing.writeHead(seen.length === 1 ? 401 : 200, { 'cache-control': 'public' }).end();
  };
  const { statusCode, headers } = await request(`${bff.url}/files/x`, { headers: { cookie: 'a=b' } });
  expect([statusCode, seen, headers['cache-control']]).toEqual([
    200,
    ['Bearer ours-1', 'Bearer ours-2'],
    'private, no-store',
  ]);
});

test('it can be switched off, and is measured like a call', async () => {
  const bff = await gateway();
  files.act = (_incoming, outgoing) => void outgoing.end('hello');
  expect(await statusOf(bff)).toBe(200);
  bff.bff.upstreams.switch('files.proxy', false);
  expect([await statusOf(bff), files.requests]).toEqual([503, 1]);
  const [line] = bff.log.filter((each) => each.route === '/files/*');
  expect(line).toMatchObject({ status: 200, bytes: 5 });
});

test('a client that sends too slowly is answered 408 and says nothing about the service', async () => {
  const bff = await gateway({ breaker: { failureThreshold: 1 } }, { deadlineMs: 200 });
  files.act = () => {};
  const slow = (async function* never() {
    yield Buffer.from('a');
    await new Promise(() => {});
  })();
  const { statusCode } = await request(`${bff.url}/files/x`, { method: 'POST', body: slow as never });
  expect([statusCode, bff.bff.upstreams.breakers()[0]?.state]).toEqual([408, 'closed']);
});

test('the way out is cancelled when the gateway closes', async () => {
  const bff = await gateway();
  const closed = Promise.withResolvers<void>();
  files.act = (_incoming, outgoing) => {
    outgoing.once('close', closed.resolve);
    outgoing.write('begin');
  };
  const { body } = await request(`${bff.url}/files/x`);
  const reading = body.text().catch(() => 'broken');
  await bff.bff.close();
  await closed.promise;
  expect(await reading).toBe('broken');
});
