/**
 * The two sides of a value: what is sent and what is read of it, on either way.
 *
 * @module
 */
import type { JsonSchema } from '../document.ts';
import type { AnySchema, Placed } from './schemas.ts';

/** Where a value is, and how the reader's schema refuses some of what is sent there. */
export interface Fault {
  readonly place: string;
  readonly what: string;
}

/** Both sides of one value. */
export interface Pair {
  readonly sent: Placed;
  readonly read: Placed;
  /** Which way the value goes. */
  readonly way: 'request' | 'answer';
  readonly place: string;
  /** The pairs that are being compared around this one: a schema inside itself fits where it fits. */
  readonly around: readonly Pair[];
}

/** One alternative of each side. */
export interface Meeting extends Pair {
  readonly from: JsonSchema;
  readonly to: JsonSchema;
}

/** A part of both. */
export function within(pair: Pair, place: string, sent: AnySchema, read: AnySchema): Pair {
  return {
    ...pair,
    sent: { ...pair.sent, schema: sent },
    read: { ...pair.read, schema: read },
    place: pair.place + (place.startsWith('[') || pair.place === '' ? place : `.${place}`),
    around: [...pair.around, pair],
  };
}
