/**
 * The byte projector, in AssemblyScript: walks over JSON text in linear memory, copies what a mask
 * wants and skips the rest, sixteen bytes of a string at a time. Strict: what it accepts, `JSON.parse`
 * accepts. Whatever is unusual (keys with escapes, nesting deeper than 64) it gives up on, with 0.
 *
 * Memory: masks from 16 on, then the input, 16 bytes of zero, the output. A zero is no JSON, so a walk
 * stops at the end of the input without asking where it is; loads of 16 bytes may reach into the gap.
 *
 * A mask is `[count, (keyAt, keyLength, first8, firstMask, maskAt) …]`: the key as written with its
 * quotes and a colon, its length with the quotes, its first 8 bytes after the quote as a number, which
 * bits of these count, and the mask of the value (0: all of it).
 *
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */

const GAVE_UP: usize = 0;
const FIELD_BYTES: usize = 32;
const MAX_ARRAYS: i32 = 16;
const MAX_NESTING: i32 = 64;

/** Where the next byte of the output goes. */
let out: usize = 0;

/**
 * Projects the value between `start` and `end` by the mask at `mask` to `target`.
 * Returns how many bytes were written; 0 when it gave up.
 */
export function project(mask: usize, start: usize, end: usize, target: usize): usize {
  v128.store(end, i64x2.splat(0));
  out = target;
  const after = walk(mask, skipSpace(start), 0);
  if (after === GAVE_UP || skipSpace(after) !== end) return 0;
  return out - target;
}

/** Whether what stands between `start` and `end` is JSON; 0 when it is not, or too deep to say. */
export function check(start: usize, end: usize): i32 {
  v128.store(end, i64x2.splat(0));
  const after = skipValue(skipSpace(start));
  return i32(after !== GAVE_UP && skipSpace(after) === end);
}

function put(byte: u8): void {
  store<u8>(out, byte);
  out += 1;
}

/** Copies in blocks of 16: the output may be overwritten behind its end, never behind what it may have. */
function copy(from: usize, length: usize): void {
  let at: usize = 0;
  do {
    v128.store(out + at, v128.load(from + at));
    at += 16;
  } while (at < length);
  out += length;
}

function walk(mask: usize, at: usize, arrays: i32): usize {
  const byte = load<u8>(at);
  if (mask !== 0) {
    if (byte === 0x7b) return walkMembers(mask, at);
    if (byte === 0x5b) return walkItems(mask, at, arrays);
  }
  const end = skipValue(at);
  if (end !== GAVE_UP) copy(at, end - at);
  return end;
}

function walkItems(mask: usize, at: usize, arrays: i32): usize {
  if (arrays === MAX_ARRAYS) return GAVE_UP;
  put(0x5b);
  let i = skipSpace(at + 1);
  if (load<u8>(i) !== 0x5d) {
    while (true) {
      i = walk(mask, i, arrays + 1);
      if (i === GAVE_UP) return GAVE_UP;
      i = skipSpace(i);
      const byte = load<u8>(i);
      if (byte === 0x5d) break;
      if (byte !== 0x2c) return GAVE_UP;
      put(0x2c);
      i = skipSpace(i + 1);
    }
  }
  put(0x5d);
  return i + 1;
}

function walkMembers(mask: usize, at: usize): usize {
  let separates = false;
  put(0x7b);
  let i = skipSpace(at + 1);
  if (load<u8>(i) !== 0x7d) {
    while (true) {
      if (load<u8>(i) !== 0x22) return GAVE_UP;
      const keyEnd = skipKeyString(i);
      if (keyEnd === GAVE_UP) return GAVE_UP;
      const field = findField(mask, i, keyEnd - i);
      i = skipSpace(keyEnd);
      if (load<u8>(i) !== 0x3a) return GAVE_UP;
      i = skipSpace(i + 1);
      if (field === 0) i = skipValue(i);
      else {
        if (separates) put(0x2c);
        separates = true;
        copy(load<u32>(field), load<u32>(field, 4) + 1);
        i = walk(load<u32>(field, 24), i, 0);
      }
      if (i === GAVE_UP) return GAVE_UP;
      i = skipSpace(i);
      const byte = load<u8>(i);
      if (byte === 0x7d) break;
      if (byte !== 0x2c) return GAVE_UP;
      i = skipSpace(i + 1);
    }
  }
  put(0x7d);
  return i + 1;
}

/** The field of the mask whose key stands at `key`, quotes included; 0 when it is not read. */
function findField(mask: usize, key: usize, length: usize): usize {
  const end = mask + 8 + <usize>load<u32>(mask) * FIELD_BYTES;
  const first8 = load<u64>(key + 1);
  for (let field = mask + 8; field < end; field += FIELD_BYTES) {
    if (load<u32>(field, 4) !== <u32>length) continue;
    if ((first8 & load<u64>(field, 16)) !== load<u64>(field, 8)) continue;
    if (length <= 10 || isSame(load<u32>(field) + 9, key + 9, length - 10)) return field;
  }
  return 0;
}

function isSame(one: usize, other: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i += 1) if (load<u8>(one + i) !== load<u8>(other + i)) return false;
  return true;
}

