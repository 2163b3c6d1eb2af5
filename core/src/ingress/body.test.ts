import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { type InboundFacts, type TestInbound, testInbound } from '../testing/test-context.ts';
import { defaultMaxBodyBytes, readBodyText, readJsonBody } from './body.ts';

const json = { 'content-type': 'application/json' };

const read = (
  body: string | InboundFacts['body'],
  headers: Record<string, string> = json,
  maxBytes = 1_024,
): Promise<unknown> => readJsonBody(inboundOf(body, headers), maxBytes);

function inboundOf(body: string | InboundFacts['body'], headers: Record<string, string> = json): TestInbound {
  return testInbound({ method: 'POST', headers, body: typeof body === 'string' ? [body] : (body ?? []) });
}

async function failureOf(reading: Promise<unknown>): Promise<GatewayError> {
  return reading.then(() => {
    throw new Error('the body was accepted');
  }, GatewayError.from);
}

const codeOf = async (reading: Promise<unknown>): Promise<string> => (await failureOf(reading)).code;

describe('a body is accepted', () => {
  test.each(['{"a":[1,"b",null,true]}', '[]', '"text"', '7', 'null', ' {} \n', '\ufeff{}'])(
    '%j',
    async (text) => {
      expect(await read(text)).toEqual(JSON.parse(text.replace('\ufeff', '')));
    },
  );

  test('with a text of any length, whose characters are no members', async () => {
    const long = 'x'.repeat(10_001);
    expect(await read(JSON.stringify(long), json, 100_000)).toBe(long);
    expect(await read(JSON.stringify([long, null]), json, 100_000)).toEqual([long, null]);
  });

  test('in pieces, cut anywhere, in the middle of a character too', async () => {
    const bytes = Buffer.from('{"name":"Zoë 🛒"}');
    for (let cut = 1; cut < bytes.length; cut += 1) {
      expect(await read([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual({ name: 'Zoë 🛒' });
    }
  });

  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset="UTF-8"',
    'application/merge-patch+json',
    'application/vnd.acme.v1+json ; charset=utf-8',
  ])('as %s', async (type) => {
    expect(await read('{}', { 'content-type': type })).toEqual({});
  });
});

describe('unsupported-media-type', () => {
  test.each([
    undefined,
    '',
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json; charset=latin1',
    'application/json; charset=utf-16',
    'application/json; charset=utf-8x',
    'application/json, text/plain',
    'text/plain; application/json',
    'application/+json',
  ])('for content type %s', async (type) => {
    const failure = await failureOf(read('{}', type === undefined ? {} : { 'content-type': type }));
    expect([failure.code, failure.options.detail]).toEqual([
      'unsupported-media-type',
      'Send the body as application/json in UTF-8.',
    ]);
  });

  test.each(['gzip', 'br', 'identity', ''])(
    'for content coding %j, before a byte is read',
    async (coding) => {
      const inbound = inboundOf('{}', { ...json, 'content-encoding': coding });
      const failure = await failureOf(readJsonBody(inbound, 100));
      expect([failure.code, failure.options.detail]).toEqual([
        'unsupported-media-type',
        'Send the body without Content-Encoding.',
      ]);
      expect(inbound.pieces()).toBe(0);
    },
  );
});

describe('body-too-large', () => {
  const list = (bytes: number): string => `[${' '.repeat(bytes - 2)}]`;

  test('the default limit is 100 KiB', () => {
    expect(defaultMaxBodyBytes).toBe(102_400);
  });

  test('exactly the limit is fine, one byte more is not', async () => {
    expect(await read(list(1_024))).toEqual([]);
    expect(await read(list(1_024), { ...json, 'content-length': '1024' })).toEqual([]);
    expect(await codeOf(read(list(1_025)))).toBe('body-too-large');
  });

  test('bytes count, not characters', async () => {
    expect(await codeOf(read(`"${'ü'.repeat(1_000)}"`))).toBe('body-too-large');
  });

  test('an announced length over the limit is refused before a byte is read', async () => {
    const inbound = inboundOf('{}', { ...json, 'content-length': '1025' });
    const failure = await failureOf(readJsonBody(inbound, 1_024));
    expect([failure.code, failure.status, inbound.pieces()]).toEqual(['body-too-large', 413, 0]);
    expect(failure.options.headers).toEqual({ connection: 'close' });
    expect(failure.options.detail).toBe('The body may have at most 1024 bytes.');
  });

  test.each(['2', '0', '-1', 'none', '1e9999x'])(
    'an announced length of %s does not hide what really comes',
    async (announced) => {
      const pieces = Array.from({ length: 100 }, () => ' '.repeat(100));
      const inbound = inboundOf(pieces, { ...json, 'content-length': announced });
      expect(await codeOf(readJsonBody(inbound, 1_024))).toBe('body-too-large');
      expect(inbound.pieces()).toBe(11); // reading stops at once
    },
  );
});

describe('invalid-json', () => {
  test.each(['', ' ', '{', '{"a":}', "{'a':1}", '{"a":1}}', 'undefined', 'NaN', '{"a":1} // no'])(
    'for %j',
    async (text) => {
      expect(await codeOf(read(text))).toBe('invalid-json');
    },
  );

  test('for no body at all', async () => {
    const none = testInbound({ method: 'POST', headers: json });
    expect(await codeOf(readJsonBody(none, 1_024))).toBe('invalid-json');
    expect(await readBodyText(none, 1_024)).toBe('');
  });

  test.each([[0xff], [0xc0, 0xae], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]])(
    'for bytes that are not UTF-8: %i',
    async (...bytes) => {
      const failure = await failureOf(read([Buffer.from([0x22, ...bytes, 0x22])]));
      expect([failure.code, failure.options.detail]).toEqual(['invalid-json', 'The body is not UTF-8.']);
    },
  );

  test('the reason, which goes into the log, does not quote the body', async () => {
    const { cause, detail } = (await failureOf(read('canary'))).options;
    expect([cause, detail]).toEqual([new SyntaxError('6 characters, not JSON'), undefined]);
  });
});

