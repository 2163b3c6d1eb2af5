import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileGuard, type RawHead } from './guard.ts';

const guard = compileGuard({ publicOrigin: 'https://shop.example', allowedHosts: ['bff.internal'] });

/** The code of the refusal of a GET of `/x` with these differences; nothing for a sound request. */
function refusal(head: Partial<RawHead>, ...lines: readonly string[]): string | undefined {
  const rawHeaders = ['Host', 'shop.example', ...lines];
  return guard({ method: 'GET', url: '/x', httpVersion: '1.1', rawHeaders, ...head })?.code;
}

describe('a sound request', () => {
  test('is let through', () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({ httpVersion: '1.0' })).toBeUndefined();
    expect(
      refusal({ method: 'POST' }, 'Transfer-Encoding', ' Chunked ', 'Accept', 'a', 'Accept', 'b'),
    ).toBeUndefined();
    expect(
      refusal(
        {},
        ...['Authorization', 'Bearer a', 'Content-Type', 'application/json', 'Origin', 'https://a.test'],
        ...['Idempotency-Key', 'k', 'API-Version', '2026-01-01', 'traceparent', '00', 'DPoP', 'p'],
      ),
    ).toBeUndefined();
  });

  test('may use every method but those that serve no one', () => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'QUERY']) {
      expect(refusal({ method })).toBeUndefined();
    }
    for (const method of ['TRACE', 'CONNECT', 'TRACK']) expect(refusal({ method })).toBe('not-implemented');
  });
});

describe('the version', () => {
  test.each(['2.0', '0.9', '1.2', '3.0', ''])('%j is not spoken, and the connection ends', (httpVersion) => {
    const error = guard({ url: '/x', httpVersion, rawHeaders: ['Host', 'shop.example'] });
    expect(error).toMatchObject({
      code: 'http-version-not-supported',
      status: 505,
      options: { headers: { connection: 'close' } },
    });
  });
});

describe('a host', () => {
  const hosted = (...hosts: readonly string[]): string | undefined =>
    refusal({ rawHeaders: hosts.flatMap((host) => ['Host', host]) });

  test.each([
    'shop.example',
    'SHOP.Example',
    'shop.example:443',
    'bff.internal',
    'bff.internal:8080',
    'localhost',
    'localhost:4001',
    'web.localhost:4001',
    '127.0.0.1',
    '127.0.0.1:4001',
    '[::1]',
    '[::1]:4001',
  ])('%s is served', (host) => {
    expect(hosted(host)).toBeUndefined();
  });

  test.each([
    'evil.example',
    'shop.example:80',
    'shop.example:8443',
    'shop.example.evil.example',
    'evil-shop.example',
    'www.shop.example',
    'shop.example.',
    'shop.example:',
    'shop.example:443x',
    'shop.example:4430000',
    'evil@shop.example',
    'shop.example@evil.example',
    'shop.example/',
    'shop.example, evil.example',
    'localhost.evil.example',
    'evil.example#.localhost',
    'a/b.localhost',
    '.evil_localhost',
    'notlocalhost',
    'localhost:4001:4001',
    '127.0.0.2',
    '127.1',
    '[::2]',
    '::1',
    '0.0.0.0',
    '',
  ])('%j is another’s', (host) => {
    const error = guard({ url: '/x', httpVersion: '1.1', rawHeaders: ['Host', host] });
    expect(error).toMatchObject({ code: 'misdirected-request', status: 421 });
    expect(error?.options.detail).toBeUndefined(); // nothing that echoes it
  });

  test('comes once, in any spelling', () => {
    expect(hosted('shop.example', 'shop.example')).toBe('bad-request-header');
    expect(refusal({}, 'hOST', 'evil.example')).toBe('bad-request-header');
    expect(refusal({ rawHeaders: [] })).toBe('bad-request-header');
  });

  test('of a URL in the request line counts as much', () => {
    expect(refusal({ url: 'http://shop.example/x' })).toBeUndefined();
    expect(refusal({ url: 'http://shop.example/x', rawHeaders: [] })).toBeUndefined();
    expect(refusal({ url: 'http://evil.example/x' })).toBe('misdirected-request');
    expect(refusal({ url: 'http://shop.example/x', rawHeaders: ['Host', 'evil'] })).toBe(
      'misdirected-request',
    );
    expect(refusal({ url: 'http://shop.example@evil.example/x' })).toBe('misdirected-request');
  });

  test('any port of http is exact too', () => {
    const plain = compileGuard({ publicOrigin: 'http://shop.example:8080' });
    const at = (host: string): string | undefined =>
      plain({ url: '/', httpVersion: '1.1', rawHeaders: ['Host', host] })?.code;
    expect(['shop.example:8080', 'shop.example', 'shop.example:8080:80'].map(at)).toEqual([
      undefined,
      'misdirected-request',
      'misdirected-request',
    ]);
    const port80 = compileGuard({ publicOrigin: 'http://shop.example' });
    expect(port80({ url: '/', httpVersion: '1.1', rawHeaders: ['Host', 'shop.example:80'] })).toBeUndefined();
  });

  test('with a port in the list is that port only', () => {
    const listed = compileGuard({ allowedHosts: ['a.test:8443', '[2001:db8::1]', 'web_bff'] });
    const at = (host: string): string | undefined =>
      listed({ url: '/', httpVersion: '1.1', rawHeaders: ['Host', host] })?.code;
    expect([at('a.test:8443'), at('[2001:db8::1]:1'), at('web_bff')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([at('a.test'), at('a.test:1')]).toEqual(['misdirected-request', 'misdirected-request']);
  });
});

describe('header lines', () => {
  test.each([
    'Authorization',
    'Content-Type',
    'Content-Length',
    'Origin',
    'Idempotency-Key',
    'API-Version',
    'traceparent',
    'DPoP',
    'X-API-Key',
    'Bff-Deadline-Ms',
  ])('of %s come once, in any spelling, equal or not', (name) => {
    expect(refusal({}, name, 'a')).toBeUndefined();
    expect(refusal({}, name, 'a', name.toUpperCase(), 'a')).toBe('bad-request-header');
    expect(refusal({}, name.toLowerCase(), 'a', 'Accept', '*/*', name, 'b')).toBe('bad-request-header');
  });

  test('with an underscore in the name are refused, whatever the name', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z-]{0,8}_[A-Za-z_-]{0,8}$/), (name) => {
        expect(refusal({}, name, 'admin')).toBe('bad-request-header');
      }),
    );
    expect(refusal({}, 'X-User-Id', 'a_b')).toBeUndefined();
  });

  test('are 100 at most, targets 8192 characters', () => {
    const lines = Array.from({ length: 100 }, (_, index) => [`X-${index}`, '']).flat();
    expect(refusal({}, ...lines)).toBe('headers-too-large');
    expect(refusal({}, ...lines.slice(2))).toBeUndefined();
    expect(refusal({ url: `/${'a'.repeat(8_192)}` })).toBe('uri-too-long');
  });
});

