import { describe, expect, test } from 'vitest';
import { GatewayError } from '../problem/gateway-error.ts';
import { nothingLeft, upstreamRig } from '../testing/upstream-rig.ts';
import type { Discovery } from './discovery.ts';
import type { IdentityHeaders, UpstreamIdentity } from './identity.ts';

/** An identity whose answers the test decides. */
function identityOf(headers: UpstreamIdentity['headers'], more: Partial<UpstreamIdentity> = {}) {
  let asked = 0;
  const identity: UpstreamIdentity = {
    name: 'test',
    headers(context) {
      asked += 1;
      return headers(context);
    },
    ...more,
  };
  return { identity, asked: () => asked };
}

/** Tokens `t1`, `t2`, …: a new one whenever the last was refused. */
function renewing() {
  const tokens: IdentityHeaders[] = [{ authorization: 'Bearer t1' }];
  const refusals: IdentityHeaders[] = [];
  const { identity, asked } = identityOf(() => tokens.at(-1) ?? {}, {
    refused(_context, headers) {
      refusals.push(headers);
      tokens.push({ authorization: `Bearer t${tokens.length + 1}` });
      return true;
    },
  });
  return { identity, asked, refusals };
}

describe('the headers of a call', () => {
  test('are asked for once, and sent with every attempt', async () => {
    const { identity, asked } = identityOf(() => ({ authorization: 'Bearer ours' }));
    const rig = upstreamRig({ identity, retry: { attempts: 1 } });
    const started = await rig.start();
    await rig.last().fail('upstream-unreachable');
    await rig.pass(500);
    await rig.last().answer();
    expect(started.outcome()).toEqual({ id: '1' });
    expect(rig.sent.map(({ headers }) => headers.authorization)).toEqual(['Bearer ours', 'Bearer ours']);
    expect(asked()).toBe(1);
  });

  test('that are at hand cost no turn: the request is sent before start returns to the loop', () => {
    const { identity } = identityOf(() => ({ authorization: 'Bearer ours' }));
    const rig = upstreamRig({ identity });
    void rig.start();
    expect(rig.sent).toHaveLength(1);
  });

  test('that take a while are waited for, without a place in the bulkhead', async () => {
    const { promise, resolve } = Promise.withResolvers<IdentityHeaders>();
    const rig = upstreamRig({ identity: identityOf(() => promise).identity });
    const started = await rig.start();
    expect(rig.sent).toHaveLength(0);
    expect(rig.upstream.status().bulkhead).toMatchObject({ running: 0, waiting: 0 });
    resolve({ authorization: 'Bearer late' });
    await rig.pass(0);
    expect(rig.last().headers.authorization).toBe('Bearer late');
    await rig.last().answer();
    expect(started.outcome()).toEqual({ id: '1' });
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('are not sent with shadow copies', async () => {
    const { identity } = identityOf(() => ({ authorization: 'Bearer ours' }));
    const rig = upstreamRig({ identity, shadow: { target: 'http://next.test', sample: 1 } });
    await rig.start();
    const [copy, real] = rig.sent;
    expect(copy?.headers['bff-shadow']).toBe('1');
    expect(Object.keys(copy?.headers ?? {})).not.toContain('authorization');
    expect(real?.headers.authorization).toBe('Bearer ours');
  });
});

describe('without headers a call', () => {
  const gone = new GatewayError('dependency-unavailable', { retryAfterMs: 7_000 });

  test.each([
    ['thrown', () => Promise.reject(gone)],
    [
      'thrown at once',
      () => {
        throw gone;
      },
    ],
  ])('fails with what was %s, and the breaker does not hear of it', async (_how, headers) => {
    const rig = upstreamRig({ identity: identityOf(headers).identity, breaker: { failureThreshold: 1 } });
    const started = await rig.start();
    expect(started.failure()?.code).toBe('dependency-unavailable');
    expect(started.failure()?.options).toMatchObject({ retryAfterMs: 7_000, node: 'node' });
    expect(started.fact()).toMatchObject({ outcome: 'dependency-unavailable', attempts: 0 });
    expect(rig.sent).toHaveLength(0);
    expect(rig.upstream.status().breakers[0]?.state).toBe('closed');
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('fails as unavailable whatever an identity throws', async () => {
    for (const headers of [
      () => Promise.reject(new TypeError('bug')),
      () => {
        throw new TypeError('bug');
      },
    ]) {
      const started = await upstreamRig({ identity: identityOf(headers).identity }).start();
      expect(started.failure()?.code).toBe('dependency-unavailable');
      expect(started.fact()?.cause).toBeInstanceOf(TypeError);
    }
  });

  test.each([
    ["call's", 300, 1_000],
    ["request's", 5_000, 1_000],
  ])(
    'does not wait longer than the %s time: that is no failure of the service',
    async (_whose, timeoutMs, deadlineMs) => {
      const never = new Promise<never>(() => {});
      const rig = upstreamRig({ identity: identityOf(() => never).identity, timeoutMs });
      const started = await rig.start({ deadlineMs });
      await rig.pass(Math.min(timeoutMs, deadlineMs));
      expect(started.failure()?.code).toBe('dependency-unavailable');
      expect(started.fact()?.cause).toEqual(new Error('the identity for the service was not there in time'));
      expect(rig.leftovers()).toEqual(nothingLeft);
    },
  );

  test('ends with its client', async () => {
    const never = new Promise<never>(() => {});
    const rig = upstreamRig({ identity: identityOf(() => never).identity });
    const started = await rig.start();
    started.context.cancellation.cancel(new GatewayError('client-gone'));
    await rig.pass(0);
    expect(started.fact()).toMatchObject({ outcome: 'cancelled', attempts: 0 });
    expect(rig.leftovers()).toEqual(nothingLeft);
  });
});

describe('a service that refuses the headers', () => {
  test.each(['get', 'post'] as const)('gets a %s once more, with others', async (operation) => {
    const { identity, asked, refusals } = renewing();
    const rig = upstreamRig({ identity });
    const started = await rig.start({ operation });
    await rig.last().answer({ status: 401 });
    expect(rig.last().headers.authorization).toBe('Bearer t2');
    await rig.last().answer();
    expect(started.outcome()).toEqual({ id: '1' });
    expect(started.fact()).toMatchObject({ outcome: 'ok', attempts: 2 });
    expect(asked()).toBe(2);
    expect(refusals).toEqual([{ authorization: 'Bearer t1' }]);
    expect(rig.leftovers()).toEqual(nothingLeft);
  });

  test('is not asked a third time', async () => {
    const { identity, refusals } = renewing();
    const rig = upstreamRig({ identity });
    const started = await rig.start();
    await rig.last().answer({ status: 401 });
    await rig.last().answer({ status: 401 });
    expect(started.failure()?.code).toBe('upstream-rejected');
    expect(rig.sent).toHaveLength(2);
    expect(refusals).toHaveLength(2);
    expect(rig.upstream.status().breakers[0]?.state).toBe('closed');
  });

  test('with 403 is told to the identity and not asked again: the caller may not', async () => {
    const { identity, refusals } = renewing();
    const rig = upstreamRig({ identity });
    const started = await rig.start();
    await rig.last().answer({ status: 403 });
    expect(started.failure()?.code).toBe('upstream-rejected');
    expect(rig.sent).toHaveLength(1);
    expect(refusals).toHaveLength(1);
  });

  test('is not asked again when there are no others, no identity, or no budget for retries', async () => {
    const fixed = identityOf(() => ({ authorization: 'Bearer fixed' })).identity;
    const stubborn = identityOf(() => ({}), { refused: () => false }).identity;
    const spent = { identity: renewing().identity, retryBudget: { share: 0, floorPerSecond: 0 } };
    for (const options of [{ identity: fixed }, { identity: stubborn }, {}, spent]) {
      const rig = upstreamRig(options);
      const started = await rig.start();
      await rig.last().answer({ status: 401 });
      expect(started.failure()?.code).toBe('upstream-rejected');
      expect(rig.sent).toHaveLength(1);
    }
  });

  test('fails the call as unavailable when others cannot be had', async () => {
    let isFirst = true;
    const { identity } = identityOf(
      () => {
        if (!isFirst) throw new GatewayError('dependency-unavailable');
        isFirst = false;
        return { authorization: 'Bearer t1' };
      },
      { refused: () => true },
    );
    const rig = upstreamRig({ identity });
    const started = await rig.start();
    await rig.last().answer({ status: 401 });
    expect(started.failure()?.code).toBe('dependency-unavailable');
    expect(rig.leftovers()).toEqual(nothingLeft);
  });
});

describe('headers that must not be overheard', () => {
  const { identity } = identityOf(() => ({ authorization: "Bearer the caller's" }), { needsTls: true });

  test('go to targets with TLS and to this machine', async () => {
    for (const targets of ['https://shop.test', 'http://127.0.0.1:4101']) {
      const rig = upstreamRig({ identity, targets });
      await rig.start();
      expect(rig.last()).toMatchObject({ origin: targets });
    }
  });

  test('do not boot with a target in clear', () => {
    expect(() => upstreamRig({ identity, targets: ['https://shop.test', 'http://shop.test:4101'] })).toThrow(
      new RangeError(
        "upstream 'shop': its identity sends the caller's token, so targets must be https or loopback, got 'http://shop.test:4101'",
      ),
    );
  });

  test('are not sent to a target in clear that is found later', async () => {
    let announce: (origin: string) => void = () => {};
    const discovered: Discovery = {
      start(onTargets) {
        announce = (origin) => onTargets([{ origin, weight: 1 }]);
        return () => {};
      },
    };
    const rig = upstreamRig({ identity, targets: discovered });
    announce('http://shop.test');
    const started = await rig.start({ operation: 'post' });
    expect(started.failure()?.code).toBe('upstream-unreachable');
    expect(started.fact()?.cause).toEqual(new Error("the caller's token is not sent in clear"));
    expect(rig.sent).toHaveLength(0);
    announce('https://shop.test');
    await rig.start();
    expect(rig.sent).toHaveLength(1);
  });
});
