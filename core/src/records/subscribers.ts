/**
 * Who hears what on which channel, in this process.
 *
 * @module
 */

interface Subscriber {
  onMessage(message: string): void;
  onGap(): void;
}

/** A subscriber that throws breaks nothing but itself; the process warning channel tells of it. */
export class Subscribers {
  readonly #channels = new Map<string, ReadonlySet<Subscriber>>();

  /** The channels somebody listens to. */
  get channels(): readonly string[] {
    return [...this.#channels.keys()];
  }

  /** @returns How to stop; harmless when called again. */
  add(channel: string, subscriber: Subscriber): () => void {
    this.#channels.set(channel, new Set(this.#channels.get(channel)).add(subscriber));
    return () => {
      const rest = new Set(this.#channels.get(channel));
      rest.delete(subscriber);
      if (rest.size === 0) this.#channels.delete(channel);
      else this.#channels.set(channel, rest);
    };
  }

  deliver(channel: string, message: string): void {
    for (const subscriber of this.#channels.get(channel) ?? []) attempt(() => subscriber.onMessage(message));
  }

  /** Tells everybody, on all channels unless one is named, that messages may have been lost. */
  gap(channels: readonly string[] = this.channels): void {
    for (const channel of channels) {
      for (const subscriber of this.#channels.get(channel) ?? []) attempt(() => subscriber.onGap());
    }
  }

  clear(): void {
    this.#channels.clear();
  }
}

function attempt(call: () => void): void {
  try {
    call();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : new Error(String(error)));
  }
}
