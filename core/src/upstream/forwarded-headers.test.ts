import { expect, test } from 'vitest';
import { hopByHopOf } from './forwarded-headers.ts';
import { get } from './operation.ts';

test.each(['accept-language', 'idempotency-key', 'if-none-match', 'user-agent', 'x-tenant', 'x-author'])(
  'the request header %s may pass',
  (header) => {
    expect(get('/part', { forwardRequestHeaders: [header] }).contract.forwardRequestHeaders).toEqual([
      header,
    ]);
  },
);

test.each(['etag', 'last-modified', 'cache-control', 'content-language'])(
  'the answer header %s may pass',
  (header) => {
    expect(get('/part', { forwardResponseHeaders: [header] }).contract.forwardResponseHeaders).toEqual([
      header,
    ]);
  },
);

test.each([
  'authorization',
  'cookie',
  'host',
  'content-length',
  'x-user-id',
  'bff-deadline-ms',
  'traceparent',
])('an operation that forwards the request header %s does not boot', (header) => {
  expect(() => get('/part', { forwardRequestHeaders: [header] })).toThrow(
    new RangeError(`the request header '${header}' is never forwarded`),
  );
});

test.each([
  'x.user.id',
  'x-user',
  'x-bff-app',
  'remote-user',
  'user-id',
  'internal-role',
  'x-auth-request-email',
  'x-authenticated-user',
  'x-authorization',
  'x-api-key',
  'apikey',
  'x-access-token',
  'x-roles',
  'x-client-cert',
  'x-real-ip',
  'x-original-url',
  'x-http-method-override',
])('%s, which a service could read as identity, does not boot', (header) => {
  expect(() => get('/part', { forwardRequestHeaders: [header] })).toThrow(
    new RangeError(`the request header '${header}' is never forwarded`),
  );
});

test.each(['x_user_id', 'x-user_id', 'bff_shadow', 'proxy_authorization'])(
  '%s does not boot: no name has an underscore',
  (header) => {
    expect(() => get('/part', { forwardRequestHeaders: [header] })).toThrow(/must be a lowercase name/);
  },
);

test('what Connection names ends at the gateway', () => {
  expect([...hopByHopOf('keep-alive, X-Trace , ,close')]).toEqual(['keep-alive', 'x-trace', '', 'close']);
  for (const usual of [undefined, 'keep-alive', 'close']) expect(hopByHopOf(usual).size).toBe(0);
});

test.each(['set-cookie', 'server', 'content-encoding', 'access-control-allow-origin', 'x-ratelimit-limit'])(
  'an operation that forwards the answer header %s does not boot',
  (header) => {
    expect(() => get('/part', { forwardResponseHeaders: [header] })).toThrow(
      new RangeError(`the answer header '${header}' is never forwarded`),
    );
  },
);

test.each(['Accept-Language', 'x y', ''])('%j is no lowercase name', (header) => {
  expect(() => get('/part', { forwardRequestHeaders: [header] })).toThrow(/must be a lowercase name/);
});
