/**
 * The bodies that broken services send: a page where JSON was expected, and far too much JSON.
 *
 * @module
 */

/** The page of some proxy that stands in the way. */
export function htmlPage(): string {
  return '<!doctype html><html><head><title>Gateway</title></head><body><h1>Please sign in</h1></body></html>\n';
}

const OPENING = '{"items":["';
const CLOSING = '"]}';
const CHUNK = Buffer.alloc(64 * 1024, 'far too much ');

/** Valid JSON of exactly this many bytes, made as fast as it is read. */
export function hugeJson(bytes: number): ReadableStream<Uint8Array> {
  const chunks = chunksOf(bytes);
  return new ReadableStream({
    pull: (controller) => {
      const { done, value } = chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

function* chunksOf(bytes: number): Generator<Uint8Array, undefined> {
  yield Buffer.from(OPENING);
  let left = bytes - OPENING.length - CLOSING.length;
  for (; left > CHUNK.length; left -= CHUNK.length) yield CHUNK;
  yield CHUNK.subarray(0, left);
  yield Buffer.from(CLOSING);
}