describe('a body that nests', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

  test('32 levels is read, one of 33 is refused', async () => {
    expect(await read(nested(32))).toBeDefined();
    expect(await read(`${'{"a":'.repeat(32)}1${'}'.repeat(32)}`)).toBeDefined();
    const failure = await failureOf(read(nested(33)));
    expect([failure.code, failure.options.detail]).toEqual([
      'invalid-json',
      'The body is nested deeper than 32 levels.',
    ]);
    expect(await codeOf(read(`${'{"a":'.repeat(33)}1${'}'.repeat(33)}`))).toBe('invalid-json');
  });

  test('as deep as the bytes allow is refused, without a stack that overflows', async () => {
    expect(await codeOf(read(nested(50_000), json, 100_000))).toBe('invalid-json');
  });
});

describe('a form', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  test('is read as text, with the same limit on real bytes', async () => {
    expect(await readBodyText(inboundOf('a=1&b=%20', form), 9)).toBe('a=1&b=%20');
    expect(await codeOf(readBodyText(inboundOf('a=1&b=%20', form), 8))).toBe('body-too-large');
    expect(await codeOf(readBodyText(inboundOf([Buffer.from([0xff])], form), 8))).toBe('invalid-json');
  });
});

describe('validation-failed', () => {
  test('for more than 10 000 members, wherever they are', async () => {
    const list = (length: number): string => JSON.stringify(Array.from({ length }, () => 0));
    expect(await read(list(10_000), json, 100_000)).toHaveLength(10_000);
    const failure = await failureOf(read(list(10_001), json, 100_000));
    expect([failure.code, failure.options.detail]).toEqual([
      'validation-failed',
      'The body has more than 10000 members.',
    ]);
    expect(await codeOf(read(`[${list(5_000)},${list(5_000)}]`, json, 100_000))).toBe('validation-failed');
  });

  test.each([
    ['{"__proto__":{"isAdmin":true}}', '__proto__'],
    ['{"constructor":{"prototype":{"x":1}}}', 'constructor'],
    ['{"prototype":1}', 'prototype'],
    ['{"a":[{"b":{"__proto__":null}}]}', '__proto__'],
    ['{"__pr\\u006fto__":{"isAdmin":true}}', '__proto__'],
  ])('for a key that could reach a prototype: %s', async (text, key) => {
    const failure = await failureOf(read(text));
    expect([failure.code, failure.options.detail]).toEqual([
      'validation-failed',
      `The body has a member named '${key}'.`,
    ]);
    expect('isAdmin' in {}).toBe(false);
  });
});
