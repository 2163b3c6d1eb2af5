/**
 * The head of an answer, from its text: strictly by the grammar, and with one possible framing or none at all.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.3 RFC 9112, section 6.3}, message body length
 * @module
 */
import { notHttp } from './not-http.ts';

export interface AnswerHead {
  readonly status: number;
  /** Bytes of the body; or that it comes in chunks, or lasts until the connection ends. */
  readonly framing: number | 'chunked' | 'until-end';
  /** Whether another request may follow on the connection. */
  readonly keepsAlive: boolean;
  /** For how many milliseconds the service keeps an idle connection, if it says so. */
  readonly idleMs: number | undefined;
  /** Names, in lowercase, and values by turns. */
  readonly fields: readonly string[];
}

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/;
/** Every field line, and nothing else; no space before the colon, no folded lines, no lone CR or LF. */
const fieldLines = /(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)*$/y;
/** What frames an answer has no tabs around it: readers differ in what they make of them. */
const wholeNumber = /^ *\d{1,15} *$/;
const inChunks = /^ *chunked *$/i;
const space = 0x20;
const tab = 0x09;

/**
 * Parses a head, with the line end of its last line and without the empty line.
 *
 * @throws GatewayError `upstream-broken-answer`
 */
export function parseHead(text: string): AnswerHead {
  const start = statusLine.exec(text);
  if (start === null) throw notHttp('no status line');
  fieldLines.lastIndex = start[0].length;
  if (!fieldLines.test(text)) throw notHttp('a line of the head is no field');
  const status = Number(start[2]);
  const isVersion11 = start[1] === '1';
  const fields: string[] = [];
  let length: number | undefined;
  let isChunked = false;
  let keepsAlive = isVersion11;
  let idleMs: number | undefined;
  for (let at = start[0].length; at < text.length; ) {
    const colon = text.indexOf(':', at);
    const end = text.indexOf('\r\n', colon);
    const name = text.slice(at, colon).toLowerCase();
    const value = trimmed(text, colon + 1, end);
    at = end + 2;
    fields.push(name, value);
    if (name === 'content-length') {
      if (length !== undefined) throw notHttp('two lengths');
      length = lengthOf(text.slice(colon + 1, end));
    } else if (name === 'transfer-encoding') {
      if (isChunked || !isVersion11 || !inChunks.test(text.slice(colon + 1, end)))
        throw notHttp('a transfer coding that was not asked for');
      isChunked = true;
    } else if (name === 'connection') {
      if (says(value, 'close')) keepsAlive = false;
      else if (!isVersion11 && says(value, 'keep-alive')) keepsAlive = true;
    } else if (name === 'keep-alive') idleMs = idleMsOf(value);
  }
  if (isChunked && length !== undefined) throw notHttp('a length and chunks');
  if (status < 200 && (isChunked || length !== undefined || !keepsAlive))
    throw notHttp('an interim answer that nothing can follow');
  if (status < 200 || status === 204 || status === 304)
    return { status, framing: 0, keepsAlive, idleMs, fields };
  const framing = isChunked ? 'chunked' : (length ?? 'until-end');
  return { status, framing, keepsAlive: keepsAlive && framing !== 'until-end', idleMs, fields };
}

/** Whether these are field lines and nothing else, each with its line end. */
export function isFieldLines(text: string): boolean {
  fieldLines.lastIndex = 0;
  return fieldLines.test(text);
}

/** Without spaces and tabs around it; `trim` would take more than these. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === space || code === tab;
}

function lengthOf(value: string): number {
  if (!wholeNumber.test(value)) throw notHttp('a length that is no number');
  return Number(value);
}

function says(list: string, option: string): boolean {
  if (list === option) return true;
  return list.split(',').some((part) => part.trim().toLowerCase() === option);
}

/** `timeout=5, max=100`, as many servers say it; whole seconds. */
function idleMsOf(value: string): number | undefined {
  const seconds = /(?:^|[ ,])timeout=(\d{1,6})(?:[ ,]|$)/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
}
