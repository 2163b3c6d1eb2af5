/**
 * Why work stops, and who must hear of it. One per request instead of a tree of `AbortSignal`s:
 * listeners are added and removed in the same function, and a real signal is made only for those
 * who ask.
 *
 * @module
 */
import type { GatewayError } from '../problem/gateway-error.ts';

export type CancelListener = (reason: GatewayError) => void;

export class Cancellation {
  #reason: GatewayError | undefined;
  #controller: AbortController | undefined;
  #listeners: CancelListener[] | undefined;

  /** Why it was cancelled, or `undefined` while it was not. */
  get reason(): GatewayError | undefined {
    return this.#reason;
  }

  /** The same as an `AbortSignal`, for code outside the core. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  /** Cancels once; later reasons are ignored. Every listener hears of it before this returns. */
  cancel(reason: GatewayError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#controller?.abort(reason);
    const listeners = this.#listeners;
    this.#listeners = undefined;
    if (listeners !== undefined) for (const listener of listeners) listener(reason);
  }

  /** Calls `listener` on cancellation, at once when it has happened. Pair with {@link unlisten}. */
  listen(listener: CancelListener): void {
    if (this.#reason !== undefined) listener(this.#reason);
    else if (this.#listeners === undefined) this.#listeners = [listener];
    else this.#listeners.push(listener);
  }

  unlisten(listener: CancelListener): void {
    const index = this.#listeners?.indexOf(listener) ?? -1;
    if (index < 0) return;
    const last = this.#listeners?.pop();
    if (last !== undefined && last !== listener) (this.#listeners as CancelListener[])[index] = last;
  }

  /** Settles like `work`, or rejects with the reason as soon as there is one. */
  async race<T>(work: Promise<T>): Promise<T> {
    let listener: CancelListener = () => {};
    const cancelled = new Promise<never>((_resolve, reject) => {
      listener = reject;
      this.listen(listener);
    });
    try {
      return await Promise.race([work, cancelled]);
    } finally {
      this.unlisten(listener);
    }
  }
}
