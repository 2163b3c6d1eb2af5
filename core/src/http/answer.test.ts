import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import {
  type Answer,
  type AnswerPreferences,
  completeResponse,
  finishAnswer,
  problemAnswer,
  responseOf,
} from './answer.ts';
import { etagOf, weaken } from './etag.ts';

const common = { 'x-content-type-options': 'nosniff' };

interface SentAnswer {
  readonly response: Response;
  readonly bytes: number;
}

async function sendWith(
  answer: Answer,
  preferences: AnswerPreferences,
  headers: Readonly<Record<string, string>>,
): Promise<SentAnswer> {
  const finished = await finishAnswer(answer, preferences, headers);
  return { response: responseOf(finished), bytes: finished.bytes };
}

const sendAnswer = (answer: Answer, preferences: AnswerPreferences): Promise<SentAnswer> =>
  sendWith(answer, preferences, common);

const small = '{"id":"a"}';
const large = JSON.stringify({ text: 'Zoë '.repeat(1_000) });
const huge = JSON.stringify({ text: 'Zoë '.repeat(10_000) });

function send(body: string, preferences: Partial<AnswerPreferences> = {}, status = 200): Promise<SentAnswer> {
  const headers = { 'content-type': 'application/json', 'cache-control': 'private, no-store' };
  return sendAnswer(
    { status, headers, body },
    { method: 'GET', acceptEncoding: undefined, ifNoneMatch: undefined, ...preferences },
  );
}

async function bytesOf({ response }: SentAnswer): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

const headersOf = ({ response }: SentAnswer): Record<string, string> => Object.fromEntries(response.headers);

describe('a small answer', () => {
  test('goes out as it is, with a strong tag and its length', async () => {
    const sent = await send(small, { acceptEncoding: 'br, gzip' });
    expect(headersOf(sent)).toEqual({
      'content-type': 'application/json',
      'cache-control': 'private, no-store',
      'content-length': '10',
      etag: etagOf(small),
      'x-content-type-options': 'nosniff',
    });
    expect([sent.response.status, sent.bytes, await sent.response.text()]).toEqual([200, 10, small]);
  });

  test('has its length in bytes, not in characters', async () => {
    const body = '"Zoë 🛒"';
    expect(headersOf(await send(body))['content-length']).toBe(String(Buffer.byteLength(body)));
  });

  test('ends where compressing begins: at 1024 bytes', async () => {
    const sent = await send('x'.repeat(1_023), { acceptEncoding: 'gzip' });
    expect(sent.response.headers.has('content-encoding')).toBe(false);
    const wide = 'ü'.repeat(512); // 512 characters, 1024 bytes
    for (const body of ['x'.repeat(1_024), wide]) {
      expect(headersOf(await send(body, { acceptEncoding: 'gzip' }))['content-encoding']).toBe('gzip');
    }
  });
});

describe.each([
  ['in place', large],
  ['beside the event loop', huge],
])('a large answer, encoded %s,', (_where, body) => {
  test.each([
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
  ] as const)('is %s when the client likes it, under a weak tag', async (coding, decode) => {
    const sent = await send(body, { acceptEncoding: coding });
    const bytes = await bytesOf(sent);
    expect(headersOf(sent)).toEqual({
      'content-type': 'application/json',
      'cache-control': 'private, no-store',
      'content-encoding': coding,
      'content-length': String(bytes.byteLength),
      etag: weaken(etagOf(body)),
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
    });
    expect(sent.bytes).toBe(bytes.byteLength);
    expect(decode(bytes).toString()).toBe(body);
  });

  test('is plain when the client likes nothing else, and says that it varies', async () => {
    const sent = await send(body, { acceptEncoding: 'identity' });
    const length = Buffer.byteLength(body);
    expect(headersOf(sent)).toMatchObject({
      etag: etagOf(body),
      vary: 'Accept-Encoding',
      'content-length': String(length),
    });
    expect([sent.bytes, (await bytesOf(sent)).toString()]).toEqual([length, body]);
  });
});

describe('a client that has the answer already', () => {
  test('gets 304 without a body, with the validator and the headers of the answer', async () => {
    const sent = await send(small, { ifNoneMatch: etagOf(small) });
    expect([sent.response.status, sent.response.body, sent.bytes]).toEqual([304, null, 0]);
    expect(headersOf(sent)).toEqual({
      'cache-control': 'private, no-store',
      etag: etagOf(small),
      'x-content-type-options': 'nosniff',
    });
  });

  test('gets the very validator that the answer would have: a cache compares strong ones exactly', async () => {
    for (const acceptEncoding of ['br', 'identity']) {
      const { etag = '', vary } = headersOf(await send(large, { acceptEncoding }));
      const again = await send(large, { acceptEncoding, ifNoneMatch: etag });
      expect([again.response.status, headersOf(again).etag, headersOf(again).vary]).toEqual([
        304,
        etag,
        vary,
      ]);
    }
  });

  test('is known by the tag of another coding too', async () => {
    const sent = await send(large, { acceptEncoding: 'br', ifNoneMatch: etagOf(large) });
    expect(sent.response.status).toBe(304);
  });

  test('gets the answer when it changed', async () => {
    expect((await send(small, { ifNoneMatch: etagOf('{"id":"b"}') })).response.status).toBe(200);
  });

  test('gets no 304 for what is not a read or not a 200', async () => {
    expect((await send(small, { method: 'POST', ifNoneMatch: '*' })).response.status).toBe(200);
    expect((await send(small, { ifNoneMatch: '*' }, 201)).response.status).toBe(201);
    expect((await send(small, { ifNoneMatch: '*' }, 404)).response.status).toBe(404);
  });
});

