/**
 * What a trusted peer says of the request it sends on: its place in a trace, and its id. Anybody else's words are
 * not heard: at a public edge a trace begins anew, or a client could choose what is recorded.
 *
 * @see {@link https://www.w3.org/TR/trace-context/ W3C Trace Context}
 * @module
 */
import type { Inbound } from '../context/inbound.ts';
import type { TraceParent } from '../context/trace.ts';
import { addressList, foldAddress } from './address-list.ts';

export interface PeerTrace {
  readonly requestId: string | undefined;
  readonly parent: TraceParent | undefined;
}

/** Nothing for who is not trusted. */
export type ReadPeerTrace = (inbound: Inbound) => PeerTrace | undefined;

const maxStateLength = 512;
const idForm = /^[A-Za-z0-9._-]{8,64}$/;
const parentForm = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** @param trustedPeers Addresses or CIDR ranges whose `traceparent`, `tracestate` and `X-Request-Id` are believed. Default none. */
export function peerTrace(trustedPeers: readonly string[] = []): ReadPeerTrace {
  if (trustedPeers.length === 0) return () => undefined;
  const trusted = addressList('trustedPeers', trustedPeers);
  return function readPeerTrace(inbound) {
    if (!trusted.has(foldAddress(inbound.peerAddress ?? ''))) return undefined;
    const id = inbound.header('x-request-id');
    return {
      requestId: id !== undefined && idForm.test(id) ? id : undefined,
      parent: parentOf(inbound.header('traceparent'), inbound.header('tracestate')),
    };
  };
}

/** A header that is not exactly right says nothing, and neither does its state. */
function parentOf(header = '', state?: string): TraceParent | undefined {
  const [, version, traceId = '', spanId = '', flags = '', more] = parentForm.exec(header) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return undefined;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return {
    traceId,
    spanId,
    isSampled: (Number.parseInt(flags, 16) & 1) === 1,
    state: state !== undefined && state.length <= maxStateLength ? state : undefined,
  };
}
