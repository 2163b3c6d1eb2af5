/**
 * The bodies of kept answers, one for each: made when an answer is sent for the second time, and gone with it.
 * What they take counts for the memory of the answer.
 *
 * @module
 */
import type { Cache } from '../cache/cache.ts';
import { KeptBody } from '../http/kept-body.ts';

export class KeptBodies {
  readonly #cache: Pick<Cache, 'grow'>;
  readonly #byAnswer = new WeakMap<object, KeptBody>();

  constructor(cache: Pick<Cache, 'grow'>) {
    this.#cache = cache;
  }

  /** The body of `answer`, which is kept under `key` and has this text. */
  of(key: string, answer: object, text: string): KeptBody {
    let body = this.#byAnswer.get(answer);
    if (body === undefined) {
      body = new KeptBody(text, (bytes) => this.#cache.grow(key, answer, bytes));
      this.#byAnswer.set(answer, body);
    }
    return body;
  }
}
