import { expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { BrokenConnections } from './broken-connections.ts';

const head = (socket?: object) => ({ httpVersion: '1.1', rawHeaders: [], ...(socket && { socket }) });
const closing = new GatewayError('not-implemented', { headers: { connection: 'close' } });

test('what follows a request without a certain end is refused, on its connection only', () => {
  const broken = new BrokenConnections();
  const [one, other] = [{}, {}];
  broken.note(head(one), closing);
  expect(broken.refusalOf(head(one))).toMatchObject({
    code: 'bad-request-header',
    options: {
      detail: 'The request before it on this connection had no certain end.',
      headers: { connection: 'close' },
    },
  });
  expect(broken.refusalOf(head(other))).toBeUndefined();
});

test('a refusal that leaves the connection open breaks nothing', () => {
  const broken = new BrokenConnections();
  const socket = {};
  broken.note(head(socket), new GatewayError('bad-request-target', { headers: { allow: 'GET' } }));
  broken.note(head(socket), new GatewayError('bad-request-target'));
  expect(broken.refusalOf(head(socket))).toBeUndefined();
});

test('a request without a connection breaks none', () => {
  const broken = new BrokenConnections();
  broken.note(head(), closing);
  expect(broken.refusalOf(head())).toBeUndefined();
});
