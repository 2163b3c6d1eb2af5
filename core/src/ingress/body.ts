/**
 * Reads a JSON body with every limit that keeps it harmless: real bytes, media type, nesting, number
 * of keys, and no key that could reach a prototype.
 *
 * @module
 */
import type { Inbound } from '../context/inbound.ts';
import { GatewayError } from '../problem/gateway-error.ts';

/** Default of `maxBodyBytes`: 100 KiB. */
export const defaultMaxBodyBytes = 100 * 1_024;

const maxDepth = 32;
const maxKeys = 10_000;
const jsonType = /^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** Hears how many bytes came. */
export type CountBytes = (bytes: number) => void;

/**
 * The parsed body. Counts the bytes that really come, whatever `Content-Length` says.
 *
 * @param maxBytes Upper bound in bytes.
 * @throws {GatewayError} `unsupported-media-type`, `body-too-large`, `invalid-json` or `validation-failed`.
 */
export async function readJsonBody(inbound: Inbound, maxBytes: number, count?: CountBytes): Promise<unknown> {
  requireJson(inbound);
  const value = parse(await readBodyText(inbound, maxBytes, count));
  requireHarmless(value);
  return value;
}

function requireJson(inbound: Inbound): void {
  if (inbound.header('content-encoding') !== undefined) {
    throw new GatewayError('unsupported-media-type', { detail: 'Send the body without Content-Encoding.' });
  }
  if (!jsonType.test(inbound.header('content-type') ?? '')) {
    throw new GatewayError('unsupported-media-type', {
      detail: 'Send the body as application/json in UTF-8.',
    });
  }
}

/**
 * The body as text, of whatever media type: for forms. Counts the bytes that really come.
 *
 * @param maxBytes Upper bound in bytes.
 * @throws {GatewayError} `body-too-large`, or `invalid-json` when it is not UTF-8.
 */
export async function readBodyText(
  inbound: Inbound,
  maxBytes: number,
  count: CountBytes = () => {},
): Promise<string> {
  const announced = Number(inbound.header('content-length'));
  if (announced > maxBytes) throw tooLarge(maxBytes);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of inbound.body() ?? []) {
    bytes += chunk.byteLength;
    count(chunk.byteLength);
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (cause) {
    throw new GatewayError('invalid-json', { detail: 'The body is not UTF-8.', cause });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The engine's own message quotes the text, and causes go into the log.
    throw new GatewayError('invalid-json', { cause: new SyntaxError(`${text.length} characters, not JSON`) });
  }
}

function requireHarmless(root: unknown): void {
  let keys = 0;
  let level = isObject(root) ? [root] : [];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > maxDepth) {
      throw new GatewayError('invalid-json', {
        detail: `The body is nested deeper than ${maxDepth} levels.`,
      });
    }
    const next: object[] = [];
    for (const value of level) {
      for (const [key, member] of Object.entries(value)) {
        keys += 1;
        if (keys > maxKeys) throw invalid(`The body has more than ${maxKeys} members.`);
        if (forbiddenKeys.has(key)) throw invalid(`The body has a member named '${key}'.`);
        if (isObject(member)) next.push(member);
      }
    }
    level = next;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('body-too-large', {
    detail: `The body may have at most ${maxBytes} bytes.`,
    headers: { connection: 'close' },
  });
}

function invalid(detail: string): GatewayError {
  return new GatewayError('validation-failed', { detail });
}
