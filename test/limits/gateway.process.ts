/**
 * One gateway of the proof: a whole BFF on a store in Redis, with a clock that may be wrong by days. It
 * is told over IPC what to serve, asks itself, and reports every decision.
 */
import {
  type Authenticator,
  type Clock,
  defineBff,
  endpoint,
  type Limit,
  type RequestFact,
  signedIn,
  systemClock,
} from 'bffkit';
import { type RedisStoreOptions, redisStore } from 'bffkit/redis';
import { z } from 'zod';
import type { Ask, Outcome, Report } from './gateways.ts';

const skewMs = Number(process.argv[2]);
const address = JSON.parse(process.argv[3] ?? '{}') as RedisStoreOptions;

/** Wrong from the start: date and monotonic clock begin somewhere else on each gateway. */
const clock: Clock = {
  ...systemClock,
  wallMs: () => systemClock.wallMs() + skewMs,
  monotonicMs: () => systemClock.monotonicMs() + Math.abs(skewMs),
};
const store = redisStore({ ...address, clock });

const callers: Authenticator = {
  name: 'test',
  challenge: 'Test',
  authenticate({ inbound }) {
    const subject = inbound.header('x-caller') ?? 'nobody';
    return { kind: 'user', subject, clientId: 'app', scopes: new Set(), tenant: 'all' };
  },
};

function bffOf(limits: readonly Limit[]) {
  const at = (cost: number) =>
    endpoint('GET', `/${cost === 1 ? 'one' : 'two'}`, {
      summary: 'A.',
      access: signedIn(),
      deadlineMs: 5_000,
      cost,
    }).handle(z.object({}), async () => ({}));
  const limitStore = { take: store.take, watch: () => {} };
  return defineBff({
    name: 'proof',
    owner: '@acme/proof',
    identity: [callers],
    limits,
    limitStore,
    upstreams: [],
    endpoints: [at(1), at(2)],
    clock,
  });
}

async function run({ limits, callers: names, atOnce, requests, forMs, dear }: Ask): Promise<Report> {
  const bff = bffOf(limits);
  const outcomes: Outcome[] = [];
  bff.events.on('request', ({ limit, status, durationMs }: RequestFact) => {
    const { atMs = 0, order = 0, cost = 0, refusedBy = [], caller, standIn } = limit ?? {};
    outcomes.push({ atMs, order, cost, refusedBy, caller, standIn, status, durationMs });
  });
  const endMs = clock.monotonicMs() + (forMs ?? Number.POSITIVE_INFINITY);
  let sent = 0;
  const ask = async (): Promise<void> => {
    while (sent < requests && clock.monotonicMs() < endMs) {
      const turn = sent;
      sent += 1;
      const path = dear === true && turn % 3 === 0 ? '/two' : '/one';
      await bff.app.request(path, { headers: { 'x-caller': names[turn % names.length] ?? '' } });
      if (forMs !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return { outcomes };
}

process.on('message', (ask: Ask | 'end') => {
  if (ask === 'end') {
    store.close?.();
    process.disconnect();
    return;
  }
  void run(ask).then((report) => process.send?.(report));
});
process.send?.('ready');
