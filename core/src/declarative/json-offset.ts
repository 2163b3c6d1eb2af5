/**
 * Where a part of a JSON text stands: a walk over text that is known to be JSON.
 *
 * @module
 */
const space = /[\s]*/y;
const stringToken = /"(?:[^"\\]|\\.)*"/y;
const scalar = /[^\s,\]}]+/y;

/** The offset of the value at `path`, or of the last part of the path that is there. */
export function offsetIn(text: string, path: readonly (string | number)[]): number {
  let at = skip(text, 0);
  for (const step of path) {
    const next = memberOf(text, at, step);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

function memberOf(text: string, start: number, step: string | number): number | undefined {
  const opening = text[start];
  if (opening !== '{' && opening !== '[') return undefined;
  let at = skip(text, start + 1);
  for (let index = 0; text[at] !== '}' && text[at] !== ']'; index += 1) {
    let name: string | number = index;
    if (opening === '{') {
      const end = endOf(text, at, stringToken);
      name = JSON.parse(text.slice(at, end)) as string;
      at = skip(text, skip(text, end) + 1); // the colon
    }
    if (name === step) return at;
    at = skip(text, endOfValue(text, at));
    if (text[at] === ',') at = skip(text, at + 1);
  }
  return undefined;
}

function endOfValue(text: string, start: number): number {
  const opening = text[start];
  if (opening === '"') return endOf(text, start, stringToken);
  if (opening !== '{' && opening !== '[') return endOf(text, start, scalar);
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = endOf(text, at, stringToken) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (character === '}' || character === ']') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function skip(text: string, at: number): number {
  return endOf(text, at, space);
}

function endOf(text: string, at: number, token: RegExp): number {
  token.lastIndex = at;
  return token.test(text) ? token.lastIndex : text.length;
}
