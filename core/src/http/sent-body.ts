/**
 * What an answer asks of its body, whether it was just made or is kept.
 *
 * @module
 */
import type { BodyBytes } from './body-bytes.ts';
import type { ContentCoding, EncodingQuality } from './compress.ts';

export interface SentBody {
  readonly quality: EncodingQuality;
  /** Bytes without a coding. */
  readonly bytes: number;
  /** The strong entity tag. */
  readonly etag: string;
  /** The body without a coding. */
  plain(): BodyBytes;
  /** The encoded body: at once when it is there, or small. */
  encoded(coding: ContentCoding): Buffer<ArrayBuffer> | Promise<Buffer<ArrayBuffer>>;
}
