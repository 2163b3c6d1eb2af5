/**
 * From an upstream's bytes to the picked value. This is the one place where answers are parsed, so
 * that a faster way to read them can land here without touching a plan.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { GatewayError } from '../problem/gateway-error.ts';
import { asZod, narrow } from './mask.ts';
import type { OperationContract } from './operation.ts';

/** Turns the body of a 2xx answer into the value a plan sees. */
export type Decode = (body: Buffer) => unknown;

/**
 * Compiles the decoder of an operation from its schema and mask. Unknown and unpicked fields are
 * dropped, in arrays too; a picked field that is missing or of another type is an error.
 *
 * The function throws {@link GatewayError} `upstream-bad-answer`.
 *
 * @throws {RangeError} at boot when the mask does not fit the schema.
 */
export function compileDecode(contract: OperationContract): Decode {
  if (contract.response === undefined) return () => undefined;
  const schema = z.compile(asZod(narrow(contract.response, contract.mask)));
  return function decode(body: Buffer): unknown {
    const parsed = schema.safeParse(parseJson(body));
    if (parsed.success) return parsed.data;
    throw new GatewayError('upstream-bad-answer', { cause: parsed.error });
  };
}

function parseJson(body: Buffer): unknown {
  // RFC 8259, section 8.1: JSON is UTF-8. Reading anything else would replace letters in silence.
  if (!isUtf8(body)) {
    const cause = new TypeError(`the answer of ${body.byteLength} bytes is not UTF-8`);
    throw new GatewayError('upstream-bad-answer', { cause });
  }
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // The engine's own message quotes the text, and causes go into the log.
    const cause = new SyntaxError(`the answer of ${body.byteLength} bytes is not JSON`);
    throw new GatewayError('upstream-bad-answer', { cause });
  }
}
