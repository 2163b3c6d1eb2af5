/**
 * The least that is needed to know where an HTTP/1.1 answer ends: status, `Content-Length`, chunks.
 * A full parser in the load generator would measure the load generator.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6 RFC 9112, section 6}
 * @module
 */

/** What is remembered of an answer. */
export interface AnswerFacts {
  readonly status: number;
  /** Bytes of the body, without the framing. */
  readonly bodyBytes: number;
  /** The server closes the connection after this answer. */
  readonly closes: boolean;
}

type State = 'head' | 'body' | 'chunk-size' | 'chunk-data' | 'chunk-end' | 'trailer';

const endOfHead = Buffer.from('\r\n\r\n');
const lineFeed = 10;

/** Reads the answers of one connection, one after the other; requests are not pipelined. */
export class AnswerReader {
  #state: State = 'head';
  #head: Buffer | undefined;
  #status = 0;
  #bodyBytes = 0;
  #closes = false;
  #left = 0;
  #line = '';

  /**
   * Reads what arrived; returns the answer when it is complete. Bytes are not kept.
   *
   * @throws {Error} when the bytes are not such an answer, or more than one.
   */
  push(bytes: Buffer): AnswerFacts | undefined {
    let at = 0;
    while (at < bytes.length) {
      at = this.#step(bytes, at);
      if (this.#state !== 'head' || this.#head !== undefined) continue;
      if (at < bytes.length) throw new Error('bytes after the end of the answer');
      return { status: this.#status, bodyBytes: this.#bodyBytes, closes: this.#closes };
    }
    return undefined;
  }

  /** Reads one part from `at`; returns where the next begins. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at);
      case 'body':
      case 'chunk-data': {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        this.#bodyBytes += taken;
        if (this.#left === 0) this.#state = this.#state === 'body' ? 'head' : 'chunk-end';
        return at + taken;
      }
      case 'chunk-end':
      case 'chunk-size':
      case 'trailer':
        return this.#readLine(bytes, at);
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const known = this.#head?.length ?? 0;
    const head =
      this.#head === undefined ? bytes.subarray(at) : Buffer.concat([this.#head, bytes.subarray(at)]);
    const end = head.indexOf(endOfHead);
    if (end < 0) {
      this.#head = Buffer.from(head); // a copy: the socket uses its buffer again
      return bytes.length;
    }
    this.#head = undefined;
    const text = head.toString('latin1', 0, end);
    this.#status = Number(text.slice(9, 12));
    this.#bodyBytes = 0;
    this.#closes = /\r\nconnection: *close/i.test(text);
    const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
    if (this.#status === 304)
      this.#state = 'head'; // never has a body (RFC 9110, section 15.4.5)
    else if (length !== undefined) {
      this.#left = Number(length);
      this.#state = this.#left === 0 ? 'head' : 'body';
    } else if (/\r\ntransfer-encoding: *chunked/i.test(text)) this.#state = 'chunk-size';
    else throw new Error('an answer without a length');
    return at + end + endOfHead.length - known;
  }

  #readLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(lineFeed, at);
    if (end < 0) {
      this.#line += bytes.toString('latin1', at);
      return bytes.length;
    }
    const line = (this.#line + bytes.toString('latin1', at, end)).trim();
    this.#line = '';
    if (this.#state === 'chunk-end') this.#state = 'chunk-size';
    else if (this.#state === 'trailer') {
      if (line === '') this.#state = 'head';
    } else {
      this.#left = Number.parseInt(line, 16);
      if (Number.isNaN(this.#left)) throw new Error('a chunk without a size');
      this.#state = this.#left === 0 ? 'trailer' : 'chunk-data';
    }
    return end + 1;
  }
}
