/**
 * The difference between two JSON values as a patch of three words: add, remove, replace. Applied to the
 * first it gives the second exactly, the order of members included.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6902 RFC 6902}, JSON Patch
 * @see {@link https://www.rfc-editor.org/rfc/rfc6901 RFC 6901}, JSON Pointer
 * @module
 */

export type PatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/**
 * The text of the patch from one JSON text to another; never longer than the new text in one step.
 *
 * @example
 * patchText('{"a":1,"b":[]}', '{"a":2,"b":[]}'); // => '[{"op":"replace","path":"/a","value":2}]'
 */
export function patchText(before: string, after: string): string {
  if (before === after) return '[]';
  const steps: PatchStep[] = [];
  compare(JSON.parse(before), JSON.parse(after), '', steps);
  const text = JSON.stringify(steps);
  const whole = `[{"op":"replace","path":"","value":${after}}]`;
  return text.length < whole.length ? text : whole;
}

type Members = Readonly<Record<string, unknown>>;

function compare(before: unknown, after: unknown, path: string, steps: PatchStep[]): void {
  if (before === after) return;
  if (Array.isArray(before) && Array.isArray(after) && before.length > 0 && after.length > 0) {
    compareItems(before, after, path, steps);
  } else if (isObject(before) && isObject(after) && keepsOrder(before, after)) {
    compareMembers(before, after, path, steps);
  } else {
    steps.push({ op: 'replace', path, value: after });
  }
}

function compareItems(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  steps: PatchStep[],
): void {
  const common = Math.min(before.length, after.length);
  for (let index = 0; index < common; index += 1) {
    compare(before[index], after[index], `${path}/${index}`, steps);
  }
  for (let index = before.length - 1; index >= common; index -= 1) {
    steps.push({ op: 'remove', path: `${path}/${index}` });
  }
  for (const value of after.slice(common)) steps.push({ op: 'add', path: `${path}/-`, value });
}

function compareMembers(before: Members, after: Members, path: string, steps: PatchStep[]): void {
  for (const name of Object.keys(before)) {
    if (!Object.hasOwn(after, name)) steps.push({ op: 'remove', path: pointer(path, name) });
  }
  for (const [name, value] of Object.entries(after)) {
    const place = pointer(path, name);
    if (Object.hasOwn(before, name)) compare(memberOf(before, name), value, place, steps);
    else steps.push({ op: 'add', path: place, value });
  }
}

/** Members that are added come last: where they would not be, the object is replaced as a whole. */
function keepsOrder(before: Members, after: Members): boolean {
  const kept = Object.keys(before).filter((name) => Object.hasOwn(after, name));
  const added = Object.keys(after).filter((name) => !Object.hasOwn(before, name));
  const expected = Object.keys(after);
  return [...kept, ...added].every((name, index) => name === expected[index]);
}

/** JSON may have a member `__proto__`, which reading with a dot would not give. */
function memberOf(members: Members, name: string): unknown {
  return Object.getOwnPropertyDescriptor(members, name)?.value;
}

function pointer(path: string, name: string): string {
  return `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
