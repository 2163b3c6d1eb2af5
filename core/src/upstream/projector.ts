/**
 * Projects the bytes of an upstream's answer by a mask: what no plan reads is walked over and never
 * becomes a value; the rest is copied into a small text, and only that is parsed. The walk is done by
 * a WebAssembly module (`core/assembly/projector.ts`), sixteen bytes of a string at a time.
 *
 * For every input, `JSON.parse(project(bytes))` has of each object exactly the masked members that
 * `JSON.parse(bytes)` has. Duplicate keys stay in order, so the last one wins in both.
 *
 * @see {@link https://arxiv.org/abs/1902.08318 Langdale and Lemire}, parsing gigabytes of JSON per second
 * @module
 */
import { projectorWasm } from './projector-wasm.ts';

/** Which members are read: `true` for a whole value. Masks go through arrays. */
export type ByteMask = true | { readonly [field: string]: ByteMask };

/** The projected text, or nothing when the bytes are not JSON or too unusual: whoever asks then parses them. */
export type Project = (bytes: Uint8Array) => string | undefined;

/** Larger answers are parsed: the memory never shrinks. */
const maxInputBytes = 8 * 1_024 * 1_024;
const pageBytes = 65_536;
/** What loads and stores of 16 bytes may touch behind an input or an output. */
const slackBytes = 32;
const headerBytes = 8;
const fieldBytes = 32;

/** What Node has of WebAssembly and its types have not. */
declare const WebAssembly: {
  readonly Memory: new (options: {
    readonly initial: number;
  }) => {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  };
  readonly Module: new (binary: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const memory = new WebAssembly.Memory({ initial: 4 });
const { project: walk, check } = new WebAssembly.Instance(
  new WebAssembly.Module(Buffer.from(projectorWasm, 'base64')),
  { env: { memory } },
).exports as {
  readonly project: (mask: number, start: number, end: number, target: number) => number;
  readonly check: (start: number, end: number) => number;
};

let bytes = Buffer.from(memory.buffer);
/** Masks stand below this address, the input of a walk from here on: a walk is never interrupted. */
let masksEnd = 16;

/** Compiles the projection of a mask. The mask stays in memory; made at boot, never per request. */
export function compileProject(mask: Exclude<ByteMask, true>): Project {
  const maskAt = writeMask(mask);
  return function project(input) {
    if (input.length > maxInputBytes) return undefined;
    const end = masksEnd + input.length;
    const target = end + slackBytes;
    reserve(target + input.length + slackBytes);
    bytes.set(input, masksEnd);
    const length = walk(maskAt, masksEnd, end, target);
    return length === 0 ? undefined : bytes.toString('utf8', target, target + length);
  };
}

/** Whether the bytes are JSON, if they are UTF-8; false as well for what is too large or too deep to be walked over. */
export function isJson(input: Uint8Array): boolean {
  if (input.length > maxInputBytes) return false;
  const end = masksEnd + input.length;
  reserve(end + slackBytes);
  bytes.set(input, masksEnd);
  return check(masksEnd, end) === 1;
}

function reserve(size: number): void {
  if (size <= bytes.length) return;
  memory.grow(Math.ceil((size - bytes.length) / pageBytes));
  bytes = Buffer.from(memory.buffer);
}

function allocate(size: number): number {
  const at = masksEnd;
  masksEnd = (at + size + 15) & ~15;
  reserve(masksEnd);
  return at;
}

/** Writes a mask as the module reads it, and gives its address; 0 stands for a whole value. */
function writeMask(mask: ByteMask): number {
  if (mask === true) return 0;
  const fields = Object.entries(mask).map(([name, part]) => ({ ...writeKey(name), partAt: writeMask(part) }));
  const maskAt = allocate(headerBytes + fields.length * fieldBytes);
  bytes.writeUInt32LE(fields.length, maskAt);
  for (const [index, { keyAt, name, partAt }] of fields.entries()) {
    const at = maskAt + headerBytes + index * fieldBytes;
    const compared = Math.min(name.length, 8);
    bytes.writeUInt32LE(keyAt, at);
    bytes.writeUInt32LE(name.length + 2, at + 4);
    bytes.fill(0, at + 8, at + fieldBytes);
    name.copy(bytes, at + 8, 0, compared);
    bytes.fill(0xff, at + 16, at + 16 + compared);
    bytes.writeUInt32LE(partAt, at + 24);
  }
  return maskAt;
}

/** Writes `"name":`; a key whose text needs an escape never matches, and the answer is parsed instead. */
function writeKey(field: string): { readonly keyAt: number; readonly name: Buffer } {
  const key = Buffer.from(`${JSON.stringify(field)}:`);
  const keyAt = allocate(key.length + slackBytes);
  key.copy(bytes, keyAt);
  return { keyAt, name: key.subarray(1, -2) };
}
