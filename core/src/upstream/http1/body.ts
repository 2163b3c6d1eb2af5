/**
 * Bodies as they come in, by the framing of their heads. Each takes what is its own out of the bytes that were read,
 * copies it, and knows when it is whole.
 *
 * @module
 */
import { isFieldLines } from './answer-head.ts';
import { notHttp, tooLarge } from './not-http.ts';

export interface Body {
  readonly isWhole: boolean;
  /** Takes bytes between `from` and `to`. @returns where what it did not take begins. */
  take(bytes: Buffer, from: number, to: number): number;
  /** All of it, once it is whole. */
  bytes(): Buffer;
}

/** A body of a length that is known. */
export class SizedBody implements Body {
  readonly #bytes: Buffer;
  #filled = 0;

  /** @throws GatewayError `upstream-bad-answer` for more than `maxBytes` */
  constructor(length: number, maxBytes: number) {
    if (length > maxBytes) throw tooLarge(maxBytes);
    this.#bytes = Buffer.allocUnsafe(length);
  }

  get isWhole(): boolean {
    return this.#filled === this.#bytes.length;
  }

  take(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.#bytes.length - this.#filled);
    this.#filled += bytes.copy(this.#bytes, this.#filled, from, end);
    return end;
  }

  bytes(): Buffer {
    return this.#bytes;
  }
}

/** A body that lasts until the connection ends. */
export class OpenBody implements Body {
  readonly isWhole = false;
  readonly #pile: Pile;

  constructor(maxBytes: number) {
    this.#pile = new Pile(maxBytes);
  }

  take(bytes: Buffer, from: number, to: number): number {
    this.#pile.add(bytes, from, to);
    return to;
  }

  bytes(): Buffer {
    return this.#pile.bytes();
  }
}

/** What one line of a chunked body may have: a size with its extensions. */
const maxSizeLine = 1_024;
const maxTrailers = 16_384;
const newline = 0x0a;
const framingField = /^(?:content-length|transfer-encoding):/i;
/** With extensions as they should be written; whoever writes spaces around them may mean something else. */
const sizeLine =
  /^([0-9a-f]{1,8})(?:;[!#$%&'*+\-.^_`|~0-9a-z]+(?:=(?:[!#$%&'*+\-.^_`|~0-9a-z]+|"[\t \x21\x23-\x5b\x5d-\x7e]*"))?)*\r\n$/i;

/**
 * A body in chunks. Extensions and trailers are checked and forgotten.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-7.1 RFC 9112, section 7.1}
 */
export class ChunkedBody implements Body {
  isWhole = false;
  readonly #pile: Pile;
  #awaits: 'size' | 'data' | 'end of data' | 'trailer' = 'size';
  #left = 0;
  #line = '';
  #trailers = 0;

  constructor(maxBytes: number) {
    this.#pile = new Pile(maxBytes);
  }

  take(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && !this.isWhole)
      at = this.#awaits === 'data' ? this.#takeData(bytes, at, to) : this.#takeLine(bytes, at, to);
    return at;
  }

  bytes(): Buffer {
    return this.#pile.bytes();
  }

  #takeData(bytes: Buffer, from: number, to: number): number {
    const end = Math.min(to, from + this.#left);
    this.#pile.add(bytes, from, end);
    this.#left -= end - from;
    if (this.#left === 0) this.#awaits = 'end of data';
    return end;
  }

  #takeLine(bytes: Buffer, from: number, to: number): number {
    let end = from;
    while (end < to && bytes[end] !== newline) end += 1;
    const isLine = end < to;
    if (isLine) end += 1;
    this.#line += bytes.toString('latin1', from, end);
    if (this.#line.length > maxSizeLine) throw notHttp('a line of a chunked body is too long');
    if (isLine) {
      const line = this.#line;
      this.#line = '';
      this.#read(line);
    }
    return end;
  }

  #read(line: string): void {
    if (this.#awaits === 'size') {
      const size = sizeLine.exec(line)?.[1];
      if (size === undefined) throw notHttp('a chunk without a size');
      this.#left = Number.parseInt(size, 16);
      this.#awaits = this.#left === 0 ? 'trailer' : 'data';
    } else if (this.#awaits === 'end of data') {
      if (line !== '\r\n') throw notHttp('a chunk longer than its size');
      this.#awaits = 'size';
    } else if (line === '\r\n') this.isWhole = true;
    else {
      this.#trailers += line.length;
      if (this.#trailers > maxTrailers || !isFieldLines(line)) throw notHttp('a trailer that is no field');
      if (framingField.test(line)) throw notHttp('a trailer that frames the answer again');
    }
  }
}

const firstBytes = 4_096;

/** Bytes whose number is not known before; however small the pieces, it takes at most twice what they have. */
class Pile {
  readonly #maxBytes: number;
  #bytes = Buffer.alloc(0);
  #filled = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(bytes: Buffer, from: number, to: number): void {
    const needed = this.#filled + to - from;
    if (needed > this.#maxBytes) throw tooLarge(this.#maxBytes);
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(firstBytes, needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#filled);
      this.#bytes = larger;
    }
    this.#filled += bytes.copy(this.#bytes, this.#filled, from, to);
  }

  bytes(): Buffer {
    return this.#bytes.subarray(0, this.#filled);
  }
}
