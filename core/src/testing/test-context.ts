/**
 * A request without a server: the facts a room reads, and a context around them. For tests of what
 * takes an `Inbound` or a `RequestContext`, such as an authenticator.
 *
 * @module
 */
import { EventBus } from '../context/event-bus.ts';
import { randomIds } from '../context/ids.ts';
import type { Inbound } from '../context/inbound.ts';
import { type ContextOptions, openContext, type RequestContext } from '../context/request-context.ts';
import { manualClock } from './manual-clock.ts';

/** What a test says about a request. */
export interface InboundFacts {
  /** Default `GET`. */
  readonly method?: string;
  /** Default `/`. */
  readonly target?: string;
  readonly peerAddress?: string;
  /** By lowercase name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body in the pieces in which it arrives; text is sent as UTF-8. Default none. */
  readonly body?: readonly (string | Uint8Array)[];
}

export interface TestInbound extends Inbound {
  /** The client leaves. */
  leave(): void;
  /** Pieces of the body that were read. */
  pieces(): number;
  /** How many wait to hear that the client left. */
  listeners(): number;
}

export function testInbound(facts: InboundFacts = {}): TestInbound {
  const { method = 'GET', target = '/', peerAddress, headers = {}, body } = facts;
  const listeners = new Set<() => void>();
  let pieces = 0;
  return {
    method,
    target,
    peerAddress,
    header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
    body() {
      if (body === undefined) return null;
      return (async function* arrive() {
        for (const piece of body) {
          pieces += 1;
          yield typeof piece === 'string' ? Buffer.from(piece) : piece;
        }
      })();
    },
    onGone(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    leave() {
      for (const listener of listeners) listener();
    },
    pieces: () => pieces,
    listeners: () => listeners.size,
  };
}

/** Opens a context: time stands still and the deadline is a second, unless `options` says otherwise. */
export function testContext(facts: InboundFacts = {}, options: Partial<ContextOptions> = {}): RequestContext {
  return openContext({
    clock: manualClock(),
    ids: randomIds(),
    events: new EventBus(),
    deadlineMs: 1_000,
    inbound: testInbound(facts),
    ...options,
  });
}
