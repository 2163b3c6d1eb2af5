/**
 * The live feed: server-sent events to the pages that are open. A tick a second, which is also the heartbeat;
 * breakers and problems at once. While nobody looks there is no timer and nothing is made.
 *
 * A reader who does not keep up is let go: its browser comes back and begins anew.
 *
 * @see {@link https://html.spec.whatwg.org/multipage/server-sent-events.html HTML, server-sent events}
 * @module
 */
import type { CancelTimer, Clock } from '../context/clock.ts';

/** What the feed is about. */
export interface FeedSource {
  /** Everything, for a page that just opened. */
  first(window: number): object;
  /** What changed since the last call, per window; `orders` are over once `turn` was called. */
  next(window: number): object;
  /** All pages have what there was. */
  turn(): void;
}

interface Reader {
  readonly window: number;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

/** Pages at once. */
export const maxReaders = 16;
const tickMs = 1_000;
/** Bytes that may wait for a reader. */
const maxWaiting = 4 * 1024 ** 2;
const encoder = new TextEncoder();

export class Feed {
  readonly #source: FeedSource;
  readonly #clock: Clock;
  readonly #readers = new Set<Reader>();
  #cancelTick: CancelTimer | undefined;

  constructor(source: FeedSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  get readers(): number {
    return this.#readers.size;
  }

  /** A stream for one more page; undefined when there are too many. */
  open(window: number): ReadableStream<Uint8Array> | undefined {
    if (this.#readers.size >= maxReaders) return undefined;
    let reader: Reader | undefined;
    const leave = (): void => {
      if (reader !== undefined) this.#leave(reader);
    };
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          reader = { window, controller };
          this.#readers.add(reader);
          this.#send(reader, frame('bff', this.#source.first(window)));
          this.#cancelTick ??= this.#clock.after(tickMs, () => this.#tick());
        },
        cancel: leave,
      },
      new ByteLengthQueuingStrategy({ highWaterMark: maxWaiting }),
    );
  }

  /** Tells everybody at once. */
  tell(event: string, data: object): void {
    if (this.#readers.size === 0) return;
    const text = frame(event, data);
    for (const reader of this.#readers) this.#send(reader, text);
  }

  #tick(): void {
    this.#cancelTick = this.#clock.after(tickMs, () => this.#tick());
    const frames = new Map<number, Uint8Array>();
    for (const reader of this.#readers) {
      const made = frames.get(reader.window) ?? frame('tick', this.#source.next(reader.window));
      frames.set(reader.window, made);
      this.#send(reader, made);
    }
    this.#source.turn();
  }

  #send(reader: Reader, bytes: Uint8Array): void {
    const { controller } = reader;
    if ((controller.desiredSize ?? 0) <= 0) {
      this.#leave(reader);
      controller.error(new Error('the reader does not keep up'));
      return;
    }
    controller.enqueue(bytes);
  }

  #leave(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#cancelTick?.();
    this.#cancelTick = undefined;
  }
}

function frame(event: string, data: object): Uint8Array {
  return encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
