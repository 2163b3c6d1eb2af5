/**
 * Listening to channels of Redis through a connection of its own, which is opened with the first channel
 * and opened anew, on another node of a cluster, whenever it is lost.
 *
 * @see {@link https://redis.io/docs/latest/develop/interact/pubsub/ Redis, Pub/Sub}: what is published meanwhile is lost
 * @module
 */
import type { Redis } from 'ioredis';
import type { CancelTimer, Clock } from '../context/clock.ts';
import { retryStrategy } from './connect.ts';

export interface ListenerParts {
  /** Opens a connection that does not come back by itself. */
  open(): Redis;
  readonly clock: Clock;
  onMessage(channel: string, message: string): void;
  /** Listening to these channels began, at first or again: what was published before may be lost. */
  onBegin(channels: readonly string[]): void;
}

/** A connection that is silent is asked this often whether it is there. */
const pingMs = 2_000;

export class Listener {
  readonly #parts: ListenerParts;
  readonly #wanted = new Set<string>();
  #connection: Redis | undefined;
  #isReady = false;
  #isClosed = false;
  #attempts = 0;
  #cancelTimer: CancelTimer = () => {};

  constructor(parts: ListenerParts) {
    this.#parts = parts;
  }

  listen(channel: string): void {
    if (this.#isClosed || this.#wanted.has(channel)) return;
    const isFirst = this.#wanted.size === 0 && this.#connection === undefined;
    this.#wanted.add(channel);
    if (isFirst) this.#connect();
    else if (this.#isReady) void this.#begin([channel]);
  }

  leave(channel: string): void {
    this.#wanted.delete(channel);
    if (this.#isReady) this.#connection?.unsubscribe(channel).catch(() => {}); // what still comes is for nobody
  }

  close(): void {
    this.#isClosed = true;
    this.#wanted.clear();
    this.#cancelTimer();
    this.#connection?.disconnect();
  }

  #connect(): void {
    this.#cancelTimer();
    const connection = this.#parts.open();
    this.#connection = connection;
    connection.on('error', () => {}); // it ends, then
    connection.on('message', (channel, message) => this.#parts.onMessage(channel, message));
    connection.once('ready', () => {
      this.#isReady = true;
      void this.#begin([...this.#wanted]);
      this.#pingLater(connection);
    });
    connection.once('end', () => this.#onEnd());
  }

  #onEnd(): void {
    this.#connection = undefined;
    this.#isReady = false;
    this.#cancelTimer();
    if (this.#wanted.size === 0) return;
    this.#attempts += 1;
    this.#cancelTimer = this.#parts.clock.after(retryStrategy(this.#attempts), () => this.#connect());
  }

  async #begin(channels: readonly string[]): Promise<void> {
    const connection = this.#connection;
    if (channels.length === 0) return;
    try {
      await connection?.subscribe(...channels);
      this.#attempts = 0;
      this.#parts.onBegin(channels);
    } catch {
      connection?.disconnect(); // and again from the start
    }
  }

  #pingLater(connection: Redis): void {
    this.#cancelTimer = this.#parts.clock.after(pingMs, () => {
      connection.ping().then(
        () => {
          if (this.#connection === connection) this.#pingLater(connection);
        },
        () => connection.disconnect(),
      );
    });
  }
}
