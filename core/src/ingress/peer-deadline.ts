/**
 * A deadline that a trusted peer sends along: another gateway in front of this one that waits no
 * longer than so. It may shorten the endpoint's deadline, never lengthen it.
 *
 * @see {@link https://grpc.io/docs/guides/deadlines/ gRPC, deadline propagation}
 * @module
 */
import type { Inbound } from '../context/inbound.ts';
import { addressList, foldAddress } from './address-list.ts';

/** What is left of the budget, in milliseconds, given the endpoint's own. */
export type PeerDeadline = (inbound: Inbound, deadlineMs: number) => number;

/** @param trustedPeers Addresses or CIDR ranges whose `Bff-Deadline-Ms` is believed. Default none. */
export function peerDeadline(trustedPeers: readonly string[] = []): PeerDeadline {
  if (trustedPeers.length === 0) return (_inbound, deadlineMs) => deadlineMs;
  const trusted = addressList('trustedPeers', trustedPeers);
  return function deadlineOf(inbound, deadlineMs) {
    const sent = inbound.header('bff-deadline-ms');
    if (sent === undefined || !/^\d{1,9}$/.test(sent)) return deadlineMs;
    if (!trusted.has(foldAddress(inbound.peerAddress ?? ''))) return deadlineMs;
    return Math.min(deadlineMs, Math.max(1, Number(sent)));
  };
}