describe('Transfer-Encoding', () => {
  const coded = (httpVersion: string, ...lines: readonly string[]) =>
    guard({ url: '/', httpVersion, rawHeaders: ['Host', 'localhost', ...lines] });

  test.each([
    ['gzip, chunked'],
    ['gzip'],
    ['identity'],
    ['chunked, chunked'],
    ['xchunked'],
    [''],
    ['gzip', 'chunked'],
    ['chunked', 'chunked'],
  ])('of %s %s is not implemented, and the connection ends', (...codings) => {
    const error = coded('1.1', ...codings.flatMap((coding) => ['Transfer-Encoding', coding]));
    expect(error).toMatchObject({
      code: 'not-implemented',
      status: 501,
      options: { headers: { connection: 'close' } },
    });
  });

  test('in HTTP/1.0 is faulty framing, and the connection ends', () => {
    expect(coded('1.0', 'transfer-encoding', 'chunked')).toMatchObject({
      code: 'bad-request-header',
      options: { headers: { connection: 'close' } },
    });
  });
});

describe('a target', () => {
  test.each(['', '*', 'shop.example:443', 'x', 'ftp://shop.example/'])('%j is none', (url) => {
    expect(refusal({ url })).toBe('bad-request-target');
  });

  test('that is missing is none', () => {
    expect(guard({ httpVersion: '1.1', rawHeaders: [] })?.code).toBe('bad-request-target');
  });

  test('is looked at in both forms', () => {
    expect(refusal({ url: '//evil.example/x' })).toBe('bad-request-target');
    expect(refusal({ url: 'http://shop.example//x' })).toBe('bad-request-target');
  });
});

test.each<[string, Partial<RawHead>]>([
  ['There is no Host.', { rawHeaders: [] }],
  ['The target is neither a path nor a URL.', { url: 'x' }],
  ['A header name has an underscore.', { rawHeaders: ['X_User', 'a'] }],
  ['The header dpop may come once.', { rawHeaders: ['DPoP', 'a', 'dpop', 'a'] }],
  [
    'HTTP/1.0 has no Transfer-Encoding.',
    { httpVersion: '1.0', rawHeaders: ['Transfer-Encoding', 'chunked'] },
  ],
  ['The only Transfer-Encoding is chunked.', { rawHeaders: ['Transfer-Encoding', 'gzip'] }],
])('the refusal says: %s', (detail, head) => {
  expect(guard({ url: '/x', httpVersion: '1.1', rawHeaders: [], ...head })?.options.detail).toBe(detail);
});

test('no refusal repeats what was sent', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (url, name, value) => {
      const canary = 'c4n4ry';
      const error = guard({
        method: 'GET',
        url: url + canary,
        httpVersion: '1.1',
        rawHeaders: ['Host', 'shop.example', name + canary, value + canary],
      });
      expect(`${error?.message} ${error?.options.detail}`).not.toContain(canary);
    }),
  );
});

describe('refuses to start with', () => {
  test.each([
    'shop.example',
    'https://shop.example/',
    'https://shop.example/x',
    'https://Shop.example',
    'https://shop.example:443',
    'https://user@shop.example',
    'ftp://shop.example',
    'https://*.shop.example',
    'null',
    '',
    7,
  ])('the publicOrigin %j', (publicOrigin) => {
    expect(() => compileGuard({ publicOrigin: publicOrigin as string })).toThrow(
      new RangeError(
        `defineBff: publicOrigin must be an exact origin such as https://shop.example, got '${publicOrigin}'`,
      ),
    );
  });

  test.each([
    '',
    '*',
    '*.shop.example',
    'https://shop.example',
    'Shop.example',
    'a b',
    'a:b',
    'a/',
    '.a',
    'a..b',
  ])('the allowed host %j', (host) => {
    expect(() => compileGuard({ allowedHosts: ['a.test', host] })).toThrow(
      new RangeError(
        `defineBff: allowedHosts must list lowercase hosts such as shop.example or shop.example:8443, got '${host}'`,
      ),
    );
  });
});
