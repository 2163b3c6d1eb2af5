/**
 * What the primary and its workers say to each other over the channel between them.
 *
 * @module
 */
import type { ProcessKeys } from '../../bff.ts';

/** A request to the admin port, on its way to the worker that answers it. */
export interface AdminRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/** What a worker needs before it can serve. */
export interface Start {
  /** Its place, from 1; whoever replaces it gets the same. */
  readonly slot: number;
  readonly port: number;
  readonly adminUrl: string;
  /** The same for all workers. */
  readonly keys: ProcessKeys;
  /** Operations that were switched off by hand. */
  readonly off: readonly string[];
}

/** Asks for an answer, for the next part of it, or for no more of it. */
export type Asking =
  | { readonly kind: 'ask'; readonly id: number; readonly request: AdminRequest }
  | { readonly kind: 'more'; readonly id: number }
  | { readonly kind: 'cancel'; readonly id: number };

/** The parts of an answer: a head, chunks (each after a `more`), and an end. */
export type Answering =
  | { readonly kind: 'head'; readonly id: number; readonly head: AdminHead }
  | { readonly kind: 'chunk'; readonly id: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end'; readonly id: number; readonly isBroken: boolean };

export interface AdminHead {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly hasBody: boolean;
}

/** Why a process could not start. */
export interface Failure {
  readonly reason: string;
  /** Whether it is a mistake of configuration, told in one line. */
  readonly isOurs: boolean;
}

export type ToWorker = ({ readonly kind: 'start' } & Start) | { readonly kind: 'leave' } | Asking;

export type ToPrimary =
  | { readonly kind: 'hello' }
  | { readonly kind: 'listening'; readonly url: string }
  | ({ readonly kind: 'failed' } & Failure)
  /** It closes because its own program said so; nobody replaces it. */
  | { readonly kind: 'leaving' }
  | { readonly kind: 'left'; readonly aborted: number }
  | Answering;

/** A message as it travels: others may use the same channel for their own. */
export interface Envelope<Message> {
  readonly bffkit: Message;
}

/** The message in something that came over the channel; nothing when it is somebody else's. */
export function messageIn<Message>(received: unknown): Message | undefined {
  if (typeof received !== 'object' || received === null) return undefined;
  return (received as Partial<Envelope<Message>>).bffkit;
}

/** The environment variable by which a process knows that it is a worker of `serve`, and at which place. */
export const slotVariable = 'BFFKIT_WORKER';
