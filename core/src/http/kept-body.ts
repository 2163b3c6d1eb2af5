/**
 * The body of an answer that is kept and sent often. Its entity tag and its length are worked out once, and each
 * coding is encoded once, at a level that takes longer and makes it smaller; whoever asks meanwhile waits for the
 * same. Its text is not encoded into bytes ahead: writing a string with its head is no slower (docs/cache.md).
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9111#section-4.1 RFC 9111, section 4.1}, variants of one answer
 * @module
 */
import { type BodyBytes, bodyBytes, byteLengthOf } from './body-bytes.ts';
import { type ContentCoding, compress } from './compress.ts';
import { etagOf } from './etag.ts';
import type { SentBody } from './sent-body.ts';

/** Whether there is room for so many bytes more beside the answer. They are given back when it is kept no longer. */
export type MayKeep = (bytes: number) => boolean;

/** This object, or what holds one encoding, without its content. */
const overheadBytes = 300;

export class KeptBody implements SentBody {
  readonly quality = 'kept';
  readonly text: string;
  /** Bytes of the text. */
  readonly bytes: number;
  /** The strong entity tag of the text. */
  readonly etag: string;
  readonly #mayKeep: MayKeep;
  readonly #encoded = new Map<ContentCoding, Buffer<ArrayBuffer> | Promise<Buffer<ArrayBuffer>>>();
  /** What cannot be kept is not worth the better level. */
  #isFull: boolean;

  constructor(text: string, mayKeep: MayKeep) {
    this.text = text;
    const content = bodyBytes(text);
    this.bytes = byteLengthOf(content);
    this.etag = etagOf(content);
    this.#mayKeep = mayKeep;
    this.#isFull = !mayKeep(overheadBytes);
  }

  plain(): BodyBytes {
    return bodyBytes(this.text);
  }

  encoded(coding: ContentCoding): Buffer<ArrayBuffer> | Promise<Buffer<ArrayBuffer>> {
    const known = this.#encoded.get(coding);
    if (known !== undefined) return known;
    const encoding = compress(this.text, coding, this.#isFull ? 'fresh' : 'kept');
    if (!(encoding instanceof Promise)) return this.#keep(coding, encoding);
    const shared = encoding.then(
      (content) => this.#keep(coding, content),
      (thrown: unknown) => {
        this.#encoded.delete(coding);
        throw thrown;
      },
    );
    this.#encoded.set(coding, shared);
    return shared;
  }

  #keep(coding: ContentCoding, content: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
    this.#isFull ||= !this.#mayKeep(overheadBytes + content.byteLength);
    if (this.#isFull) {
      this.#encoded.delete(coding);
      return content;
    }
    const own = ownMemory(content);
    this.#encoded.set(coding, own);
    return own;
  }
}

/** zlib answers with a piece of a buffer of 16 KiB, which the piece would keep alive. */
function ownMemory(content: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  if (content.byteLength === content.buffer.byteLength) return content;
  const own = Buffer.allocUnsafeSlow(content.byteLength);
  content.copy(own);
  return own;
}