function skipSpace(at: usize): usize {
  let i = at;
  if (load<u8>(i) > 0x20) return i;
  while (true) {
    const byte = load<u8>(i);
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return i;
    i += 1;
  }
}

/** Whether a byte of a string ends its run: quote, backslash or control character, as a bit each. */
function stopsOf(block: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c))),
      i8x16.lt_u(block, i8x16.splat(0x20)),
    ),
  );
}

/** The index after the string whose opening quote is at `at`. */
function skipString(at: usize): usize {
  let i = at + 1;
  while (true) {
    const stops = stopsOf(v128.load(i));
    if (stops === 0) {
      i += 16;
      continue;
    }
    i += ctz(stops);
    const byte = load<u8>(i);
    if (byte === 0x22) return i + 1;
    if (byte !== 0x5c) return GAVE_UP;
    i = skipEscape(i + 1);
    if (i === GAVE_UP) return GAVE_UP;
  }
}

/** The same for a key; one with escapes is given up on. */
function skipKeyString(at: usize): usize {
  let i = at + 1;
  while (true) {
    const stops = stopsOf(v128.load(i));
    if (stops === 0) {
      i += 16;
      continue;
    }
    i += ctz(stops);
    return load<u8>(i) === 0x22 ? i + 1 : GAVE_UP;
  }
}

function skipEscape(at: usize): usize {
  const byte = load<u8>(at);
  if (byte === 0x75) {
    for (let i: usize = 1; i <= 4; i += 1) if (!isHex(load<u8>(at + i))) return GAVE_UP;
    return at + 5;
  }
  const isShort =
    byte === 0x22 ||
    byte === 0x5c ||
    byte === 0x2f ||
    byte === 0x62 ||
    byte === 0x66 ||
    byte === 0x6e ||
    byte === 0x72 ||
    byte === 0x74;
  return isShort ? at + 1 : GAVE_UP;
}

function isHex(byte: u8): bool {
  const letter = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66);
}

/** The index after the value that begins at `at`. */
function skipValue(at: usize): usize {
  let i = at;
  let depth = 0;
  let objects: u64 = 0; // a bit for each open container, the innermost lowest: whether it is an object
  while (true) {
    const byte = load<u8>(i);
    if (byte === 0x22) i = skipString(i);
    else if (byte === 0x7b || byte === 0x5b) {
      const isObject = byte === 0x7b;
      i = skipSpace(i + 1);
      if (load<u8>(i) === byte + 2)
        i += 1; // } is { + 2, ] is [ + 2
      else {
        if (depth === MAX_NESTING) return GAVE_UP;
        depth += 1;
        objects = (objects << 1) | u64(isObject);
        if (isObject) {
          i = skipKey(i);
          if (i === GAVE_UP) return GAVE_UP;
        }
        continue;
      }
    } else i = skipBare(i, byte);
    if (i === GAVE_UP) return GAVE_UP;
    // A value has ended: close what ends with it, then find the next one.
    while (true) {
      if (depth === 0) return i;
      i = skipSpace(i);
      const next = load<u8>(i);
      if (next === 0x2c) {
        i = skipSpace(i + 1);
        if ((objects & 1) !== 0) {
          i = skipKey(i);
          if (i === GAVE_UP) return GAVE_UP;
        }
        break;
      }
      if (next !== ((objects & 1) !== 0 ? 0x7d : 0x5d)) return GAVE_UP;
      depth -= 1;
      objects >>= 1;
      i += 1;
    }
  }
}

/** The index of the value whose key's quote is at `at`. */
function skipKey(at: usize): usize {
  if (load<u8>(at) !== 0x22) return GAVE_UP;
  const end = skipString(at);
  if (end === GAVE_UP) return GAVE_UP;
  const i = skipSpace(end);
  return load<u8>(i) === 0x3a ? skipSpace(i + 1) : GAVE_UP;
}

/** The index after the number or literal that begins at `at`. */
function skipBare(at: usize, byte: u8): usize {
  if (byte === 0x74) return load<u32>(at) === 0x65757274 ? at + 4 : GAVE_UP;
  if (byte === 0x6e) return load<u32>(at) === 0x6c6c756e ? at + 4 : GAVE_UP;
  if (byte === 0x66) return load<u32>(at, 1) === 0x65736c61 ? at + 5 : GAVE_UP;
  let i = byte === 0x2d ? at + 1 : at;
  if (load<u8>(i) === 0x30) i += 1;
  else {
    i = skipDigits(i);
    if (i === GAVE_UP) return GAVE_UP;
  }
  if (load<u8>(i) === 0x2e) {
    i = skipDigits(i + 1);
    if (i === GAVE_UP) return GAVE_UP;
  }
  if ((load<u8>(i) | 0x20) !== 0x65) return i;
  const sign = load<u8>(i, 1);
  return skipDigits(sign === 0x2b || sign === 0x2d ? i + 2 : i + 1);
}

/** One digit or more. */
function skipDigits(at: usize): usize {
  let i = at;
  while (load<u8>(i) - 0x30 < 10) i += 1;
  return i === at ? GAVE_UP : i;
}
