/**
 * The spans of one request, as a receiver of OTLP understands them, against what the services heard.
 */
import { afterEach, describe, expect, test } from 'vitest';
import * as faults from '../support/faults.ts';
import type { ReceivedSpan } from '../support/otlp-receiver.ts';
import { type TracedBff, tracedBff } from './traced-bff.ts';

let traced: TracedBff;

afterEach(() => traced.close());

function theOnly<T>(values: readonly T[]): T {
  const [value] = values;
  if (value === undefined || values.length > 1) throw new Error(`there are ${values.length}`);
  return value;
}

function below(spans: readonly ReceivedSpan[], parent: ReceivedSpan): ReceivedSpan[] {
  return spans
    .filter((span) => span.parentSpanId === parent.spanId)
    .sort((one, other) => Number(one.startNs - other.startNs));
}

const server = (spans: readonly ReceivedSpan[]): ReceivedSpan =>
  theOnly(spans.filter((span) => span.kind === 'server'));

/** `name` of the span and, indented, of those below it. */
function outline(spans: readonly ReceivedSpan[], span: ReceivedSpan, depth = 0): string[] {
  const { 'bff.attempt.reason': reason, 'bff.outcome': outcome } = span.attributes;
  const line = [span.name, reason, outcome].filter((word) => word !== undefined).join(' ');
  const children = below(spans, span).toSorted((one, other) => one.name.localeCompare(other.name));
  return [`${'  '.repeat(depth)}${line}`, ...children.flatMap((child) => outline(spans, child, depth + 1))];
}

describe('one request with a fan-out, a retry and a part that fails', () => {
  test('is one tree: the request, its nodes, their attempts', async () => {
    traced = await tracedBff();
    const answer = await traced.get('/screen');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('bff-degraded')).toBe('recs');
    const spans = await traced.received();
    expect(outline(spans, server(spans))).toEqual([
      'GET /screen',
      '  orders ok',
      '    shop.orders first upstream-error',
      '    shop.orders retry ok',
      '  profile ok',
      '    shop.profile first ok',
      '  recs upstream-error',
      '    shop.recs first upstream-error',
      '    shop.recs retry upstream-error',
    ]);
    expect(spans).toHaveLength(9);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(9);
    expect(
      spans
        .filter(({ failed }) => failed)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['recs', 'shop.orders', 'shop.recs', 'shop.recs']);
  });

  test('has the identifiers that the services heard', async () => {
    traced = await tracedBff();
    const requestId = (await traced.get('/screen')).headers.get('x-request-id');
    const spans = await traced.received();
    for (const path of ['/profile', '/orders', '/recs']) {
      const clients = spans.filter(({ name }) => name === `shop.${path.slice(1)}`);
      const inOrder = clients.sort((one, other) => Number(one.startNs - other.startNs));
      expect(inOrder.map(({ traceId, spanId }) => ({ traceId, spanId, flags: '01' }))).toEqual(
        traced.heard(path),
      );
    }
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([requestId]));
    expect(server(spans).parentSpanId).toBe('');
  });

  test('takes no longer than what it is a part of, and happened now', async () => {
    traced = await tracedBff();
    const before = BigInt(Date.now()) * 1_000_000n;
    await traced.get('/screen');
    const after = BigInt(Date.now() + 1) * 1_000_000n;
    const spans = await traced.received();
    const root = server(spans);
    expect(root.startNs).toBeGreaterThanOrEqual(before - 1_000_000n); // the wall clock counts whole milliseconds
    expect(root.endNs).toBeLessThanOrEqual(after);
    for (const parent of spans) {
      expect(parent.endNs).toBeGreaterThanOrEqual(parent.startNs);
      for (const child of below(spans, parent)) {
        expect(child.startNs).toBeGreaterThanOrEqual(parent.startNs);
        expect(child.endNs).toBeLessThanOrEqual(parent.endNs);
      }
    }
    const [first, retry] = below(spans, theOnly(spans.filter(({ name }) => name === 'orders')));
    expect(retry?.startNs).toBeGreaterThanOrEqual(first?.endNs ?? 0n);
  });

  test('says where it went and what it was told', async () => {
    traced = await tracedBff({
      serviceName: 'shop-web',
      resource: { 'deployment.environment.name': 'test' },
    });
    await traced.get('/parts/secret-id?note=secret-note');
    const spans = await traced.received();
    expect(server(spans)).toMatchObject({
      name: 'GET /parts/:id',
      attributes: { 'http.route': '/parts/:id', 'http.response.status_code': 200, 'bff.name': 'test' },
      resource: { 'service.name': 'shop-web', 'deployment.environment.name': 'test' },
    });
    const client = theOnly(spans.filter(({ kind }) => kind === 'client'));
    expect(client.attributes).toMatchObject({
      'peer.service': 'shop',
      'server.address': '127.0.0.1',
      'server.port': Number(new URL(traced.service.url).port),
      'http.response.status_code': 200,
    });
    const text = JSON.stringify(spans, (_key, value) => (typeof value === 'bigint' ? String(value) : value));
    expect(text).not.toContain('secret');
  });
});

