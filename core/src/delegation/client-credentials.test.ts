import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EventBus } from '../context/event-bus.ts';
import type { ProblemFact } from '../context/events.ts';
import { manualClock } from '../testing/manual-clock.ts';
import { issued, type ScriptedProvider, scriptedProvider } from '../testing/scripted-provider.ts';
import { testContext } from '../testing/test-context.ts';
import type { UpstreamIdentity } from '../upstream/identity.ts';
import { type ClientCredentialsOptions, clientCredentials } from './client-credentials.ts';

let clock: ReturnType<typeof manualClock>;
let provider: ScriptedProvider;
let identity: UpstreamIdentity;
let problems: ProblemFact[];
let events: EventBus;

beforeEach(async () => {
  clock = manualClock();
  events = new EventBus();
  problems = [];
  events.on('problem', (fact) => problems.push(fact));
  let count = 0;
  provider = await scriptedProvider(() => {
    count += 1;
    return issued(`own-${count}`, { expires_in: 100 });
  });
  identity = open({});
});
afterEach(async () => {
  await identity.close?.();
  await provider.close();
});

function open(options: Partial<ClientCredentialsOptions>): UpstreamIdentity {
  const { tokenEndpoint } = provider;
  const base = { tokenEndpoint, clientId: 'bff', clientSecret: 'secret' };
  return clientCredentials({ ...base, ...options } as ClientCredentialsOptions);
}

const headers = () => identity.headers(testContext({}, { clock, events }));
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const down = () => ({ status: 500 });

test('one token serves every call, whoever calls', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, async () => headers()));
  expect(new Set(all.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer own-1']));
  expect(headers()).toEqual(bearer('own-1'));
  expect(provider.requests.map(({ form }) => form)).toEqual([{ grant_type: 'client_credentials' }]);
});

test('scope and audience are asked for', async () => {
  const asking = open({ scope: ['reports:read', 'x'], audience: 'reports' });
  await asking.headers(testContext({}, { clock }));
  expect(provider.requests[0]?.form).toEqual({
    grant_type: 'client_credentials',
    scope: 'reports:read x',
    audience: 'reports',
  });
  await asking.close?.();
});

describe('in the last fifth of its life', () => {
  test('the token is renewed, and no call waits', async () => {
    await headers();
    clock.advance(79_999);
    void headers();
    expect(provider.requests).toHaveLength(1);
    clock.advance(1);
    expect(headers()).toEqual(bearer('own-1'));
    await expect.poll(headers).toEqual(bearer('own-2'));
    expect(provider.requests).toHaveLength(2);
  });

  test('the token stays while the provider fails, which is told and tried again every 5 s', async () => {
    await headers();
    provider.script = down;
    clock.advance(80_000);
    void headers();
    await expect.poll(() => problems).toHaveLength(1);
    expect(problems[0]).toEqual({
      part: 'client credentials of bff',
      error: new Error('the token endpoint: it answered 500'),
    });
    clock.advance(4_999);
    expect(headers()).toEqual(bearer('own-1'));
    expect(provider.requests).toHaveLength(2);
    clock.advance(1);
    expect(headers()).toEqual(bearer('own-1'));
    await expect.poll(() => problems).toHaveLength(2);
    clock.advance(9_999);
    expect(headers()).toEqual(bearer('own-1'));
    await expect.poll(() => problems).toHaveLength(3);
    clock.advance(1);
    await expect(headers()).rejects.toMatchObject({ code: 'dependency-unavailable' });
  });
});

test('without a token a failing provider is asked again after 5 s', async () => {
  provider.script = down;
  await expect(headers()).rejects.toMatchObject({ code: 'dependency-unavailable' });
  clock.advance(4_000);
  await expect(headers()).rejects.toMatchObject({
    code: 'dependency-unavailable',
    options: { retryAfterMs: 1_000 },
  });
  expect(provider.requests).toHaveLength(1);
  clock.advance(1_000);
  provider.script = () => issued('late', { expires_in: undefined });
  expect(await headers()).toEqual(bearer('late'));
  clock.advance(54_999);
  expect(headers()).toEqual(bearer('late'));
});

test('a token that a service refuses is replaced', async () => {
  const context = testContext({}, { clock });
  const given = await headers();
  clock.advance(5_000);
  expect(identity.refused?.(context, given)).toBe(true);
  expect(await headers()).toEqual(bearer('own-2'));
});

test('it can be closed once per upstream that shares it', async () => {
  await headers();
  await Promise.all([identity.close?.(), identity.close?.()]);
});

test('no timer is left, whatever happened', async () => {
  await headers();
  expect(clock.pending()).toBe(1); // the deadline of the request
});

test.each([
  ['an unknown option', { scopes: ['x'] }, /unknown option 'scopes'; did you mean 'scope'/],
  ['an empty scope', { scope: [] }, /clientCredentials: scope must list one or more scopes/],
  ['an empty audience', { audience: '' }, /audience must name the service, got an empty text/],
  ['an address in clear', { tokenEndpoint: 'http://id.test' }, /clientCredentials: tokenEndpoint must be/],
])('%s does not boot', (_what, options, message) => {
  expect(() => open(options as never)).toThrow(message);
});
