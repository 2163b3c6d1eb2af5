/**
 * One upstream without sockets, for tests of single calls: the test answers every request by hand,
 * holds time still, and can ask at the end whether anything was left behind.
 *
 * @module
 */
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import type { CancelListener, Cancellation } from '../context/cancellation.ts';
import { EventBus } from '../context/event-bus.ts';
import type { CallFact } from '../context/events.ts';
import type { RequestContext } from '../context/request-context.ts';
import type { ProblemCode } from '../problem/codes.ts';
import { GatewayError, type GatewayErrorOptions } from '../problem/gateway-error.ts';
import { type BindingOptions, bind } from '../upstream/binding.ts';
import type { Worth } from '../upstream/bulkhead.ts';
import { del, get, patch, post, put, upstream } from '../upstream/operation.ts';
import { type Random, seededRandom } from '../upstream/random.ts';
import type { Transport, TransportRequest } from '../upstream/transport.ts';
import { openUpstream, type Upstream } from '../upstream/upstream.ts';
import type { FakeAnswer } from './fake-upstreams.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';
import { testContext, testInbound } from './test-context.ts';

const response = z.object({ id: z.string() });
const body = z.object({ id: z.string() });
const operations = upstream('shop', {
  operations: {
    get: get('/part', { response }),
    other: get('/other', { response }),
    put: put('/part', { body, response }),
    del: del('/part', { response }),
    post: post('/part', { body, response }),
    patch: patch('/part', { body, response }),
    safePost: post('/search', { body, response, isIdempotent: true }),
  },
});

export type RigOperation = keyof typeof operations;

/** One request that reached the wire. */
export interface SentRequest extends TransportRequest {
  /** Answers it; by default with a good part. */
  answer(fake?: FakeAnswer): Promise<void>;
  /** Fails it as the transport would. */
  fail(code?: ProblemCode, options?: GatewayErrorOptions): Promise<void>;
  /** Why it was aborted, or `undefined`. */
  abortedBy(): GatewayError | undefined;
}

/** What a test says about a call. */
export interface RigCall {
  /** Default `get`. */
  readonly operation?: RigOperation;
  /** Default `required`. */
  readonly worth?: Worth;
  /** The node's own timeout. Default none. */
  readonly timeoutMs?: number;
  /** The request's deadline. Default 1 000, of which 900 are for calls. */
  readonly deadlineMs?: number;
  /** How long the request runs before the call. Default 0. */
  readonly startAfterMs?: number;
  /** Why the request was cancelled before the call. Default: it was not. */
  readonly cancelled?: GatewayError;
}

/** A call under way. */
export interface StartedCall {
  readonly context: RequestContext;
  /** How it ended; `undefined` while it has not. */
  outcome(): unknown;
  /** The code it failed with, and how many seconds later to try again. */
  failure(): GatewayError | undefined;
  fact(): CallFact | undefined;
}

export interface UpstreamRig {
  readonly clock: ManualClock;
  readonly events: EventBus;
  readonly upstream: Upstream;
  readonly sent: readonly SentRequest[];
  readonly facts: readonly CallFact[];
  /** Says how loaded the process is. */
  setPressure(level: number): void;
  /** Starts a call and lets it go as far as it gets without an answer. */
  start(call?: RigCall): Promise<StartedCall>;
  /** The last request on the wire. */
  last(): SentRequest;
  /** Lets time pass, and everything that waited for it happen. */
  pass(ms: number): Promise<void>;
  /** Makes so many calls at once that take `ms` each, and forgets them. Default 20. */
  warm(ms: number, calls?: number, operation?: RigOperation): Promise<void>;
  /** What is still held: all zero once every call has ended. */
  leftovers(): Readonly<Record<string, number>>;
}

/** What {@link UpstreamRig.leftovers} says when nothing was left behind. */
export const nothingLeft = { timers: 0, listeners: 0, open: 0, running: 0, waiting: 0, pending: 0 };

export interface RigOptions extends Partial<BindingOptions<RigOperation>> {
  readonly random?: Random;
}

