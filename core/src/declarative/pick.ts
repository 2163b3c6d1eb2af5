/**
 * Paths of fields as a schema: so a declared pick is read like one that was written, and only its bytes are
 * parsed.
 *
 * @module
 */
import { type ZodType, z } from 'zod';

interface Tree {
  isLeaf: boolean;
  items: Tree | undefined;
  readonly members: Map<string, Tree>;
}

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * @param paths Such as `id`, `address.city`, `items[].id`; `[].id` where the answer is a list. Default: everything.
 * @throws {RangeError} for what is no path, and for two that cannot both be.
 *
 * @example
 * schemaOf(['id', 'items[].total']).parse({ id: 1, name: 'x', items: [{ total: 2, sku: 'y' }] }); // => { id: 1, items: [{ total: 2 }] }
 */
export function schemaOf(paths: readonly string[] | undefined): ZodType {
  if (paths === undefined) return z.json();
  const root = tree();
  for (const path of paths) plant(root, path);
  return shapeOf(root, 'the answer');
}

function plant(root: Tree, path: string): void {
  let at = root;
  for (const written of path.split('.')) {
    const name = written.replace(/(?:\[\])+$/, '');
    const lists = (written.length - name.length) / 2;
    if (/[[\]]/.test(name) || forbidden.has(name) || (name === '' && (lists === 0 || at !== root))) {
      throw new RangeError(`'${path}' is not a path such as id, address.city or items[].id`);
    }
    if (name !== '') {
      const known = at.members.get(name) ?? tree();
      at.members.set(name, known);
      at = known;
    }
    for (let list = 0; list < lists; list += 1) {
      at.items ??= tree();
      at = at.items;
    }
  }
  at.isLeaf = true;
}

function shapeOf({ isLeaf, items, members }: Tree, where: string): ZodType {
  const kinds = [isLeaf, items !== undefined, members.size > 0].filter(Boolean).length;
  if (kinds > 1)
    throw new RangeError(`${where} is picked as a whole and in parts, or as a list and as an object`);
  if (items !== undefined) return z.array(shapeOf(items, `${where}[]`)).nullable();
  if (members.size === 0) return z.json();
  const shape = [...members].map(([name, member]) => [name, shapeOf(member, `${where}.${name}`).optional()]);
  return z.object(Object.fromEntries(shape)).nullable();
}

function tree(): Tree {
  return { isLeaf: false, items: undefined, members: new Map() };
}
