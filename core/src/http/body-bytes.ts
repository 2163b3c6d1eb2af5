/**
 * A body as it is sent. V8 keeps text within Latin-1 a byte for a character and encodes it quickly: it stays text. To
 * encode any other takes ten times as long, so it becomes UTF-8 once, for its length, its tag, its coding and the wire.
 *
 * @module
 */

/** Text within Latin-1, or UTF-8. */
export type BodyBytes = string | Uint8Array<ArrayBuffer>;

/** Of text that V8 keeps a byte for a character it is known without a look that nothing matches. */
const beyondLatin1 = /[\u0100-\uffff]/;

export function bodyBytes(text: string): BodyBytes {
  return beyondLatin1.test(text) ? Buffer.from(text) : text;
}

/** Its length in UTF-8. */
export function byteLengthOf(body: BodyBytes): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
}