test('what an answer varied by already is kept', async () => {
  const headers = { vary: 'API-Version' };
  const preferences = { method: 'GET', acceptEncoding: undefined, ifNoneMatch: undefined };
  expect(headersOf(await sendAnswer({ status: 200, headers, body: large }, preferences)).vary).toBe(
    'API-Version, Accept-Encoding',
  );
});

test.each([
  ['POST', 200],
  ['PUT', 200],
  ['GET', 201],
  ['GET', 502],
])('a %s answered with %i has no tag', async (method, status) => {
  expect((await send(small, { method }, status)).response.headers.has('etag')).toBe(false);
});

describe('HEAD', () => {
  test.each([
    ['small', small, undefined],
    ['large', large, undefined],
    ['encoded', large, 'br'],
  ])('has the headers of GET and no body: %s', async (_what, body, acceptEncoding) => {
    const [got, head] = [
      await send(body, { acceptEncoding }),
      await send(body, { acceptEncoding, method: 'HEAD' }),
    ];
    expect(headersOf(head)).toEqual(headersOf(got));
    expect([head.response.status, head.response.body, head.bytes]).toEqual([200, null, 0]);
  });
});

describe('a problem', () => {
  test('goes out with its headers, those known before, and its document', async () => {
    const error = new GatewayError('rate-limited', {
      retryAfterMs: 1_500,
      headers: { 'x-ratelimit-limit': '5' },
    });
    const answer = problemAnswer(error, 'request-1', { 'x-ratelimit-limit': '100', 'x-kept': 'yes' });
    const sent = await sendAnswer(answer, { method: 'GET', acceptEncoding: 'br', ifNoneMatch: '*' });
    expect(sent.response.status).toBe(429);
    expect(headersOf(sent)).toMatchObject({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': '2',
      'x-ratelimit-limit': '5',
      'x-kept': 'yes',
      'x-request-id': 'request-1',
      'x-content-type-options': 'nosniff',
    });
    expect(await sent.response.json()).toMatchObject({ code: 'rate-limited', requestId: 'request-1' });
  });

  test('that is long is compressed like any answer', async () => {
    const issues = Array.from({ length: 50 }, (_, index) => ({
      pointer: `/body/items/${index}`,
      detail: 'is missing',
    }));
    const sent = await sendAnswer(
      problemAnswer(new GatewayError('validation-failed', { issues }), 'request-1'),
      {
        method: 'POST',
        acceptEncoding: 'gzip',
        ifNoneMatch: undefined,
      },
    );
    expect(headersOf(sent)).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' });
    expect(JSON.parse(gunzipSync(await bytesOf(sent)).toString()).errors).toHaveLength(50);
  });
});

describe('the headers of every answer', () => {
  const everywhere = { ...common, 'content-security-policy': "default-src 'none'", vary: 'Origin' };
  const preferences = { method: 'GET', acceptEncoding: undefined, ifNoneMatch: undefined };

  test('are on each, and give way to what an answer says itself', async () => {
    const own = { 'content-security-policy': "default-src 'self'", vary: 'API-Version' };
    const sent = await sendWith({ status: 200, headers: own, body: large }, preferences, everywhere);
    expect(headersOf(sent)).toMatchObject({
      'content-security-policy': "default-src 'self'",
      'x-content-type-options': 'nosniff',
      vary: 'Origin, API-Version, Accept-Encoding',
    });
  });

  test('are shared by all answers and never changed by one', async () => {
    const frozen = Object.freeze({ ...everywhere });
    for (const body of [small, large]) {
      const sent = await sendWith({ status: 200, headers: {}, body }, preferences, frozen);
      expect(headersOf(sent)).toMatchObject({ 'x-content-type-options': 'nosniff' });
    }
  });

  test('are on a 304 too', async () => {
    const asked = { ...preferences, ifNoneMatch: '*' };
    const sent = await sendWith({ status: 200, headers: {}, body: small }, asked, everywhere);
    expect([sent.response.status, headersOf(sent)]).toEqual([304, { ...everywhere, etag: etagOf(small) }]);
  });

  test('are given to a response that was made elsewhere, where it does not say otherwise', () => {
    const response = new Response('page', {
      headers: {
        'content-security-policy': "default-src 'self'",
        vary: 'Cookie',
        'access-control-allow-origin': '*',
      },
    });
    const whole = completeResponse(response, {
      ...everywhere,
      'access-control-allow-origin': 'https://a.test',
    });
    expect(whole).toBe(response);
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      'content-security-policy': "default-src 'self'",
      'x-content-type-options': 'nosniff',
      'access-control-allow-origin': 'https://a.test',
      vary: 'Cookie, Origin',
    });
  });

  test('are given to a response whose headers cannot be changed', async () => {
    const whole = completeResponse(Response.redirect('http://a.test/x', 303), everywhere);
    expect([whole.status, whole.headers.get('location')]).toEqual([303, 'http://a.test/x']);
    expect(Object.fromEntries(whole.headers)).toMatchObject(everywhere);
  });

  test('are not looked for on an answer that was made here', async () => {
    const { response } = await sendWith({ status: 200, headers: {}, body: small }, preferences, {});
    expect(completeResponse(response, everywhere).headers.has('x-content-type-options')).toBe(false);
  });
});
