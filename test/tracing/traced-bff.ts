/**
 * A BFF that sends its traces to a real receiver, before one service that hears every `traceparent`: a screen of
 * three calls, of which one is repeated and one fails, and a part of one.
 *
 * @module
 */
import { anyone, type BffOptions, bind, endpoint, get, upstream } from 'bffkit';
import { type OtlpTracingOptions, otlpTracing } from 'bffkit/tracing';
import { z } from 'zod';
import * as faults from '../support/faults.ts';
import { type Fault, type FaultyUpstream, faultyUpstream } from '../support/faulty-upstream.ts';
import { type OtlpReceiver, otlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts';
import { neverOpens, type ServedBff, served } from '../support/served.ts';

const Part = z.object({ id: z.string() });
const shop = upstream('shop', {
  operations: {
    profile: get('/profile', { response: Part }),
    orders: get('/orders', { response: Part }),
    recs: get('/recs', { response: Part }),
    part: get('/parts/:id', { response: Part }),
  },
});
const hedged = upstream('hedged', { operations: { part: get('/hedged', { response: Part }) } });
const options = { access: anyone(), deadlineMs: 5_000, cost: 0 } as const;

const screen = endpoint('GET', '/screen', { ...options, summary: 'A screen.' })
  .plan(({ call, optional }) => ({
    profile: call(shop.profile, () => ({})),
    orders: optional(shop.orders, () => ({}), { fallback: () => ({ id: 'none' }) }),
    recs: optional(shop.recs, () => ({}), { fallback: () => ({ id: 'none' }) }),
  }))
  .respond(Part, ({ profile }) => profile);

const part = endpoint('GET', '/parts/:id', {
  ...options,
  summary: 'A part.',
  params: z.object({ id: z.string() }),
  query: z.object({ note: z.string().default('') }),
})
  .plan(({ call }) => ({ part: call(shop.part, ({ input }) => ({ params: { id: input.params.id } })) }))
  .respond(Part, ({ part: found }) => found);

const race = endpoint('GET', '/race', { ...options, summary: 'Whoever is first.' })
  .plan(({ call }) => ({ part: call(hedged.part, () => ({})) }))
  .respond(Part, ({ part: found }) => found);

export interface TracedBff {
  readonly bff: ServedBff;
  readonly service: FaultyUpstream;
  readonly receiver: OtlpReceiver;
  /** `problem` facts so far. */
  readonly problems: readonly string[];
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
  /** Closes the BFF, which sends what waits. */
  received(): Promise<readonly ReceivedSpan[]>;
  /** What the service was sent, by path: the parts of each `traceparent`. */
  heard(path: string): { readonly traceId: string; readonly spanId: string; readonly flags: string }[];
  close(): Promise<void>;
}

/** Everything is sampled unless `tracing` says otherwise. */
export async function tracedBff(
  tracing: OtlpTracingOptions = {},
  more: Partial<BffOptions> = {},
): Promise<TracedBff> {
  const receiver = await otlpReceiver();
  const service = await faultyUpstream(screenFaults());
  const bff = await served({
    endpoints: [screen, part, race],
    upstreams: [
      bind(shop, { targets: service.url, breaker: neverOpens, retry: { attempts: 1, backoffMs: 1 } }),
      bind(hedged, { targets: service.url, breaker: neverOpens, hedge: { maxShare: 0.5 } }),
    ],
    tracing: await otlpTracing({ url: receiver.url, share: 1, ...tracing }),
    ...more,
  });
  const problems: string[] = [];
  bff.bff.events.on('problem', ({ part: where, error }) => problems.push(`${where}: ${error.message}`));
  return {
    bff,
    service,
    receiver,
    problems,
    get: (path, headers = {}) => fetch(`${bff.url}${path}`, { headers: { ...headers } }),
    async received() {
      await bff.close();
      return receiver.spans;
    },
    heard: (path) =>
      service.requests
        .filter((request) => request.path === path)
        .map(({ headers }) => {
          const [, traceId = '', spanId = '', flags = ''] = headers.traceparent?.split('-') ?? [];
          return { traceId, spanId, flags };
        }),
    async close() {
      receiver.release();
      await bff.close();
      await service.close();
      await receiver.close();
    },
  };
}

/** Orders come at the second try, recommendations never. */
function screenFaults(): Fault {
  let orders = 0;
  return (socket, request) => {
    if (request.path === '/orders') orders += 1;
    const isFailing = request.path === '/recs' || (request.path === '/orders' && orders === 1);
    (isFailing ? faults.status(503) : faults.ok({ id: '1' }))(socket, request);
  };
}
