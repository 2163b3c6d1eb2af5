/**
 * The way of facts: whoever knows one says it, whoever subscribed hears it, in the same moment.
 *
 * @module
 */
import type { Facts } from './events.ts';

type Subscriber<T> = (fact: T) => void;

/** A typed, synchronous bus. A subscriber that throws breaks nothing but itself. */
export class EventBus {
  readonly #subscribers: { [K in keyof Facts]: readonly Subscriber<Facts[K]>[] } = {
    request: [],
    overBudget: [],
    call: [],
    breaker: [],
    limit: [],
    target: [],
    problem: [],
    switch: [],
    quota: [],
    limitStore: [],
    audit: [],
    cache: [],
    webhook: [],
  };
  readonly #onSubscriberError: (error: unknown) => void;

  /** @param onSubscriberError Hears what a subscriber threw; by default the process warning channel does. */
  constructor(onSubscriberError: (error: unknown) => void = warn) {
    this.#onSubscriberError = onSubscriberError;
  }

  /** Calls `subscriber` for every fact of this kind, until the returned function is called. */
  on<K extends keyof Facts>(kind: K, subscriber: Subscriber<Facts[K]>): () => void {
    const all: { [Kind in K]: readonly Subscriber<Facts[Kind]>[] } = this.#subscribers;
    all[kind] = [...all[kind], subscriber]; // a new list: whoever emits right now goes on with the old one
    let isSubscribed = true;
    return () => {
      if (!isSubscribed) return;
      isSubscribed = false;
      all[kind] = all[kind].toSpliced(all[kind].indexOf(subscriber), 1);
    };
  }

  emit<K extends keyof Facts>(kind: K, fact: Facts[K]): void {
    const subscribers: readonly Subscriber<Facts[K]>[] = this.#subscribers[kind];
    for (const subscriber of subscribers) {
      try {
        subscriber(fact);
      } catch (error) {
        this.#onSubscriberError(error);
      }
    }
  }
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
