import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { compilePath, compileQuery, paramNames, requireTemplate } from './path.ts';

function codeOf(build: () => string): string {
  try {
    return build();
  } catch (error) {
    return GatewayError.from(error).code;
  }
}

describe('a template', () => {
  test.each([
    '/',
    '/orders',
    '/orders/:id',
    '/orders/:id/lines/:lineNo',
    '/v1.2/a_b~c-d/:id',
    '/.well-known/x',
    '/a..b',
  ])('%s is one', (path) => {
    expect(() => requireTemplate(path)).not.toThrow();
  });

  test.each([
    '',
    'orders',
    '//orders',
    '/orders/',
    '/orders//x',
    '/orders/:',
    '/orders/:1',
    '/orders/x:id',
    '/orders/:id.json',
    '/orders?x=1',
    '/orders#x',
    '/a b',
    '/a%2fb',
    '/ü',
    '/..',
    '/orders/..',
    '/orders/../users',
    '/./orders',
    '/orders/.',
    'http://evil.example/orders',
    '/orders\n',
    '/orders/*',
  ])('%j is none', (path) => {
    expect(() => requireTemplate(path)).toThrow(
      new RangeError(`the path must look like /orders/:id, got '${path}'`),
    );
  });

  test('its parameters are known in order', () => {
    expect(paramNames('/orders/:id/lines/:lineNo')).toEqual(['id', 'lineNo']);
    expect(paramNames('/orders')).toEqual([]);
  });
});

describe('filling a path', () => {
  const fill = compilePath('/shops/:shop/orders/:id');

  test('puts every value into its own segment', () => {
    expect(fill({ shop: 'berlin', id: 42 })).toBe('/shops/berlin/orders/42');
    expect(compilePath('/health')({ id: 'unused' })).toBe('/health');
  });

  test('encodes what is not a plain letter', () => {
    expect(fill({ shop: 'a/b?c#d', id: 'é %2e' })).toBe('/shops/a%2Fb%3Fc%23d/orders/%C3%A9%20%252e');
  });

  test.each(
    [
      '',
      '.',
      '..',
      '../admin',
      'a/../b',
      'a\\..\\b',
      'a/.',
      './a',
      'a\u0000b',
      'a\r\nX-Evil: 1',
      '\u007f',
      '\ud800',
      undefined,
      null,
      true,
      {},
      [],
      ['a'],
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ].map((id) => [id]),
  )('refuses %j', (id) => {
    expect(codeOf(() => fill({ shop: 'berlin', id }))).toBe('internal');
  });

  test('takes values up to 256 characters, and dots inside a name', () => {
    const id = 'x'.repeat(256);
    expect(fill({ shop: 'v1..2', id })).toBe(`/shops/v1..2/orders/${id}`);
    expect(fill({ shop: '...', id: '.x' })).toBe('/shops/.../orders/.x');
    expect(codeOf(() => fill({ shop: 'berlin', id: `${id}x` }))).toBe('internal');
  });

  test('takes nothing from a prototype', () => {
    expect(codeOf(() => compilePath('/x/:constructor')({}))).toBe('internal');
  });

  test('never says the value in the error a client could see', () => {
    try {
      fill({ shop: 'berlin', id: 'canary\n' });
    } catch (error) {
      expect(String(error)).not.toContain('canary');
    }
    expect.assertions(1);
  });
});

describe('writing a query', () => {
  const write = compileQuery(['ids', 'limit', 'q', 'from']);

  test('writes the declared keys in their order, arrays joined by commas', () => {
    expect(write({ limit: 5, ids: ['a', 'b,c', 7], q: 'x y&z', unknown: 'dropped' })).toBe(
      '?ids=a,b%2Cc,7&limit=5&q=x%20y%26z',
    );
  });

  test('leaves out what is undefined, and writes false, 0 and the empty text', () => {
    expect(write({ ids: undefined, limit: 0, q: '', from: false })).toBe('?limit=0&q=&from=false');
    expect(write({})).toBe('');
  });

  test('writes a date in ISO form', () => {
    expect(write({ from: new Date(0) })).toBe('?from=1970-01-01T00%3A00%3A00.000Z');
  });

  test.each(
    [
      null,
      {},
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      '\udc00',
      ['a', null],
      new Date(Number.NaN),
      () => 'x',
    ].map((q) => [q]),
  )('refuses %j', (q) => {
    expect(codeOf(() => write({ q }))).toBe('internal');
  });

  test('a key named like a member of every object is only a key', () => {
    const odd = compileQuery(['constructor', 'toString']);
    expect(odd({})).toBe('');
    expect(odd({ constructor: 'mclaren' })).toBe('?constructor=mclaren');
  });

  test('encodes the name of a key', () => {
    expect(compileQuery(['a&b'])({ 'a&b': 1 })).toBe('?a%26b=1');
  });
});

const literal = fc.stringMatching(/^[A-Za-z0-9_~-]{1,8}$/);
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ maxLength: 300 }),
  fc.stringMatching(/^[./\\%2eEfF:@?#&=;]{0,12}$/),
  fc.constantFrom(
    '..',
    '.',
    '/',
    '//evil.example',
    '\\evil',
    '@evil:80',
    'http://evil',
    '%2e%2e',
    '..%2f',
    '\r\n\r\n',
  ),
);

describe('whatever the values are', () => {
  test('the target stays below the literal part of its template, as one plain path and query', () => {
    fc.assert(
      fc.property(
        literal,
        literal,
        value,
        value,
        fc.dictionary(fc.string(), value),
        (root, leaf, first, second, query) => {
          const path = compilePath(`/${root}/:first/${leaf}/:second`);
          const keys = ['first', 'declared'];
          let target: string;
          try {
            target = path({ first, second }) + compileQuery(keys)({ ...query, declared: second, first });
          } catch (error) {
            expect(GatewayError.from(error).code).toBe('internal');
            return;
          }
          expect(target).toMatch(/^[\x21-\x7e]+$/); // nothing that could end the request line
          expect(target).not.toMatch(/#|\\/);
          const [pathname = '', ...rest] = target.split('?');
          expect(rest).toHaveLength(1);
          expect(pathname).not.toContain('//');
          expect(pathname.split('/')).toHaveLength(5);
          expect(decodeURIComponent(pathname).split(/[/\\]/)).not.toContain('..');
          const url = new URL(target, 'http://users.internal:8080');
          expect([url.origin, url.pathname]).toEqual(['http://users.internal:8080', pathname]);
          expect(pathname.startsWith(`/${root}/`)).toBe(true);
          expect([...url.searchParams.keys()]).toEqual(keys);
          expect([...url.searchParams.values()]).toEqual([first, second]);
          expect(pathname.split('/').map(decodeURIComponent)).toEqual(['', root, first, leaf, second]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a query has declared keys only', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 })),
        fc.dictionary(fc.string(), fc.string()),
        (keys, query) => {
          const written = new URLSearchParams(compileQuery(keys)(query));
          for (const key of written.keys()) expect(keys).toContain(key);
          expect([...written.keys()].sort()).toEqual(keys.filter((key) => Object.hasOwn(query, key)).sort());
        },
      ),
    );
  });
});
