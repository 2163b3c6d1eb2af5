/**
 * Content coding: brotli, zstd or gzip by the client's preferences, from 1 KiB. Small bodies are encoded in
 * place, which costs less than a trip to the thread pool; large ones leave the event loop free. Levels and order
 * come from measurements: docs/shaping.md.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 RFC 9110, section 12.5.3}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8878 RFC 8878}, zstd; {@link https://www.rfc-editor.org/rfc/rfc7932 RFC 7932}, brotli
 * @module
 */
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import type { BodyBytes } from './body-bytes.ts';

export type ContentCoding = 'br' | 'zstd' | 'gzip';

/** How much an encoding may cost: `fresh` bodies are sent once, those that are `kept` are sent often. */
export type EncodingQuality = 'fresh' | 'kept';

/** Bodies below this many bytes are sent as they are. */
export const minCompressBytes = 1_024;

/** Measured: from here on zstd costs a fresh body no more than brotli does, and makes it smaller. */
const minZstdBytes = 4_096;

/** Measured: up to here encoding in place costs less CPU than the thread pool, and does not hold others up. */
const maxSyncLength = { fresh: 20_000, kept: 6_000 } as const satisfies Record<EncodingQuality, number>;

/** For fresh bodies higher levels cost several times the CPU for a few percent. */
const levels = {
  fresh: { br: 1, zstd: 3, gzip: 1 },
  kept: { br: 5, zstd: 9, gzip: 6 },
} as const satisfies Record<EncodingQuality, Record<ContentCoding, number>>;

const { constants } = zlib;
const codecs = {
  br: {
    now: zlib.brotliCompressSync,
    later: promisify<BodyBytes, object, Buffer<ArrayBuffer>>(zlib.brotliCompress),
    at: (level: number) => ({ params: { [constants.BROTLI_PARAM_QUALITY]: level } }),
  },
  zstd: {
    now: zlib.zstdCompressSync,
    later: promisify<BodyBytes, object, Buffer<ArrayBuffer>>(zlib.zstdCompress),
    at: (level: number) => ({ params: { [constants.ZSTD_c_compressionLevel]: level } }),
  },
  gzip: {
    now: zlib.gzipSync,
    later: promisify<BodyBytes, object, Buffer<ArrayBuffer>>(zlib.gzip),
    at: (level: number) => ({ level }),
  },
} as const;

const options = {
  fresh: optionsOf('fresh'),
  kept: optionsOf('kept'),
};

function optionsOf(quality: EncodingQuality): Record<ContentCoding, object> {
  const { br, zstd, gzip } = levels[quality];
  return { br: codecs.br.at(br), zstd: codecs.zstd.at(zstd), gzip: codecs.gzip.at(gzip) };
}

/**
 * Whether an answer may be encoded at all: it is large enough, is not encoded yet, is no stream of events, and
 * nobody said `no-transform` of it, as endpoints do that mix secrets with what the request says (BREACH).
 */
export function mayCompress(headers: Readonly<Record<string, string>>, bytes: number): boolean {
  return (
    bytes >= minCompressBytes &&
    headers['content-encoding'] === undefined &&
    !headers['cache-control']?.includes('no-transform') && // RFC 9110, section 7.7
    !headers['content-type']?.startsWith('text/event-stream')
  );
}

/** What each coding is worth to a client. */
interface Qualities {
  readonly br: number;
  readonly zstd: number;
  readonly gzip: number;
  readonly identity: number;
}

/**
 * The best coding `Accept-Encoding` allows; what the client likes equally is decided by what it costs and gains at
 * this size. Nothing when only identity is welcome, or when the client says that it likes identity better.
 */
export function chooseCoding(
  acceptEncoding: string | undefined,
  bytes = 0,
  quality: EncodingQuality = 'fresh',
): ContentCoding | undefined {
  if (acceptEncoding === undefined) return undefined;
  const { br, zstd, gzip, identity } = qualitiesIn(acceptEncoding);
  const best = Math.max(br, zstd, gzip);
  if (best <= 0 || best < identity) return undefined;
  const prefersZstd = quality === 'fresh' && bytes >= minZstdBytes;
  if (prefersZstd && zstd === best) return 'zstd';
  if (br === best) return 'br';
  return zstd === best ? 'zstd' : 'gzip';
}

function qualitiesIn(acceptEncoding: string): Qualities {
  let br: number | undefined;
  let zstd: number | undefined;
  let gzip: number | undefined;
  let any = 0;
  let identity = 0;
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const quality = qualityOf(parameters);
    if (name === 'br') br = quality;
    else if (name === 'zstd') zstd = quality;
    else if (name === 'gzip' || name === 'x-gzip') gzip = quality;
    else if (name === 'identity') identity = quality;
    else if (name === '*') any = quality;
  }
  return { br: br ?? any, zstd: zstd ?? any, gzip: gzip ?? any, identity };
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (text === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}

/**
 * The encoded body: at once when it is small, else from the thread pool.
 *
 * @param quality Use `kept` for what is encoded once and sent often, such as a variant of a cached answer.
 */
export function compress(
  body: BodyBytes,
  coding: ContentCoding,
  quality: EncodingQuality = 'fresh',
): Buffer<ArrayBuffer> | Promise<Buffer<ArrayBuffer>> {
  const { now, later } = codecs[coding];
  const level = options[quality][coding];
  return body.length > maxSyncLength[quality] ? later(body, level) : now(body, level);
}
