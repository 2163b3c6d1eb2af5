import { expect, test } from 'vitest';
import { get } from './operation.ts';

test.each(['accept-language', 'idempotency-key', 'if-none-match'])(
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
