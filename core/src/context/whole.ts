/**
 * The answer of a service as it was written: text that was found to be JSON and never became a value. It goes
 * through a plan unread, and into the client's answer by being spliced into its text.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8259 RFC 8259}
 * @module
 */
import { randomBytes } from 'node:crypto';

declare const answerType: unique symbol;

/** An answer of type `T`, unread: it has no readable property. A value of another type, narrower or wider, does not fit. */
export class Whole<in out T> {
  declare readonly [answerType]?: (value: T) => T;
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** @internal */
  static of<T>(text: string): Whole<T> {
    return new Whole<T>(text);
  }

  /** @internal */
  static isOne(value: unknown): value is Whole<unknown> {
    return typeof value === 'object' && value !== null && #text in value;
  }

  /** @internal */
  static textOf<T>(whole: Whole<T>): string {
    return whole.#text;
  }

  /** Stands for the text while an answer is written; anywhere else it throws. */
  toJSON(): string {
    if (spliced === undefined) {
      throw new TypeError(
        'what .whole() gave is not read: it can only go into the answer, where the response schema says whole(…)',
      );
    }
    spliced.push(this.#text);
    return placeholder;
  }
}

/** Takes a text that is known to be JSON. */
export const wholeFrom: <T>(text: string) => Whole<T> = Whole.of;

/** Whether it is an unread answer. */
export const isWhole: (value: unknown) => value is Whole<unknown> = Whole.isOne;

/** The text of an unread answer. */
export const wholeText: <T>(whole: Whole<T>) => string = Whole.textOf;

/** 128 random bits of this process, which never leave it: no data can have them. */
const placeholder = randomBytes(16).toString('hex');
const quoted = `"${placeholder}"`;
/** The texts that the answer under way needs, in their order; nothing while none is written. */
let spliced: string[] | undefined;

/**
 * `JSON.stringify` for a value with unread answers in it: their texts are spliced in as they are.
 *
 * @throws {TypeError} for what `JSON.stringify` refuses.
 */
export function stringifyWhole(value: unknown): string {
  if (isWhole(value)) return wholeText(value);
  const texts: string[] = [];
  spliced = texts;
  let written: string;
  try {
    written = JSON.stringify(value);
  } finally {
    spliced = undefined;
  }
  if (texts.length === 0) return written;
  const pieces = written.split(quoted);
  if (pieces.length !== texts.length + 1) throw new TypeError('the parts of the answer cannot be told apart');
  return pieces.map((piece, index) => piece + (texts[index] ?? '')).join('');
}