test('the loser of a hedge stands beside the winner, cut off', async () => {
  traced = await tracedBff();
  for (let requests = 0; requests < 30; requests += 1) await traced.get('/race'); // until its latency is known
  let isFirst = true;
  traced.service.mode = (socket, request) => {
    (isFirst ? faults.hang : faults.ok({ id: '1' }))(socket, request);
    isFirst = false;
  };
  const traceId = (await traced.get('/race')).headers.get('x-request-id');
  const spans = (await traced.received()).filter((span) => span.traceId === traceId);
  expect(outline(spans, server(spans))).toEqual([
    'GET /race',
    '  part ok',
    '    hedged.part first cancelled',
    '    hedged.part hedge ok',
  ]);
  expect(spans.some(({ failed }) => failed)).toBe(false);
});

describe('whose trace it is', () => {
  const theirs = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
  const traceparent = (flags: string): Record<string, string> => ({
    traceparent: `00-${theirs.traceId}-${theirs.spanId}-${flags}`,
  });

  test('a client that is not trusted gets one of its own', async () => {
    traced = await tracedBff();
    await traced.get('/screen', traceparent('01'));
    const root = server(await traced.received());
    expect(root.traceId).not.toBe(theirs.traceId);
    expect(root.parentSpanId).toBe('');
    expect(traced.heard('/profile')).toMatchObject([{ traceId: root.traceId, flags: '01' }]);
  });

  test("a client that is not trusted can't have itself recorded", async () => {
    traced = await tracedBff({ share: 0 });
    await traced.get('/screen', traceparent('01'));
    expect(await traced.received()).toEqual([]);
    expect(traced.heard('/profile')).toMatchObject([{ flags: '00' }]);
  });

  test("a trusted peer's goes on, below its span", async () => {
    traced = await tracedBff({ share: 0 }, { trustedPeers: ['127.0.0.1'] });
    await traced.get('/screen', traceparent('01'));
    const spans = await traced.received();
    expect(server(spans)).toMatchObject({ traceId: theirs.traceId, parentSpanId: theirs.spanId });
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([theirs.traceId]));
    expect(traced.heard('/profile')).toMatchObject([{ traceId: theirs.traceId, flags: '01' }]);
  });

  test('what a trusted peer does not record is not recorded, whatever the share and the answer', async () => {
    traced = await tracedBff({ share: 1 }, { trustedPeers: ['127.0.0.1'] });
    traced.service.mode = (socket) => void socket.resetAndDestroy();
    expect((await traced.get('/screen', traceparent('00'))).status).toBe(502);
    expect(await traced.received()).toEqual([]);
    expect(traced.heard('/profile')).toMatchObject([{ traceId: theirs.traceId, flags: '00' }, {}]);
  });
});

describe('what is not sampled', () => {
  test('is sent nowhere, and the services are told', async () => {
    traced = await tracedBff({ share: 0 });
    for (let requests = 0; requests < 20; requests += 1) await traced.get('/parts/1');
    expect(await traced.received()).toEqual([]);
    expect(traced.receiver.batches).toEqual([]);
    expect(new Set(traced.heard('/parts/1').map(({ flags }) => flags))).toEqual(new Set(['00']));
  });

  test('is kept all the same when the gateway failed, up to ten a second', async () => {
    traced = await tracedBff({ share: 1e-9 });
    traced.service.mode = (socket) => void socket.resetAndDestroy();
    const startMs = performance.now();
    for (let requests = 0; requests < 30; requests += 1) await traced.get('/parts/1');
    const seconds = Math.ceil((performance.now() - startMs) / 1_000);
    const roots = (await traced.received()).filter(({ kind }) => kind === 'server');
    expect(roots.length).toBeGreaterThanOrEqual(10);
    expect(roots.length).toBeLessThanOrEqual(Math.min(30, 10 * seconds));
    expect(roots[0]).toMatchObject({ failed: true, attributes: { 'http.response.status_code': 502 } });
  });
});
