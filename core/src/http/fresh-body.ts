/**
 * The body of an answer that was just made, and is sent once.
 *
 * @module
 */
import { type BodyBytes, bodyBytes, byteLengthOf } from './body-bytes.ts';
import { type ContentCoding, compress } from './compress.ts';
import { etagOf } from './etag.ts';
import type { SentBody } from './sent-body.ts';

export class FreshBody implements SentBody {
  readonly quality = 'fresh';
  readonly bytes: number;
  readonly #content: BodyBytes;

  constructor(text: string) {
    this.#content = bodyBytes(text);
    this.bytes = byteLengthOf(this.#content);
  }

  get etag(): string {
    return etagOf(this.#content);
  }

  plain(): BodyBytes {
    return this.#content;
  }

  encoded(coding: ContentCoding): Buffer<ArrayBuffer> | Promise<Buffer<ArrayBuffer>> {
    return compress(this.#content, coding);
  }
}
