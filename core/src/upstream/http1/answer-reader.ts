/**
 * Reads the answers of one connection, one after the other, from bytes that come in any pieces. The bytes are the
 * caller's: what is kept is copied.
 *
 * @module
 */
import type { TransportAnswer } from '../transport.ts';
import { type AnswerHead, parseHead } from './answer-head.ts';
import { type Body, ChunkedBody, OpenBody, SizedBody } from './body.ts';
import { notHttp } from './not-http.ts';

/** As Node and undici have it. */
const maxHeadBytes = 16_384;
/** Interim answers (1xx) before the one that counts. */
const maxInterim = 16;
const headEnd = Buffer.from('\r\n\r\n');
const switchingProtocols = 101;

/** An answer, and what it says about its connection. */
export class Http1Answer implements TransportAnswer {
  readonly status: number;
  readonly body: Buffer;
  readonly head: AnswerHead;

  constructor(head: AnswerHead, body: Buffer) {
    this.status = head.status;
    this.head = head;
    this.body = body;
  }

  header(name: string): string | undefined {
    const { fields } = this.head;
    let value: string | undefined;
    for (let at = 0; at < fields.length; at += 2) {
      if (fields[at] !== name) continue;
      value = value === undefined ? fields[at + 1] : `${value}, ${fields[at + 1]}`;
    }
    return value;
  }
}

export class AnswerReader {
  /** Whether a byte of the present answer has come. */
  hasBegun = false;
  /** Whether more came than the answer has: nobody asked for that. */
  hasSurplus = false;
  #maxBytes = 0;
  #interim = 0;
  #begun: Buffer | undefined;
  #head: AnswerHead | undefined;
  #body: Body | undefined;

  /** The next answer is to a new request. */
  begin(maxBytes: number): void {
    this.hasBegun = false;
    this.hasSurplus = false;
    this.#maxBytes = maxBytes;
    this.#interim = 0;
    this.#begun = undefined;
    this.#head = undefined;
    this.#body = undefined;
  }

  /**
   * Reads the first `length` of `bytes`.
   *
   * @returns The answer, when it is whole.
   * @throws GatewayError `upstream-broken-answer`, `upstream-bad-answer` when it is too large
   */
  read(bytes: Buffer, length: number): Http1Answer | undefined {
    this.hasBegun = true;
    if (this.#head !== undefined && this.#body !== undefined)
      return this.#readBody(this.#head, this.#body, bytes, 0, length);
    const all = this.#begun === undefined ? bytes : Buffer.concat([this.#begun, bytes.subarray(0, length)]);
    return this.#readHead(all, all === bytes ? length : all.length);
  }

  /** The connection has ended. @returns The answer, when that is how it ends. */
  end(): Http1Answer | undefined {
    if (this.#head?.framing !== 'until-end' || this.#body === undefined) return undefined;
    return new Http1Answer(this.#head, this.#body.bytes());
  }

  #readHead(bytes: Buffer, length: number): Http1Answer | undefined {
    for (let from = 0; ; ) {
      const end = bytes.indexOf(headEnd, from);
      const isThere = end >= 0 && end + headEnd.length <= length;
      if ((isThere ? end : length) - from > maxHeadBytes) throw notHttp('the head is too long');
      if (!isThere) {
        this.#begun = Buffer.from(bytes.subarray(from, length));
        return undefined;
      }
      const head = parseHead(bytes.toString('latin1', from, end + 2));
      from = end + headEnd.length;
      if (head.status >= 200) return this.#beginBody(head, bytes, from, length);
      this.#interim += 1;
      if (head.status === switchingProtocols || this.#interim > maxInterim)
        throw notHttp('an interim answer that was not asked for');
    }
  }

  #beginBody(head: AnswerHead, bytes: Buffer, from: number, to: number): Http1Answer | undefined {
    const { framing } = head;
    this.#begun = undefined;
    this.#head = head;
    this.#body =
      framing === 'chunked'
        ? new ChunkedBody(this.#maxBytes)
        : framing === 'until-end'
          ? new OpenBody(this.#maxBytes)
          : new SizedBody(framing, this.#maxBytes);
    return this.#readBody(head, this.#body, bytes, from, to);
  }

  #readBody(head: AnswerHead, body: Body, bytes: Buffer, from: number, to: number): Http1Answer | undefined {
    const end = body.take(bytes, from, to);
    if (!body.isWhole) return undefined;
    this.hasSurplus = end < to;
    return new Http1Answer(head, body.bytes());
  }
}
