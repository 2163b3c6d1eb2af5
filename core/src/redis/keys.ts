/**
 * Keys of limits. The subject is hashed, so that no identifier is in clear and none can break the hash
 * tag; the tag is per subject, so that a cluster spreads callers and keeps each one's limits together.
 *
 * @see {@link https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/#hash-tags Redis, hash tags}
 * @module
 */
import { hash } from 'node:crypto';
import type { Claim } from '../limit/store.ts';

/** The key of a claim: `bffkit:{…}:token-bucket:default`. */
export function keyOf(prefix: string, { limit, subject }: Claim): string {
  return `${prefix}:{${tagOf(subject)}}:${limit.kind}:${limit.name}`;
}

/** 128 bits of SHA-256: two subjects never meet. */
export function tagOf(subject: string): string {
  return hash('sha256', subject, 'base64url').slice(0, 22);
}

/** Parts of the slots that are watched apart. */
const laneCount = 16;

/** The part of the slots that a tag is in. */
export function laneOf(tag: string): number {
  return Math.floor((slotOf(tag) * laneCount) / 16_384);
}

/** The slot of a tag: CRC-16/XMODEM modulo 16 384. */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1;
    crc &= 0xffff;
  }
  return crc % 16_384;
}
