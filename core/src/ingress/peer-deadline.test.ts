import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Inbound } from '../context/inbound.ts';
import { endpoint } from '../endpoint/endpoint.ts';
import { anyone } from '../identity/access.ts';
import { testBff } from '../testing/index.ts';
import { testInbound } from '../testing/test-context.ts';
import { get, upstream } from '../upstream/operation.ts';
import { peerDeadline } from './peer-deadline.ts';

const trusting = peerDeadline(['10.0.0.0/8', '::1']);
const from = (peerAddress: string | undefined, sent?: string): Inbound =>
  testInbound({
    ...(peerAddress === undefined ? {} : { peerAddress }),
    headers: sent === undefined ? {} : { 'bff-deadline-ms': sent },
  });

describe('a trusted peer', () => {
  test.each(['10.1.2.3', '::ffff:10.1.2.3', '::1'])('at %s shortens the deadline', (address) => {
    expect(trusting(from(address, '250'), 1_000)).toBe(250);
  });

  test('never lengthens it', () => {
    expect(trusting(from('10.1.2.3', '5000'), 1_000)).toBe(1_000);
    fc.assert(
      fc.property(
        fc.oneof(fc.nat().map(String), fc.string()),
        fc.integer({ min: 1, max: 30_000 }),
        (sent, own) => {
          const deadlineMs = trusting(from('10.1.2.3', sent), own);
          expect(deadlineMs).toBeGreaterThanOrEqual(1);
          expect(deadlineMs).toBeLessThanOrEqual(own);
        },
      ),
    );
  });

  test('that has no time left gets one millisecond, not for ever', () => {
    expect(trusting(from('10.1.2.3', '0'), 1_000)).toBe(1);
  });

  test('that says nothing changes nothing', () => {
    expect(trusting(from('10.1.2.3'), 1_000)).toBe(1_000);
  });

  test.each(['', '-1', '1.5', '1e2', '0x10', ' 10', '10, 20', 'soon', 'NaN', '1234567890'])(
    'that says %j is ignored',
    (sent) => {
      expect(trusting(from('10.1.2.3', sent), 1_000)).toBe(1_000);
    },
  );
});

test.each(['11.0.0.1', '::2', '2001:db8::1', '', undefined])('anybody else is ignored: %s', (address) => {
  expect(trusting(from(address, '1'), 1_000)).toBe(1_000);
});

test('nobody is trusted by default', () => {
  expect(peerDeadline()(from('127.0.0.1', '1'), 1_000)).toBe(1_000);
});

test('where nobody is trusted no header is even read', () => {
  const header = (name: string): never => expect.unreachable(`read ${name}`);
  expect(peerDeadline()({ ...from('127.0.0.1'), header }, 1_000)).toBe(1_000);
});

test('a list that cannot be read is refused at boot', () => {
  expect(() => peerDeadline(['gateway.internal'])).toThrow(
    new RangeError("trustedPeers must list addresses or CIDR ranges, got 'gateway.internal'"),
  );
});

describe('an endpoint', () => {
  const Part = z.object({ id: z.string() });
  const shop = upstream('shop', { operations: { get: get('/part', { response: Part }) } });
  const part = endpoint('GET', '/part', { summary: 'A part.', access: anyone(), deadlineMs: 1_000 })
    .plan(({ call }) => ({ part: call(shop.get, () => ({})) }))
    .respond(Part, ({ part }) => part);
  const fetchFrom = async (peerAddress: string, sent: string) => {
    const bff = testBff([part], { shop: () => ({ body: { id: '1' } }) }, { trustedPeers: ['10.0.0.1'] });
    const socket = { on: () => {}, setHeader: () => {} };
    const incoming = {
      method: 'GET',
      url: '/part',
      httpVersion: '1.1',
      headers: { host: 'localhost', 'bff-deadline-ms': sent },
      rawHeaders: ['Host', 'localhost', 'Bff-Deadline-Ms', sent],
      socket: { remoteAddress: peerAddress },
    };
    const answer = await bff.app.request('/part', {}, { incoming, outgoing: socket });
    expect(answer.status).toBe(200);
    return bff.requests[0]?.headers['bff-deadline-ms'];
  };

  test('tells its upstreams what the peer left, less its own reserve', async () => {
    expect(await fetchFrom('10.0.0.1', '500')).toBe('450');
    expect(await fetchFrom('10.0.0.1', '9000')).toBe('900');
  });

  test('tells them its own deadline when anybody else says so', async () => {
    expect(await fetchFrom('10.0.0.2', '500')).toBe('900');
  });
});
