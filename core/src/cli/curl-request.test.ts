import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CurlRequest, curlRequest } from './curl-request.ts';
import { UsageError } from './usage-error.ts';

const files: Readonly<Record<string, string>> = {
  ada: 'authorization: Bearer t0ken\n\nx-two: 2\r\n',
  'body.json': '{\n"a":1}\n',
};
const read = (...words: readonly string[]): CurlRequest => curlRequest(words, (path) => files[path] ?? '');
const usual = { accept: '*/*', 'user-agent': 'bffkit-explain' };

test('a plain address is a GET', () => {
  const { url, ...request } = read('https://shop.example/api/home?orders=2#top');
  expect(url.href).toBe('https://shop.example/api/home?orders=2');
  expect(request).toEqual({ method: 'GET', headers: usual });
  expect(read('localhost:4001/api').url.href).toBe('http://localhost:4001/api');
});

test('what a browser copies is understood', () => {
  const copied = read(
    'https://shop.example/api/cart',
    ...['-X', 'POST', '-H', 'Content-Type: application/json', '-H', 'Cookie: sid=1', '-b', 'theme=dark'],
    ...['--data-raw', '{"sku":"@1"}', '--compressed', '-s', '-SiL', '-o', '/dev/null', '--max-time', '5'],
  );
  expect(copied).toMatchObject({
    method: 'POST',
    body: '{"sku":"@1"}',
    headers: {
      ...usual,
      'content-type': 'application/json',
      cookie: 'sid=1; theme=dark',
      'accept-encoding': 'gzip, deflate, br, zstd',
    },
  });
});

test.each<[readonly string[], object]>([
  [['-d', 'a=1', '-d', 'b=2', 'x/'], { method: 'POST', body: 'a=1&b=2' }],
  [['-da=1', '-XPUT', 'x/'], { method: 'PUT', body: 'a=1' }],
  [
    ['--json', '{}', 'x/'],
    { method: 'POST', headers: { ...usual, accept: 'application/json', 'content-type': 'application/json' } },
  ],
  [['--json', '{}', '-H', 'accept: text/html', 'x/'], { headers: { accept: 'text/html' } }],
  [['-I', 'x/'], { method: 'HEAD' }],
  [['-A', 'me', '-e', 'http://y', 'x/'], { headers: { ...usual, 'user-agent': 'me', referer: 'http://y' } }],
  [['--oauth2-bearer', 't', '--url', 'x/'], { headers: { ...usual, authorization: 'Bearer t' } }],
  [['-H', '@ada', 'x/'], { headers: { ...usual, authorization: 'Bearer t0ken', 'x-two': '2' } }],
  [['-d', '@body.json', 'x/'], { body: '{"a":1}' }],
  [['--data-binary', '@body.json', 'x/'], { body: '{\n"a":1}\n' }],
  [
    ['-H', 'Accept:', '-H', 'x-a: 1', '-H', 'X-A: 2', 'x/'],
    { headers: { 'user-agent': 'bffkit-explain', 'x-a': ['1', '2'] } },
  ],
  [['-H', 'Content-Length: 3', '-H', 'Bff-Explain: 1.x', 'x/'], { headers: usual }],
  [['--', 'x/'], { method: 'GET' }],
])('%j', (words, expected) => {
  expect(read(...words)).toMatchObject(expected);
});

test('-G moves the data into the query', () => {
  const request = read('-G', '-d', 'b=2', 'http://x/?a=1');
  expect([request.method, request.url.search, request.body]).toEqual(['GET', '?a=1&b=2', undefined]);
});

const secret = 's3cret-value';

test.each<[readonly string[], string]>([
  [[], 'has no URL'],
  [['http://x', 'http://y'], 'takes one URL'],
  [['-u', `ada:${secret}`, 'http://x'], 'a BFF takes no password'],
  [[`http://ada:${secret}@x/`], 'a BFF takes no password'],
  [['-F', `a=${secret}`, 'http://x'], '-F is not sent'],
  [['-k', 'http://x'], 'must show a certificate'],
  [['-x', secret, 'http://x'], 'goes straight to the BFF'],
  [['-b', secret, 'http://x'], 'give NAME=VALUE'],
  [['-H', secret, 'http://x'], 'must look like'],
  [['-H', `a: ${secret}\r\nb: 1`, 'http://x'], 'no header may have'],
  [['-H', `a: ${secret}…`, 'http://x'], 'the header a has'],
  [['-X', 'get ', 'http://x'], 'capital letters'],
  [['--aws-sigv4', secret, 'http://x'], "does not know curl's --aws-sigv4"],
  [[`--data-urlencode=${secret}`, 'http://x'], "does not know curl's --data-urlencode:"],
  [['-Z', 'http://x'], "does not know curl's -Z"],
  [['http://x', '-H'], "curl's -H needs a value"],
  [['ftp://x/'], 'http or https'],
])('%j is refused, and no value is repeated', (words, why) => {
  const attempt = (): CurlRequest => read(...words);
  expect(attempt).toThrow(UsageError);
  expect(attempt).toThrow(why);
  expect(attempt).not.toThrow(secret);
});

test('a request written as a curl command is read as it was', () => {
  const value = fc.stringMatching(/^[!-~](?:[ -~]{0,30}[!-~])?$/);
  const name = fc.stringMatching(/^x-[a-z]{1,12}$/);
  const wanted = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH'),
    path: fc.webPath(),
    query: fc.webQueryParameters(),
    headers: fc.uniqueArray(fc.tuple(name, value), { selector: ([each]) => each }),
    body: fc.option(fc.string({ minLength: 1 })),
    isJoined: fc.boolean(),
  });
  fc.assert(
    fc.property(wanted, ({ method, path, query, headers, body, isJoined }) => {
      const option = (letter: string, text: string): string[] =>
        isJoined ? [letter + text] : [letter, text];
      const request = read(
        ...option('-X', method),
        ...headers.flatMap(([each, text]) => option('-H', `${each}: ${text}`)),
        ...(body === null ? [] : ['--data-raw', body]),
        `http://shop.example${path}?${query}`,
      );
      expect(request.method).toBe(method);
      expect(request.body).toBe(body ?? undefined);
      expect(request.headers).toMatchObject(Object.fromEntries(headers));
      expect(request.url.href).toBe(new URL(`http://shop.example${path}?${query}`).href);
    }),
  );
});
