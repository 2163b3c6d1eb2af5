/**
 * Content coding: brotli or gzip by the client's preferences, from 1 KiB. Small bodies are encoded in
 * place, which costs less than a trip to the thread pool; large ones leave the event loop free.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3 RFC 9110, section 12.5.3}
 * @module
 */
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, constants, gzip, gzipSync } from 'node:zlib';

export type ContentCoding = 'br' | 'gzip';

/** Bodies below this many bytes are sent as they are. */
export const minCompressBytes = 1_024;

/** Measured: up to here encoding in place costs less CPU than the thread pool. */
const maxSyncBytes = 20_000;

/** Level 1 for brotli and gzip: for fresh bodies more costs several times the CPU for a few percent. */
const brotliOptions = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };
const gzipOptions = { level: 1 };

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

/**
 * The best coding `Accept-Encoding` allows; brotli wins a tie. Nothing when only identity is welcome, or
 * when the client says that it likes identity better.
 */
export function chooseCoding(acceptEncoding: string | undefined): ContentCoding | undefined {
  if (acceptEncoding === undefined) return undefined;
  let br: number | undefined;
  let gz: number | undefined;
  let any = 0;
  let identity = 0;
  for (const part of acceptEncoding.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((piece) => piece.trim());
    const quality = qualityOf(parameters);
    if (name === 'br') br = quality;
    else if (name === 'gzip' || name === 'x-gzip') gz = quality;
    else if (name === 'identity') identity = quality;
    else if (name === '*') any = quality;
  }
  const brotli = br ?? any;
  const gzipped = gz ?? any;
  const best = Math.max(brotli, gzipped);
  if (best <= 0 || best < identity) return undefined;
  return brotli >= gzipped ? 'br' : 'gzip';
}

/** The encoded body. */
export function compress(body: string, coding: ContentCoding): Buffer | Promise<Buffer> {
  if (body.length > maxSyncBytes)
    return coding === 'br' ? brotliAsync(body, brotliOptions) : gzipAsync(body, gzipOptions);
  return coding === 'br' ? brotliCompressSync(body, brotliOptions) : gzipSync(body, gzipOptions);
}

function qualityOf(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
  if (text === undefined) return 1;
  return /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
