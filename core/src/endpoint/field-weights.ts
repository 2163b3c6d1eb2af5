/**
 * Which field of an answer weighs what, in bytes of the JSON it is in.
 *
 * @module
 */
import { compress } from '../http/compress.ts';

/** One field of an answer, wherever it appears in it. */
export interface FieldWeight {
  /** `items.lines.sku`; the members of all items of a list together. */
  readonly field: string;
  /** How often it is there. */
  readonly count: number;
  /** Bytes of its keys and values, with what separates them. */
  readonly bytes: number;
  /** Of the bytes of the answer, in `[0, 1]`. */
  readonly share: number;
}

/** A field, and what leaving it out would save once the answer is compressed. */
export interface CompressedFieldWeight extends FieldWeight {
  readonly compressedBytes: number;
}

export interface AnswerWeight {
  readonly bytes: number;
  /** As brotli sends it. */
  readonly compressedBytes: number;
  readonly fields: readonly CompressedFieldWeight[];
}

/** The fields of a JSON text, the heaviest first. Brackets belong to nobody: the shares are together a little below 1. */
export function fieldWeights(body: string): FieldWeight[] {
  const tallies = new Map<string, { count: number; bytes: number }>();
  tally(JSON.parse(body), '', 0, tallies);
  const total = Buffer.byteLength(body);
  return [...tallies]
    .map(([field, { count, bytes }]) => ({ field, count, bytes, share: bytes / total }))
    .sort((one, other) => other.bytes - one.bytes);
}

/** Weighs an answer as it is, and without each of its fields. */
export async function weighAnswer(body: string): Promise<AnswerWeight> {
  const compressedBytes = await compressedSize(body);
  const answer: unknown = JSON.parse(body);
  const fields = await Promise.all(
    fieldWeights(body).map(async (weight) => {
      const rest = await compressedSize(JSON.stringify(without(answer, weight.field, '')) ?? '');
      return { ...weight, compressedBytes: Math.max(0, compressedBytes - rest) };
    }),
  );
  return { bytes: Buffer.byteLength(body), compressedBytes, fields };
}

async function compressedSize(body: string): Promise<number> {
  return (await compress(body, 'br')).byteLength;
}

type Tallies = Map<string, { count: number; bytes: number }>;

/** @param around Bytes of the key and of what separates it from its neighbours. */
function tally(value: unknown, field: string, around: number, tallies: Tallies): void {
  const parts = partsOf(value);
  if (parts === undefined) {
    add(tallies, field === '' ? '*' : field, 1, around + Buffer.byteLength(JSON.stringify(value)));
    return;
  }
  if (around > 0) add(tallies, field, 0, around); // the key of an object belongs to it
  for (const [name, part] of parts) {
    if (name === undefined) tally(part, field, 0, tallies);
    else
      tally(
        part,
        field === '' ? name : `${field}.${name}`,
        Buffer.byteLength(JSON.stringify(name)) + 2,
        tallies,
      );
  }
}

function add(tallies: Tallies, field: string, count: number, bytes: number): void {
  const known = tallies.get(field) ?? { count: 0, bytes: 0 };
  tallies.set(field, { count: known.count + count, bytes: known.bytes + bytes });
}

/** The members of an object by name, the items of a list without one; nothing for everything else. */
function partsOf(value: unknown): [string | undefined, unknown][] | undefined {
  if (Array.isArray(value)) return value.map((item) => [undefined, item]);
  return typeof value === 'object' && value !== null ? Object.entries(value) : undefined;
}

function without(value: unknown, field: string, path: string): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, field, path));
  if (typeof value !== 'object' || value === null) return value;
  const rest = Object.entries(value).flatMap(([name, part]) => {
    const here = path === '' ? name : `${path}.${name}`;
    return here === field && (partsOf(part) === undefined || isListOfPlain(part))
      ? []
      : [[name, without(part, field, here)] as const];
  });
  return Object.fromEntries(rest);
}

function isListOfPlain(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => partsOf(item) === undefined);
}
