/**
 * Transforms of JSON bodies. A field is a path such as `user.name` or `items[].total`; the rules become one
 * tree at boot, and a body is walked once, along its branches. Nothing that is passed in is changed.
 *
 * @module
 */
import { checkRules, type Rules } from './rules.ts';

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** By path. A rename gives the new name of the last step: `{ 'user.mail': 'email' }`. */
export type BodyRules = Rules<Json>;

/** From the parsed body to the one that is sent on. */
export type TransformBody = (value: unknown) => unknown;

const step = /^[^.[\]]+$/;
const forbidden = new Set(['__proto__', 'constructor', 'prototype']);
const maxDepth = 16;

/** The rules for one object, or for every item of one list. */
interface Branch {
  readonly remove: Set<string>;
  readonly rename: Map<string, string>;
  readonly replace: Map<string, Json>;
  readonly add: Map<string, Json>;
  readonly members: Map<string, Branch>;
  items: Branch | undefined;
}

/**
 * @throws {RangeError} for a path that is none, a name that reaches a prototype, and rules that contradict
 * each other.
 */
export function compileBody(where: string, rules: BodyRules): TransformBody {
  const { remove, rename, replace, add } = checkBody(where, rules);
  const root = branch();
  const place = (path: string): readonly [Branch, string] => placeOf(where, root, path);
  for (const path of remove) put(place(path), (at, name) => at.remove.add(name));
  for (const [path, to] of rename) put(place(path), (at, name) => at.rename.set(name, to));
  for (const [path, value] of replace) put(place(path), (at, name) => at.replace.set(name, value));
  for (const [path, value] of add) put(place(path), (at, name) => at.add.set(name, value));
  return (value) => walk(root, value);
}

function checkBody(where: string, rules: BodyRules): ReturnType<typeof checkRules<Json>> {
  const siblings = Object.entries(rules.rename ?? {}).map(([from, to]) => {
    if (typeof to !== 'string' || !step.test(to) || forbidden.has(to)) {
      throw new RangeError(`${where}: rename gives '${from}' the name '${String(to)}', which is none`);
    }
    return [from, from.replace(/[^.[\]]+$/, to)] as const;
  });
  checkRules(where, { ...rules, rename: Object.fromEntries(siblings) });
  return { ...checkRules(where, { ...rules, rename: {} }), rename: Object.entries(rules.rename ?? {}) };
}

function placeOf(where: string, root: Branch, path: string): readonly [Branch, string] {
  const steps = path.split('.');
  const last = steps.pop() ?? '';
  if (steps.length >= maxDepth) throw new RangeError(`${where}: '${path}' is deeper than ${maxDepth} steps`);
  let at = root;
  for (const written of steps) {
    const name = written.replace(/(?:\[\])+$/, '');
    const lists = (written.length - name.length) / 2;
    if (name !== '') at = memberOf(at, requireName(where, path, name));
    else if (at !== root || lists === 0) throw new RangeError(`${where}: '${path}' is not a path`);
    for (let list = 0; list < lists; list += 1) at = itemsOf(at);
  }
  return [at, requireName(where, path, last)];
}

function requireName(where: string, path: string, name: string): string {
  if (!step.test(name)) {
    throw new RangeError(`${where}: '${path}' is not a path such as user.name or items[].total`);
  }
  if (forbidden.has(name)) throw new RangeError(`${where}: '${path}' names '${name}'`);
  return name;
}

function put([at, name]: readonly [Branch, string], set: (at: Branch, name: string) => void): void {
  set(at, name);
}

function branch(): Branch {
  return {
    remove: new Set(),
    rename: new Map(),
    replace: new Map(),
    add: new Map(),
    members: new Map(),
    items: undefined,
  };
}

function memberOf(at: Branch, name: string): Branch {
  const known = at.members.get(name) ?? branch();
  at.members.set(name, known);
  return known;
}

function itemsOf(at: Branch): Branch {
  at.items ??= branch();
  return at.items;
}

function walk(at: Branch, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = at;
    return items === undefined ? value : value.map((item: unknown) => walk(items, item));
  }
  if (typeof value !== 'object' || value === null) return value;
  const members: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (at.remove.has(name)) continue;
    if (at.rename.size > 0 && hasSource(at, name, value)) continue;
    const inside = at.members.get(name);
    const walked = inside === undefined ? member : walk(inside, member);
    members.push([at.rename.get(name) ?? name, at.replace.has(name) ? at.replace.get(name) : walked]);
  }
  const names = new Set(members.map(([name]) => name));
  for (const [name, added] of at.add) if (!names.has(name)) members.push([name, added]);
  return Object.fromEntries(members); // defines its members: `__proto__` is then a name like any other
}

/** Whether something else gets this name: it then takes the place of what had it. */
function hasSource({ rename }: Branch, name: string, value: object): boolean {
  return [...rename].some(([from, to]) => to === name && Object.hasOwn(value, from));
}
