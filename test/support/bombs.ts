/**
 * Small bodies that become enormous when somebody unpacks them.
 *
 * @module
 */
import { once } from 'node:events';
import { constants, createBrotliCompress, gzipSync } from 'node:zlib';

const megabyte = Buffer.alloc(1_024 * 1_024, ' ');

/** About a kilobyte of gzip for every megabyte it unpacks to; never unpacked here. */
export function gzipBomb(megabytes: number): Buffer {
  const member = gzipSync(megabyte, { level: 9 });
  return Buffer.concat(Array.from({ length: megabytes }, () => member)); // RFC 1952: members may follow each other
}

/** A few bytes of brotli for every megabyte it unpacks to. */
export async function brotliBomb(megabytes: number): Promise<Buffer> {
  const packer = createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  const packed: Buffer[] = [];
  packer.on('data', (chunk: Buffer) => void packed.push(chunk));
  for (let written = 0; written < megabytes; written += 1) {
    if (!packer.write(megabyte)) await once(packer, 'drain');
  }
  packer.end();
  await once(packer, 'end');
  return Buffer.concat(packed);
}