export function upstreamRig({ random = seededRandom(1), ...options }: RigOptions = {}): UpstreamRig {
  const clock = manualClock();
  const events = new EventBus();
  const facts: CallFact[] = [];
  events.on('call', (fact) => facts.push(fact));
  const wire = manualWire();
  let level = 0;
  const opened = openUpstream(bind(operations, { targets: 'http://shop.test', ...options }), {
    clock,
    events,
    random,
    pressure: { level: () => level },
    transport: wire.transport,
    probeTransport: undefined,
    traffic: () => undefined,
  });
  let listeners = 0;
  const calls = Object.fromEntries(
    Object.entries(operations).map(([name, { contract }]) => [name, opened.prepare(contract)]),
  );

  const start = async (call: RigCall = {}): Promise<StartedCall> => {
    const { operation = 'get', worth = 'required', timeoutMs = Number.POSITIVE_INFINITY } = call;
    const context = testContext(
      {},
      { clock, events, inbound: testInbound(), deadlineMs: call.deadlineMs ?? 1_000 },
    );
    clock.advance(call.startAfterMs ?? 0);
    if (call.cancelled !== undefined) context.cancellation.cancel(call.cancelled);
    countListeners(context.cancellation, (change) => {
      listeners += change;
    });
    let outcome: unknown;
    const request = { body: { id: '1' } };
    void calls[operation]?.(context, { name: 'node', timeoutMs, worth }, request)
      .then(
        (value) => {
          outcome = value;
        },
        (error: unknown) => {
          outcome = error;
        },
      )
      .finally(() => context.close());
    await turn();
    return {
      context,
      outcome: () => outcome,
      failure: () => (outcome instanceof GatewayError ? outcome : undefined),
      fact: () => context.calls[0],
    };
  };
  const last = (): SentRequest => {
    const request = wire.sent.at(-1);
    if (request === undefined) throw new Error('nothing was sent');
    return request;
  };
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await turn();
  };
  return {
    clock,
    events,
    upstream: opened,
    sent: wire.sent,
    facts,
    setPressure(next) {
      level = next;
    },
    start,
    last,
    pass,
    async warm(ms, count = 20, operation = 'get') {
      for (let made = 0; made < count; made += 1) await start({ operation, deadlineMs: 30_000 });
      await pass(ms);
      for (const request of wire.sent) await request.answer();
      wire.sent.length = 0;
      facts.length = 0;
    },
    leftovers() {
      const { bulkhead, targets } = opened.status();
      return {
        timers: clock.pending(),
        listeners,
        open: wire.open(),
        running: bulkhead.running,
        waiting: bulkhead.waiting,
        pending: targets.reduce((sum, { pending }) => sum + pending, 0),
      };
    },
  };
}

/** Watches who listens, without changing who hears. */
function countListeners(cancellation: Cancellation, onChange: (change: number) => void): void {
  const known = new Set<CancelListener>();
  const listen = cancellation.listen.bind(cancellation);
  const unlisten = cancellation.unlisten.bind(cancellation);
  cancellation.listen = (listener) => {
    if (!known.has(listener)) onChange(1);
    known.add(listener);
    listen(listener);
  };
  cancellation.unlisten = (listener) => {
    if (known.delete(listener)) onChange(-1);
    unlisten(listener);
  };
}

interface ManualWire {
  readonly transport: Transport;
  readonly sent: SentRequest[];
  open(): number;
}

/** A transport whose requests are answered by the test. */
export function manualWire(): ManualWire {
  const sent: SentRequest[] = [];
  let open = 0;
  return {
    sent,
    open: () => open,
    transport: {
      send(request) {
        const { promise, resolve, reject } = Promise.withResolvers<FakeAnswer>();
        let abortedBy: GatewayError | undefined;
        open += 1;
        sent.push({
          ...request,
          answer: (fake = { body: { id: '1' } }) => {
            resolve(fake);
            return turn();
          },
          fail: (code = 'upstream-unreachable', options = {}) => {
            reject(new GatewayError(code, options));
            return turn();
          },
          abortedBy: () => abortedBy,
        });
        const answer = promise.then(toAnswer).finally(() => {
          open -= 1;
        });
        return {
          answer,
          abort(reason) {
            abortedBy ??= reason;
            reject(reason);
          },
        };
      },
      close: () => Promise.resolve(),
    },
  };
}

function toAnswer({ status = 200, headers = {}, body: json }: FakeAnswer) {
  const fields: Readonly<Record<string, string>> = { 'content-type': 'application/json', ...headers };
  return {
    status,
    header: (name: string) => fields[name],
    body: Buffer.from(typeof json === 'string' ? json : JSON.stringify(json ?? null)),
  };
}
