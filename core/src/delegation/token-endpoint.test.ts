import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GatewayError } from '../problem/gateway-error.ts';
import { manualClock } from '../testing/manual-clock.ts';
import {
  issued,
  type ProviderAnswer,
  type ScriptedProvider,
  scriptedProvider,
} from '../testing/scripted-provider.ts';
import { type TokenEndpoint, tokenEndpoint } from './token-endpoint.ts';

const canary = 'canary-7f3a';
let clock: ReturnType<typeof manualClock>;
let provider: ScriptedProvider;
let endpoint: TokenEndpoint;

beforeEach(async () => {
  clock = manualClock();
  provider = await scriptedProvider(() => issued('t1'));
  endpoint = tokenEndpoint('test', {
    tokenEndpoint: provider.tokenEndpoint,
    clientId: 'bff:web',
    clientSecret: canary,
  });
});
afterEach(async () => {
  await endpoint.close();
  await provider.close();
});

const ask = () => endpoint.ask('some_grant', { subject_token: canary }, clock);
const failureOf = () =>
  ask().then(
    () => undefined,
    (error: GatewayError) => error,
  );

test('a request is a form, with the id and the secret of the gateway in its header', async () => {
  expect(await ask()).toMatchObject({ access_token: 't1', expires_in: 600 });
  expect(provider.requests).toEqual([
    {
      path: '/token',
      method: 'POST',
      authorization: `Basic ${btoa(`bff%3Aweb:${canary.replaceAll('-', '%2D')}`)}`,
      form: { grant_type: 'some_grant', subject_token: canary },
    },
  ]);
  expect(clock.pending()).toBe(0);
});

describe('a provider that refuses', () => {
  test.each([
    'invalid_grant',
    'invalid_request',
    'invalid_scope',
    'invalid_target',
    'access_denied',
    'consent_required',
    'interaction_required',
  ])('this token with %s has said no, and is well', async (error) => {
    provider.script = () => ({ status: 400, body: { error, error_description: canary } });
    for (let asked = 0; asked < 12; asked += 1) {
      expect(await failureOf()).toMatchObject({
        code: 'upstream-rejected',
        cause: new Error(`the token endpoint answered ${error}`),
      });
    }
    expect(provider.requests).toHaveLength(12);
  });

  test.each([
    [400, 'invalid_client', 'it answered invalid_client'],
    [401, 'invalid_client', 'it answered invalid_client'],
    [400, 'unauthorized_client', 'it answered unauthorized_client'],
    [400, 'unsupported_grant_type', 'it answered unsupported_grant_type'],
    [400, `invalid_grant ${canary}`, 'it answered an unknown error'],
  ])('the gateway with %i %s is a broken dependency', async (status, error, why) => {
    provider.script = () => ({
      status,
      headers: { 'www-authenticate': `Basic realm="${canary}"` },
      body: { error },
    });
    expect(await failureOf()).toMatchObject({
      code: 'dependency-unavailable',
      cause: new Error(`the token endpoint: ${why}`),
      options: { retryAfterMs: 5_000 },
    });
  });
});

describe('a provider that is broken', () => {
  test.each<[string, ProviderAnswer, string]>([
    ['answers 500', { status: 500, body: canary }, 'it answered 500'],
    ['redirects', { status: 302, headers: { location: 'http://169.254.169.254/' } }, 'it answered 302'],
    ['answers 304', { status: 304 }, 'it answered 304'],
    ['answers 204', { status: 204 }, 'it answered 204'],
    ['answers 429', { status: 429, body: canary }, 'its answer cannot be used'],
    ['answers no JSON', { body: canary }, 'its answer cannot be used'],
    ['answers JSON of no type', { headers: { 'content-type': canary } }, 'its answer cannot be used'],
    ['answers without a token', { body: { token_type: 'Bearer', canary } }, 'its answer cannot be used'],
    ['answers a token for a proof', issued(canary, { token_type: 'DPoP' }), 'it issued a token of type dpop'],
    ['answers a token for nobody', issued(canary, { token_type: 'N_A' }), 'its answer cannot be used'],
    ['answers no number', issued(canary, { expires_in: 'soon' }), 'its answer cannot be used'],
    ['never stops', { body: canary.repeat(10_000) }, 'it answered more than 65536 bytes'],
  ])('because it %s is unavailable, and nothing of its answer is told', async (_how, answer, why) => {
    provider.script = () => answer;
    const error = await failureOf();
    expect(error).toMatchObject({
      code: 'dependency-unavailable',
      cause: new Error(`the token endpoint: ${why}`),
    });
    expect(`${String(error)} ${String(error?.cause)} ${JSON.stringify(error?.options)}`).not.toContain(
      canary,
    );
    expect(provider.requests).toHaveLength(1);
    expect(clock.pending()).toBe(0);
  });

  test('because it is silent for 2 s is unavailable', async () => {
    const arrived = Promise.withResolvers<void>();
    provider.script = () => {
      arrived.resolve();
      return new Promise(() => {});
    };
    const failing = failureOf();
    await arrived.promise;
    clock.advance(2_000);
    expect(await failing).toMatchObject({
      code: 'dependency-unavailable',
      cause: new Error('the token endpoint: no answer within 2000 ms'),
    });
  });

  test('because it is gone is unavailable', async () => {
    await provider.close();
    expect(await failureOf()).toMatchObject({ code: 'dependency-unavailable' });
  });

  test('is given a rest of five seconds after five failures, then one request decides', async () => {
    provider.script = () => ({ status: 503 });
    for (let asked = 0; asked < 5; asked += 1) await failureOf();
    clock.advance(1_000);
    expect(await failureOf()).toMatchObject({
      code: 'dependency-unavailable',
      cause: new Error('the token endpoint: it is given a rest after failures'),
      options: { retryAfterMs: 4_000 },
    });
    expect(provider.requests).toHaveLength(5);
    clock.advance(4_000);
    provider.script = () => issued('t2');
    expect(await ask()).toMatchObject({ access_token: 't2' });
    expect(await ask()).toMatchObject({ access_token: 't2' });
    expect(provider.requests).toHaveLength(7);
  });
});

