/**
 * From an upstream's bytes to the picked value. This is the one place where answers are parsed: the
 * bytes are projected by the fields that are read, and only the small rest becomes a value. What is passed whole is
 * walked over, and stays text.
 *
 * @module
 */
import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { $ZodType } from 'zod/v4/core';
import { type Whole, wholeFrom } from '../context/whole.ts';
import { GatewayError } from '../problem/gateway-error.ts';
import { asZod, byteMaskOf, narrow } from './mask.ts';
import { type OperationContract, operationId } from './operation.ts';
import { type ByteMask, compileProject, isJson } from './projector.ts';
import { holdsWhole, requireProjected, requireUnread } from './whole.ts';

/** Turns the body of a 2xx answer into the value a plan sees. */
export type Decode = (body: Buffer) => unknown;

/**
 * Compiles the decoder of an operation from its schema and mask. Unknown and unpicked fields are
 * dropped, in arrays too; a picked field that is missing or of another type is an error.
 *
 * The function throws {@link GatewayError} `upstream-bad-answer`.
 *
 * @throws {RangeError} at boot when the mask does not fit the schema, or `whole` does not.
 */
export function compileDecode(contract: OperationContract): Decode {
  if (contract.response === undefined) return () => undefined;
  if (holdsWhole(contract.response)) {
    throw new RangeError('whole(…) is for the answers of endpoints; for an operation call .whole()');
  }
  const narrowed = narrow(contract.response, contract.mask);
  if (contract.isWhole) return compileUnread(contract, narrowed);
  const parse = compileParse(byteMaskOf(narrowed));
  const read = compileRead(narrowed);
  return (body) => read(parse(body));
}

function compileUnread(contract: OperationContract, narrowed: $ZodType): Decode {
  requireUnread(operationId(contract), narrowed);
  if (contract.mask === true) return readWhole;
  requireProjected(operationId(contract), narrowed);
  const mask = byteMaskOf(narrowed);
  return mask === true ? readWhole : compileReadPicked(mask, compileRead(narrowed));
}

/** Checks a value, and drops what is not picked. */
function compileRead(narrowed: $ZodType): (value: unknown) => unknown {
  const schema = z.compile(asZod(narrowed));
  return function read(value) {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new GatewayError('upstream-bad-answer', { cause: parsed.error });
  };
}

/** What is picked stays text; an answer too unusual for the projection is read. */
function compileReadPicked(mask: Exclude<ByteMask, true>, read: (value: unknown) => unknown): Decode {
  const project = compileProject(mask);
  return function readPicked(body): Whole<unknown> {
    requireUtf8(body);
    return wholeFrom(project(body) ?? JSON.stringify(read(parseJson(body))));
  };
}

/** Above this share of what is kept the projection costs more than it saves; measured. */
const worthwhileShare = 0.7;
/** After an answer that was kept nearly whole, so many are parsed before the next one is projected. */
const restAnswers = 31;

function compileParse(mask: ByteMask): Decode {
  if (mask === true) return parseJson;
  const project = compileProject(mask);
  let rest = 0;
  return function parse(body) {
    if (rest > 0) {
      rest -= 1;
      return parseJson(body);
    }
    requireUtf8(body);
    const text = project(body);
    if (text === undefined) return parseJson(body);
    if (text.length > body.byteLength * worthwhileShare) rest = restAnswers;
    return JSON.parse(text);
  };
}

/** RFC 8259, section 8.1: JSON is UTF-8. Reading anything else would replace letters in silence. */
function requireUtf8(body: Buffer): void {
  if (isUtf8(body)) return;
  const cause = new TypeError(`the answer of ${body.byteLength} bytes is not UTF-8`);
  throw new GatewayError('upstream-bad-answer', { cause });
}

/** Where it cannot be walked over, because it is no JSON or very deep, `JSON.parse` has the last word. */
function readWhole(body: Buffer): Whole<unknown> {
  requireUtf8(body);
  if (!isJson(body)) parseJson(body);
  return wholeFrom(body.toString('utf8'));
}

function parseJson(body: Buffer): unknown {
  requireUtf8(body);
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // The engine's own message quotes the text, and causes go into the log.
    const cause = new SyntaxError(`the answer of ${body.byteLength} bytes is not JSON`);
    throw new GatewayError('upstream-bad-answer', { cause });
  }
}