describe('the address', () => {
  const byIssuer = (metadata: Readonly<Record<string, unknown>>) => {
    provider.script = ({ path }) =>
      path.startsWith('/.well-known/') ? { body: { issuer: provider.url, ...metadata } } : issued('t1');
    return tokenEndpoint('test', { issuer: provider.url, clientId: 'bff', clientSecret: canary });
  };

  test('can be read from the configuration of the issuer, once', async () => {
    const found = byIssuer({ token_endpoint: `${provider.url}/elsewhere` });
    const both = [found.ask('g', {}, clock), found.ask('g', {}, clock)];
    expect(await Promise.all(both)).toHaveLength(2);
    await found.ask('g', {}, clock);
    expect(provider.requests.map(({ path }) => path)).toEqual([
      '/.well-known/openid-configuration',
      '/elsewhere',
      '/elsewhere',
      '/elsewhere',
    ]);
    await found.close();
  });

  test.each([
    ['in clear', { token_endpoint: 'http://id.test/token' }],
    ['missing', {}],
    ['of another issuer', { issuer: 'http://localhost:1', token_endpoint: 'http://localhost:1/token' }],
  ])('that is %s in the configuration gets no secret, and is looked up again', async (_how, metadata) => {
    const found = byIssuer(metadata);
    for (const _try of [1, 2]) {
      await expect(found.ask('g', {}, clock)).rejects.toMatchObject({ code: 'dependency-unavailable' });
    }
    expect(provider.requests.map(({ path, authorization }) => [path, authorization])).toEqual([
      ['/.well-known/openid-configuration', ''],
      ['/.well-known/openid-configuration', ''],
    ]);
    await found.close();
  });

  const sound = { tokenEndpoint: 'https://id.test/token', clientId: 'bff', clientSecret: canary };

  test.each([
    ['none', { clientId: 'bff', clientSecret: canary }, 'test: set either tokenEndpoint or issuer'],
    ['two', { ...sound, issuer: 'https://id.test' }, 'test: set either tokenEndpoint or issuer'],
    [
      'one in clear',
      { ...sound, tokenEndpoint: 'http://id.test/token' },
      "test: tokenEndpoint must be an https URL, or http on this machine, got 'http://id.test/token'",
    ],
    [
      'an issuer in clear',
      { issuer: 'http://id.test', clientId: 'bff', clientSecret: canary },
      "test: issuer must be an https URL, or http on this machine, got 'http://id.test/'",
    ],
    [
      'one with credentials',
      { ...sound, tokenEndpoint: `https://me:${canary}@id.test/token` },
      'test: tokenEndpoint must be an https URL, or http on this machine, got something else',
    ],
    [
      'none at all',
      { ...sound, tokenEndpoint: canary },
      'test: tokenEndpoint must be an https URL, or http on this machine, got something else',
    ],
    ['an empty id', { ...sound, clientId: '' }, 'test: clientId must be set, got an empty text'],
    ['no secret', { ...sound, clientSecret: undefined }, 'test: clientSecret must be set, got undefined'],
  ])('does not boot with %s', (_what, options, message) => {
    expect(() => tokenEndpoint('test', options as never)).toThrow(new RangeError(message));
  });
});
